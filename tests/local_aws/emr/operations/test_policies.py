"""Operations on managed scaling and auto-termination."""

from typing import Any

import pytest

from local_aws.api.errors import AwsError
from local_aws.emr.simulated_runner import StepPlan
from tests.local_aws.emr.launching import FLEETS, Laptop, fleet, launch_request, step


@pytest.fixture
def laptop() -> Laptop:
    return Laptop()


def limits(least: int, most: int, **further: int) -> dict[str, Any]:
    return {
        "ComputeLimits": {
            "UnitType": "InstanceFleetUnits",
            "MinimumCapacityUnits": least,
            "MaximumCapacityUnits": most,
            **further,
        }
    }


def test_a_policy_is_put_and_told_and_removed(laptop: Laptop) -> None:
    cluster = laptop.launch()
    for name, policy in (("ManagedScaling", limits(2, 5)), ("AutoTermination", {"IdleTimeout": 90})):
        member = f"{name}Policy"
        assert laptop.call(f"Get{name}Policy", ClusterId=cluster) == {}
        laptop.call(f"Put{name}Policy", ClusterId=cluster, **{member: policy})
        assert laptop.call(f"Get{name}Policy", ClusterId=cluster) == {member: policy}
        laptop.call(f"Remove{name}Policy", ClusterId=cluster)
        laptop.call(f"Remove{name}Policy", ClusterId=cluster)
        assert laptop.call(f"Get{name}Policy", ClusterId=cluster) == {}


def test_an_idle_time_that_is_not_given_is_an_hour(laptop: Laptop) -> None:
    cluster = laptop.launch()
    laptop.call("PutAutoTerminationPolicy", ClusterId=cluster)
    told = laptop.call("GetAutoTerminationPolicy", ClusterId=cluster)
    assert told == {"AutoTerminationPolicy": {"IdleTimeout": 3600}}


def test_a_wrong_policy_is_refused_and_the_old_one_stays(laptop: Laptop) -> None:
    cluster = laptop.launch(ManagedScalingPolicy=limits(1, 5), AutoTerminationPolicy={"IdleTimeout": 60})
    with pytest.raises(AwsError, match="Core capacity cannot be higher than max"):
        laptop.call(
            "PutManagedScalingPolicy",
            ClusterId=cluster,
            ManagedScalingPolicy=limits(1, 5, MaximumCoreCapacityUnits=6),
        )
    with pytest.raises(AwsError):
        laptop.call("PutAutoTerminationPolicy", ClusterId=cluster, AutoTerminationPolicy={"IdleTimeout": 59})
    assert laptop.call("GetManagedScalingPolicy", ClusterId=cluster)["ManagedScalingPolicy"] == limits(1, 5)
    assert laptop.emr.cluster(cluster).idle_timeout == 60


def test_a_release_without_policies_refuses_them(laptop: Laptop) -> None:
    cluster = laptop.launch(ReleaseLabel="emr-5.29.0")
    for name, policy in (("ManagedScaling", limits(1, 5)), ("AutoTermination", {"IdleTimeout": 60})):
        request = {"ClusterId": cluster, f"{name}Policy": policy}
        code, message = laptop.refused(f"Put{name}Policy", **request)
        assert code == "ValidationException"
        assert message.endswith("is not available for the release.")


def test_on_demand_core_groups_keep_to_the_limit_also_later(laptop: Laptop) -> None:
    def put(market: str) -> None:
        groups = [
            {"InstanceRole": "MASTER", "InstanceType": "m5.xlarge", "InstanceCount": 1},
            {"InstanceRole": "CORE", "InstanceType": "m5.xlarge", "InstanceCount": 1, "Market": market},
        ]
        request = launch_request()
        request["Instances"] = {"InstanceGroups": groups}
        policy = limits(1, 5, MaximumCoreCapacityUnits=4, MaximumOnDemandCapacityUnits=3)
        policy["ComputeLimits"]["UnitType"] = "Instances"
        cluster = laptop.call("RunJobFlow", **request)["JobFlowId"]
        laptop.call("PutManagedScalingPolicy", ClusterId=cluster, ManagedScalingPolicy=policy)

    put("SPOT")
    with pytest.raises(AwsError, match="If you select On-Demand market type for core nodes"):
        put("ON_DEMAND")


def test_capacity_follows_the_load_of_steps_within_the_limits(laptop: Laptop) -> None:
    laptop.plan(StepPlan("heavy", minutes=(60, 60), demand=40))
    policy = limits(2, 12, MaximumCoreCapacityUnits=4, MaximumOnDemandCapacityUnits=3)
    cluster = laptop.launch(*FLEETS, fleet("TASK", spot=1), ManagedScalingPolicy=policy)
    laptop.until_ready(cluster)
    laptop.emr.advance(900)

    def targets() -> list[tuple[int, int]]:
        fleets = laptop.fleets(cluster)
        return [
            (fleets[role]["TargetOnDemandCapacity"], fleets[role]["TargetSpotCapacity"])
            for role in ("CORE", "TASK")
        ]

    assert targets() == [(2, 0), (0, 0)]
    laptop.call("AddJobFlowSteps", JobFlowId=cluster, Steps=[step("heavy")])
    laptop.emr.advance(600)
    assert targets() == [(3, 1), (0, 8)]
    laptop.emr.advance(2 * 3600)
    assert targets() == [(2, 0), (0, 0)]
    laptop.call("RemoveManagedScalingPolicy", ClusterId=cluster)
    laptop.call("AddJobFlowSteps", JobFlowId=cluster, Steps=[step("heavy")])
    laptop.emr.advance(600)
    assert targets() == [(2, 0), (0, 0)]


def test_capacity_follows_a_step_that_ends_beside_others(laptop: Laptop) -> None:
    laptop.plan(
        StepPlan("heavy", minutes=(30, 30), demand=18), StepPlan("light", minutes=(900, 900), demand=2)
    )
    cluster = laptop.launch(ManagedScalingPolicy=limits(1, 30), StepConcurrencyLevel=2)
    laptop.until_ready(cluster)
    laptop.call("AddJobFlowSteps", JobFlowId=cluster, Steps=[step("heavy"), step("light")])
    laptop.emr.advance(600)
    assert laptop.fleets(cluster)["CORE"]["TargetOnDemandCapacity"] == 20
    laptop.emr.advance(3600)
    assert laptop.fleets(cluster)["CORE"]["TargetOnDemandCapacity"] == 2
