"""How managed scaling shares units out among groups."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local_aws.emr.entities import Collection, Status
from local_aws.emr.group_scaling import counts, needed_group, scaled
from local_aws.emr.simulated_runner import StepPlan
from tests.local_aws.emr.launching import Laptop, launch_request, step
from tests.local_aws.emr.test_scaling import limits

MARKETS = {"od": "ON_DEMAND", "spot": "SPOT"}
VCPUS = {"m5.xlarge": 4, "m5.2xlarge": 8}


def groups(*names: str, kind: str = "m5.xlarge") -> list[Collection]:
    """Make groups by names such as `core-od` and `task-spot`; a further word tells two of a kind from each other."""
    made = []
    for name in names:
        role, market = name.split("-")[:2]
        config = {"InstanceType": kind, "Market": MARKETS[market]}
        made.append(Collection(name, role.upper(), config, True, Status("RUNNING", 0)))
    return made


def one(_: str) -> int:
    return 1


# AWS's own scenarios: managed-scaling-allocation-strategy.html in the Management Guide.
@pytest.mark.parametrize(
    ("bounds", "demand", "expected"),
    [
        (limits(1, 20), 10, {"core-od": 10, "task-od": 0, "task-spot": 0}),
        (limits(2, 20, core=2), 99, {"core-od": 2, "task-spot": 18}),
        (limits(2, 20, core=2), 0, {"core-od": 2, "task-spot": 0}),
        (limits(1, 20, core=12), 15, {"core-od": 12, "task-od": 3}),
        (limits(1, 20, on_demand=0), 15, {"core-spot": 15, "task-spot": 0}),
        (limits(1, 20, on_demand=7, core=7), 99, {"core-od": 7, "task-od": 0, "task-spot": 13}),
        (limits(1, 20, on_demand=9, core=7), 99, {"core-od": 7, "task-od": 2, "task-spot": 11}),
        (limits(1, 20, core=4), 9, {"core-od": 4, "task-spot-a": 5, "task-spot-b": 0}),
    ],
)
def test_units_go_to_core_and_on_demand_first(
    bounds: dict[str, Any], demand: int, expected: dict[str, int]
) -> None:
    assert counts(bounds, demand, groups(*expected), one) == expected


def test_vcpus_are_counted_by_type_and_never_exceed_a_limit() -> None:
    made = groups("core-od") + groups("task-spot", kind="m5.2xlarge")
    bounds = limits(4, 30, core=10)
    assert counts(bounds, 9, made, VCPUS.__getitem__) == {"core-od": 2, "task-spot": 1}
    assert counts(bounds, 99, made, VCPUS.__getitem__) == {"core-od": 2, "task-spot": 2}


@given(
    st.tuples(st.integers(1, 50), st.integers(0, 50), st.integers(0, 99), st.integers(0, 99)),
    st.integers(0, 99),
    st.sampled_from(["core-od", "core-spot"]),
    st.lists(st.sampled_from(["task-od", "task-spot"]), unique=True),
)
def test_limits_are_kept(
    given_limits: tuple[int, int, int, int], demand: int, core_name: str, tasks: list[str]
) -> None:
    least, more, on_demand, core = given_limits
    most = least + more
    bounds = limits(least, most, min(on_demand, most), min(core, most))
    found = counts(bounds, demand, groups(core_name, *sorted(tasks)), one)
    # One core node stays, whatever the limits say.
    assert found[core_name] >= 1
    assert sum(found.values()) <= most
    assert found[core_name] <= max(1, core)
    assert sum(count for name, count in found.items() if name.endswith("od")) <= max(1, on_demand)
    if "task-spot" in tasks:
        assert sum(found.values()) >= min(most, max(least, demand))


def test_a_spot_task_group_is_made_where_no_more_on_demand_is_allowed_and_there_is_none() -> None:
    bounds = limits(1, 20, on_demand=3, core=3)
    made = needed_group(bounds, 10, groups("core-od"), one)
    assert made is not None
    assert (made["InstanceRole"], made["InstanceType"], made["Market"]) == ("TASK", "m5.xlarge", "SPOT")
    for other, demand, names in (
        (bounds, 3, ["core-od"]),
        (bounds, 10, ["core-od", "task-spot"]),
        (limits(1, 20, on_demand=9, core=3), 10, ["core-od"]),
        (limits(1, 20), 30, ["core-od"]),
        (bounds, 10, []),
        (bounds, 10, ["core-od", *(f"task-od-{number}" for number in range(48))]),
    ):
        assert needed_group(other, demand, groups(*names), one) is None


def launch(laptop: Laptop, *found: dict[str, Any], units: str = "Instances", **bounds: int) -> str:
    request = launch_request(steps=[step("heavy")])
    master = {"InstanceRole": "MASTER", "InstanceType": "m5.xlarge", "InstanceCount": 1}
    request["Instances"] = {"InstanceGroups": [master, *found], "KeepJobFlowAliveWhenNoSteps": True}
    request["ManagedScalingPolicy"] = {"ComputeLimits": {"UnitType": units, **bounds}}
    laptop.plan(StepPlan("heavy", minutes=(60, 60), demand=40))
    cluster: str = laptop.call("RunJobFlow", **request)["JobFlowId"]
    laptop.until_ready(cluster)
    return cluster


def core(count: int = 1) -> dict[str, Any]:
    return {"InstanceRole": "CORE", "InstanceType": "m5.xlarge", "InstanceCount": count}


def told(laptop: Laptop, cluster: str) -> dict[tuple[str, str], tuple[int, int]]:
    found = laptop.call("ListInstanceGroups", ClusterId=cluster)["InstanceGroups"]
    return {
        (group["InstanceGroupType"], group["Market"]): (
            group["RequestedInstanceCount"],
            group["RunningInstanceCount"],
        )
        for group in found
        if group["InstanceGroupType"] != "MASTER"
    }


def test_groups_follow_the_load_and_a_task_group_comes_where_there_was_none() -> None:
    laptop = Laptop()
    cluster = launch(laptop, core(), **limits(1, 8, on_demand=3, core=3))
    laptop.emr.advance(1800)
    assert told(laptop, cluster) == {("CORE", "ON_DEMAND"): (3, 3), ("TASK", "SPOT"): (5, 5)}
    laptop.emr.advance(2 * 3600)
    assert told(laptop, cluster) == {("CORE", "ON_DEMAND"): (1, 1), ("TASK", "SPOT"): (0, 0)}
    assert [found.role for found in scaled(laptop.emr.cluster(cluster))] == ["CORE", "TASK"]


def test_groups_are_filled_in_their_order_and_not_in_that_of_the_request() -> None:
    laptop = Laptop()
    spot, on_demand = (
        {**core(), "InstanceRole": "TASK", "Market": market} for market in ("SPOT", "ON_DEMAND")
    )
    cluster = launch(laptop, spot, on_demand, core(), **limits(1, 8, on_demand=5, core=3))
    laptop.emr.advance(1800)
    assert told(laptop, cluster) == {
        ("CORE", "ON_DEMAND"): (3, 3),
        ("TASK", "ON_DEMAND"): (2, 2),
        ("TASK", "SPOT"): (3, 3),
    }


def test_groups_are_scaled_in_vcpus_too() -> None:
    laptop = Laptop()
    task = {"InstanceRole": "TASK", "InstanceType": "m5.2xlarge", "InstanceCount": 1}
    cluster = launch(laptop, core(), task, units="VCPU", **limits(4, 30, core=10))
    laptop.emr.advance(1800)
    assert told(laptop, cluster) == {("CORE", "ON_DEMAND"): (2, 2), ("TASK", "ON_DEMAND"): (2, 2)}
