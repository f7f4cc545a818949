"""The life of a cluster, from its request to its end."""

from typing import Any

import pytest

from local_aws.emr.simulated_runner import StepPlan
from tests.local_aws.emr.launching import FLEETS, Laptop, fleet, step

TERMINATED = "TERMINATED"
WITH_ERRORS = "TERMINATED_WITH_ERRORS"
FAILING = StepPlan("bad", exit_code=1)


@pytest.fixture
def laptop() -> Laptop:
    return Laptop()


def test_a_cluster_goes_through_its_states_and_ends_after_its_steps(laptop: Laptop) -> None:
    cluster = laptop.launch(steps=[step(), step()], keep=False)
    assert laptop.status(cluster) == ("STARTING", None, None)
    laptop.emr.advance(3)
    assert laptop.status(cluster) == ("STARTING", None, "Provisioning Amazon EC2 capacity")
    laptop.until_ready(cluster)
    assert laptop.status(cluster) == ("RUNNING", None, "Running step")
    laptop.emr.advance(7200)
    assert laptop.status(cluster) == (TERMINATED, "ALL_STEPS_COMPLETED", "Steps completed")
    assert laptop.states(cluster) == [
        "STARTING",
        "STARTING",
        "BOOTSTRAPPING",
        "RUNNING",
        "TERMINATING",
        TERMINATED,
    ]
    assert laptop.steps(cluster) == ["COMPLETED", "COMPLETED"]


def test_times_are_told_once_they_have_come(laptop: Laptop) -> None:
    cluster = laptop.launch(steps=[step()], keep=False)

    def times() -> dict[str, float]:
        told: dict[str, float] = laptop.call("DescribeCluster", ClusterId=cluster)["Cluster"]["Status"][
            "Timeline"
        ]
        return told

    assert set(times()) == {"CreationDateTime"}
    laptop.until_ready(cluster)
    assert set(times()) == {"CreationDateTime", "ReadyDateTime"}
    laptop.emr.advance(7200)
    assert times()["CreationDateTime"] < times()["ReadyDateTime"] < times()["EndDateTime"]


def test_a_cluster_that_is_kept_alive_waits_between_steps(laptop: Laptop) -> None:
    laptop.plan(FAILING)
    cluster = laptop.launch(hours=1)
    assert laptop.status(cluster) == ("WAITING", None, "Cluster ready to run steps.")
    for name, message in (
        ("good", "Cluster ready after last step completed."),
        ("bad", "Cluster ready after last step failed."),
    ):
        laptop.call("AddJobFlowSteps", JobFlowId=cluster, Steps=[step(name)])
        assert laptop.status(cluster) == ("RUNNING", None, "Running step")
        laptop.emr.advance(3600)
        assert laptop.status(cluster) == ("WAITING", None, message)


# ActionOnFailure of the first of three steps, whether the cluster is kept alive, whether it is protected: what becomes
# of the steps and of the cluster.
CASES: list[tuple[str, bool, bool, list[str], tuple[str, str | None, str]]] = [
    (
        "CONTINUE",
        True,
        False,
        ["FAILED", "COMPLETED", "COMPLETED"],
        ("WAITING", None, "Cluster ready after last step completed."),
    ),
    (
        "CONTINUE",
        False,
        False,
        ["FAILED", "COMPLETED", "COMPLETED"],
        (TERMINATED, "STEP_FAILURE", "Steps completed with errors"),
    ),
    (
        "CANCEL_AND_WAIT",
        True,
        False,
        ["FAILED", "CANCELLED", "CANCELLED"],
        ("WAITING", None, "Cluster ready after last step cancelled."),
    ),
    (
        "CANCEL_AND_WAIT",
        False,
        False,
        ["FAILED", "CANCELLED", "CANCELLED"],
        (TERMINATED, "STEP_FAILURE", "Steps completed with errors"),
    ),
    *(
        (
            action,
            keep,
            False,
            ["FAILED", "CANCELLED", "CANCELLED"],
            (WITH_ERRORS, "STEP_FAILURE", "Shut down as step failed"),
        )
        for action in ("TERMINATE_CLUSTER", "TERMINATE_JOB_FLOW")
        for keep in (True, False)
    ),
    (
        "TERMINATE_CLUSTER",
        True,
        True,
        ["FAILED", "CANCELLED", "CANCELLED"],
        ("WAITING", None, "Cluster ready after last step cancelled."),
    ),
    (
        "TERMINATE_CLUSTER",
        False,
        True,
        ["FAILED", "CANCELLED", "CANCELLED"],
        (WITH_ERRORS, "STEP_FAILURE", "Shut down as step failed"),
    ),
]


@pytest.mark.parametrize(("action", "keep", "is_protected", "steps", "status"), CASES)
def test_a_failing_step_does_what_its_action_on_failure_says(
    laptop: Laptop, action: str, keep: bool, is_protected: bool, steps: list[str], status: Any
) -> None:
    laptop.plan(FAILING)
    cluster = laptop.launch(
        steps=[step("bad", action), step(), step()],
        keep=keep,
        instances={"TerminationProtected": is_protected},
        hours=5,
    )
    assert laptop.steps(cluster) == steps
    assert laptop.status(cluster) == status


