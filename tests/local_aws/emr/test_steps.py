"""The order of steps, and their end."""

import pytest

from local_aws.emr.simulated_runner import StepPlan
from tests.local_aws.emr.launching import Laptop, step


@pytest.fixture
def laptop() -> Laptop:
    made = Laptop()
    made.plan(StepPlan("long", minutes=(60, 60)), StepPlan("short", minutes=(1, 1)))
    return made


def waiting(laptop: Laptop, concurrency: int = 1) -> str:
    """Launch a cluster that waits for steps."""
    cluster = laptop.launch(StepConcurrencyLevel=concurrency, hours=1)
    assert laptop.status(cluster)[0] == "WAITING"
    return cluster


def add(laptop: Laptop, cluster: str, *names: str) -> list[str]:
    steps = [step(name) for name in names]
    ids: list[str] = laptop.call("AddJobFlowSteps", JobFlowId=cluster, Steps=steps)["StepIds"]
    return ids


def test_steps_run_one_after_the_other(laptop: Laptop) -> None:
    cluster = waiting(laptop)
    add(laptop, cluster, "long", "short", "short")
    assert laptop.steps(cluster) == ["PENDING", "PENDING", "PENDING"]
    laptop.emr.advance(60)
    assert laptop.steps(cluster) == ["RUNNING", "PENDING", "PENDING"]
    laptop.emr.advance(3600)
    assert laptop.steps(cluster)[0] == "COMPLETED"
    laptop.emr.advance(300)
    assert laptop.steps(cluster) == ["COMPLETED"] * 3


def test_as_many_steps_run_at_once_as_the_level_says(laptop: Laptop) -> None:
    cluster = waiting(laptop, concurrency=2)
    add(laptop, cluster, "long", "long", "long", "short")
    laptop.emr.advance(60)
    assert laptop.steps(cluster) == ["RUNNING", "RUNNING", "PENDING", "PENDING"]
    assert laptop.call("ModifyCluster", ClusterId=cluster, StepConcurrencyLevel=4) == {
        "StepConcurrencyLevel": 4
    }
    laptop.emr.advance(30)
    assert laptop.steps(cluster) == ["RUNNING"] * 4
    laptop.call("ModifyCluster", ClusterId=cluster, StepConcurrencyLevel=1)
    add(laptop, cluster, "short")
    laptop.emr.advance(1800)
    assert laptop.steps(cluster) == ["RUNNING", "RUNNING", "RUNNING", "COMPLETED", "PENDING"]


def test_a_step_that_is_cancelled_before_it_runs_never_does(laptop: Laptop) -> None:
    cluster = waiting(laptop)
    ids = add(laptop, cluster, "long", "short", "short")
    laptop.emr.advance(60)
    answer = laptop.call("CancelSteps", ClusterId=cluster, StepIds=ids[1:2])
    assert answer["CancelStepsInfoList"] == [{"StepId": ids[1], "Status": "SUBMITTED"}]
    assert laptop.steps(cluster) == ["RUNNING", "CANCELLED", "PENDING"]
    told = laptop.call("DescribeStep", ClusterId=cluster, StepId=ids[1])["Step"]["Status"]["Timeline"]
    assert set(told) == {"CreationDateTime"}
    laptop.emr.advance(2 * 3600)
    assert laptop.steps(cluster) == ["COMPLETED", "CANCELLED", "COMPLETED"]


def test_a_running_step_that_is_cancelled_keeps_its_slot_until_it_has_ended(laptop: Laptop) -> None:
    cluster = waiting(laptop)
    ids = add(laptop, cluster, "long", "short")
    laptop.emr.advance(60)
    laptop.call("CancelSteps", ClusterId=cluster, StepIds=ids[:1])
    assert laptop.steps(cluster) == ["CANCEL_PENDING", "PENDING"]
    laptop.emr.advance(4)
    assert laptop.steps(cluster) == ["CANCEL_PENDING", "PENDING"]
    laptop.emr.advance(20)
    assert laptop.steps(cluster) == ["CANCELLED", "RUNNING"]


@pytest.mark.parametrize("action", ["CANCEL_AND_WAIT", "TERMINATE_CLUSTER"])
def test_a_cancelled_step_lets_no_action_on_failure_act(laptop: Laptop, action: str) -> None:
    cluster = waiting(laptop)
    steps = [step("long", action), step("short")]
    ids = laptop.call("AddJobFlowSteps", JobFlowId=cluster, Steps=steps)["StepIds"]
    laptop.emr.advance(60)
    laptop.call("CancelSteps", ClusterId=cluster, StepIds=ids[:1], StepCancellationOption="TERMINATE_PROCESS")
    laptop.emr.advance(300)
    assert laptop.steps(cluster) == ["CANCELLED", "COMPLETED"]
    assert laptop.status(cluster) == ("WAITING", None, "Cluster ready after last step completed.")


