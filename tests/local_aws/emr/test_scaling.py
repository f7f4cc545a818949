"""How managed scaling shares units out; what it does to clusters is in operations/test_policies.py."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local_aws.emr.entities import Collection, Status
from local_aws.emr.scaling import targets

FLEETS = {role: Collection(role, role, {}, False, Status("RUNNING", 0)) for role in ("CORE", "TASK")}


def limits(least: int, most: int, on_demand: int | None = None, core: int | None = None) -> dict[str, Any]:
    told = {"MinimumCapacityUnits": least, "MaximumCapacityUnits": most}
    if on_demand is not None:
        told["MaximumOnDemandCapacityUnits"] = on_demand
    if core is not None:
        told["MaximumCoreCapacityUnits"] = core
    return told


# AWS's own scenarios: emr-managed-scaling-allocation-strategy.html in the Management Guide.
@pytest.mark.parametrize(
    ("bounds", "demand", "core", "task"),
    [
        (limits(2, 20), 10, (10, 0), (0, 0)),
        (limits(2, 20, core=2), 10, (2, 0), (8, 0)),
        (limits(2, 20, on_demand=0), 10, (0, 10), (0, 0)),
        (limits(2, 20, on_demand=4, core=4), 10, (4, 0), (0, 6)),
        (limits(2, 20, on_demand=6, core=4), 10, (4, 0), (2, 4)),
        (limits(2, 20), 0, (2, 0), (0, 0)),
        (limits(2, 20), 99, (20, 0), (0, 0)),
    ],
)
def test_units_go_to_core_and_on_demand_first(
    bounds: dict[str, Any], demand: int, core: tuple[int, int], task: tuple[int, int]
) -> None:
    assert targets(bounds, demand, FLEETS) == {"CORE": core, "TASK": task}


@given(
    st.integers(1, 50),
    st.integers(0, 50),
    st.integers(0, 99),
    st.integers(0, 99),
    st.integers(1, 99),
    st.booleans(),
)
def test_limits_are_kept(
    least: int, more: int, demand: int, on_demand: int, core: int, has_task: bool
) -> None:
    most = least + more
    fleets = FLEETS if has_task else {"CORE": FLEETS["CORE"]}
    found = targets(limits(least, most, on_demand, core), demand, fleets)
    total = sum(map(sum, found.values()))
    assert (least if has_task else min(least, core)) <= total <= most
    assert sum(units for units, _ in found.values()) <= on_demand
    assert sum(found["CORE"]) <= core
    assert sum(found["CORE"]) >= 1