def test_with_concurrency_no_action_on_failure_acts(laptop: Laptop) -> None:
    laptop.plan(FAILING)
    steps = [step("bad", "TERMINATE_CLUSTER"), step(), step()]
    cluster = laptop.launch(steps=steps, StepConcurrencyLevel=2, hours=5)
    assert laptop.steps(cluster) == ["FAILED", "COMPLETED", "COMPLETED"]
    assert laptop.status(cluster)[0] == "WAITING"


def test_a_launch_that_is_refused_later_ends_with_errors(laptop: Laptop) -> None:
    laptop.emr.account.launch_failures.append(("VALIDATION_ERROR", "EMR service role is invalid"))
    cluster = laptop.launch(steps=[step()], hours=1)
    assert laptop.status(cluster) == (WITH_ERRORS, "VALIDATION_ERROR", "EMR service role is invalid")
    assert laptop.steps(cluster) == ["CANCELLED"]
    assert (
        "ReadyDateTime"
        not in laptop.call("DescribeCluster", ClusterId=cluster)["Cluster"]["Status"]["Timeline"]
    )
    assert laptop.call("ListInstances", ClusterId=cluster)["Instances"] == []


def test_a_task_fleet_without_capacity_holds_nothing_up(laptop: Laptop) -> None:
    dear = [{"InstanceType": "m5.xlarge", "BidPrice": "0.001"}]
    cluster = laptop.launch(*FLEETS, fleet("TASK", spot=4, InstanceTypeConfigs=dear), steps=[step()], hours=2)
    assert laptop.status(cluster)[0] == "WAITING"
    assert laptop.fleets(cluster)["TASK"]["Status"]["State"] == "PROVISIONING"


def test_an_idle_cluster_ends_by_its_policy_and_a_busy_one_does_not(laptop: Laptop) -> None:
    policy = {"IdleTimeout": 1800}
    cluster = laptop.launch(AutoTerminationPolicy=policy)
    laptop.until_ready(cluster)
    laptop.emr.advance(1500)
    laptop.call("AddJobFlowSteps", JobFlowId=cluster, Steps=[step()])
    laptop.emr.advance(600)
    assert laptop.status(cluster)[0] in ("RUNNING", "WAITING")
    laptop.emr.advance(2 * 3600)
    assert laptop.status(cluster)[0] == TERMINATED


@pytest.mark.parametrize("blind_spot", ["hdfs", "protected"])
def test_a_cluster_with_full_hdfs_or_protected_is_never_ended_for_idleness(
    laptop: Laptop, blind_spot: str
) -> None:
    cluster = laptop.launch(AutoTerminationPolicy={"IdleTimeout": 60})
    if blind_spot == "hdfs":
        laptop.emr.cluster(cluster).hdfs_use = 0.1
    else:
        laptop.call("SetTerminationProtection", JobFlowIds=[cluster], TerminationProtected=True)
    laptop.emr.advance(86400)
    assert laptop.status(cluster)[0] == "WAITING"
    laptop.emr.cluster(cluster).hdfs_use = 0.0
    laptop.call("SetTerminationProtection", JobFlowIds=[cluster], TerminationProtected=False)
    laptop.emr.advance(3600)
    assert laptop.status(cluster)[0] == TERMINATED


def test_a_policy_alone_does_not_keep_a_cluster_alive(laptop: Laptop) -> None:
    cluster = laptop.launch(AutoTerminationPolicy={"IdleTimeout": 86400}, steps=[step()], keep=False, hours=3)
    assert laptop.status(cluster)[:2] == (TERMINATED, "ALL_STEPS_COMPLETED")


def test_a_waiting_cluster_that_is_no_longer_kept_alive_ends(laptop: Laptop) -> None:
    cluster = laptop.launch(hours=1)
    laptop.call("SetKeepJobFlowAliveWhenNoSteps", JobFlowIds=[cluster], KeepJobFlowAliveWhenNoSteps=False)
    laptop.emr.advance(600)
    assert laptop.status(cluster) == (TERMINATED, "ALL_STEPS_COMPLETED", "Steps completed")


def test_no_instance_outlives_its_cluster(laptop: Laptop) -> None:
    cluster = laptop.launch(*FLEETS, fleet("TASK", spot=6), steps=[step()], hours=1)
    laptop.call("TerminateJobFlows", JobFlowIds=[cluster])
    assert laptop.status(cluster) == ("TERMINATING", "USER_REQUEST", "Terminated by user request")
    laptop.emr.advance(600)
    assert laptop.status(cluster) == (TERMINATED, "USER_REQUEST", "Terminated by user request")
    instances = laptop.call("ListInstances", ClusterId=cluster)["Instances"]
    assert len(instances) >= 6
    assert {found["Status"]["State"] for found in instances} == {TERMINATED}
    market = laptop.emr.world.supply.market
    assert set(market._in_use.values()) <= {0}


def test_the_same_seed_and_calls_give_the_same_trace() -> None:
    def trace(seed: str) -> str:
        laptop = Laptop(seed)
        laptop.plan(StepPlan("bad", exit_code=1))
        for _ in range(3):
            laptop.launch(*FLEETS, fleet("TASK", spot=6), steps=[step(), step("bad")], hours=0.5)
        laptop.emr.advance(86400)
        return "\n".join(laptop.emr.world.trace)

    assert trace("a") == trace("a")
    assert trace("a") != trace("b")