def test_what_cannot_be_cancelled_is_told_by_step(laptop: Laptop) -> None:
    cluster = waiting(laptop)
    ids = add(laptop, cluster, "short", "short")
    laptop.emr.advance(90)
    answer = laptop.call("CancelSteps", ClusterId=cluster, StepIds=["s-NONE", *ids])["CancelStepsInfoList"]
    assert [found["Status"] for found in answer] == ["FAILED", "FAILED", "SUBMITTED"]
    assert answer[1]["Reason"] == "Cannot cancel step in state COMPLETED"


def test_an_older_release_cancels_pending_steps_alone_and_one_still_older_none(laptop: Laptop) -> None:
    cluster = laptop.launch(steps=[step(), step()], ReleaseLabel="emr-5.27.0")
    laptop.until_ready(cluster)
    laptop.emr.advance(30)
    assert laptop.steps(cluster) == ["RUNNING", "PENDING"]
    ids = [found.id for found in laptop.emr.cluster(cluster).steps]
    answer = laptop.call("CancelSteps", ClusterId=cluster, StepIds=ids)["CancelStepsInfoList"]
    assert [one["Status"] for one in answer] == ["FAILED", "SUBMITTED"]
    assert answer[0]["Reason"] == "Cannot cancel step in state RUNNING"
    assert laptop.steps(cluster) == ["RUNNING", "CANCELLED"]
    older = laptop.emr.cluster(cluster)
    older.request = {**older.request, "ReleaseLabel": "emr-5.0.0"}
    code, message = laptop.refused("CancelSteps", ClusterId=cluster, StepIds=ids)
    assert code == "InvalidRequestException"
    assert "not available for the release" in message


def test_after_the_level_is_lowered_a_failing_step_ends_the_cluster_but_cancels_nothing(
    laptop: Laptop,
) -> None:
    laptop.plan(StepPlan("bad", minutes=(10, 10), exit_code=1))
    for action, expected in (("CANCEL_AND_WAIT", "RUNNING"), ("TERMINATE_CLUSTER", "TERMINATED_WITH_ERRORS")):
        cluster = waiting(laptop)
        laptop.call(
            "AddJobFlowSteps", JobFlowId=cluster, Steps=[step("bad", action), step("long"), step("long")]
        )
        laptop.call("ModifyCluster", ClusterId=cluster, StepConcurrencyLevel=2)
        laptop.emr.advance(60)
        assert laptop.steps(cluster) == ["RUNNING", "RUNNING", "PENDING"]
        laptop.call("ModifyCluster", ClusterId=cluster, StepConcurrencyLevel=1)
        laptop.emr.advance(1200)
        assert laptop.status(cluster)[0] == expected


def test_steps_that_run_when_the_cluster_ends_end_with_it(laptop: Laptop) -> None:
    cluster = waiting(laptop)
    add(laptop, cluster, "long", "short")
    laptop.emr.advance(60)
    laptop.call("TerminateJobFlows", JobFlowIds=[cluster])
    assert laptop.steps(cluster) == ["CANCELLED", "CANCELLED"]
    laptop.emr.advance(2 * 3600)
    assert laptop.steps(cluster) == ["CANCELLED", "CANCELLED"]


def test_a_failed_step_says_why(laptop: Laptop) -> None:
    laptop.plan(StepPlan("bad", exit_code=1))
    cluster = waiting(laptop)
    (step_id,) = add(laptop, cluster, "bad")
    laptop.emr.advance(3600)
    status = laptop.call("DescribeStep", ClusterId=cluster, StepId=step_id)["Step"]["Status"]
    assert status["State"] == "FAILED"
    assert status["FailureDetails"] == {"Reason": "Unknown Error."}
    assert status["StateChangeReason"] == {}
    assert set(status["Timeline"]) == {"CreationDateTime", "StartDateTime", "EndDateTime"}


def test_no_step_begins_before_one_that_was_submitted_earlier() -> None:
    for seed in "abcdefgh":
        laptop = Laptop(seed)
        laptop.plan(StepPlan("", minutes=(60, 60)))
        cluster = waiting(laptop, concurrency=5)
        add(laptop, cluster, *"12345")
        laptop.emr.advance(60)
        starts = [found.status.started_at or 0 for found in laptop.emr.cluster(cluster).steps]
        assert starts == sorted(starts)
