"""A launch is not given up while its own request still lets EMR look for Spot Instances."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.readiness import AFTERWARDS_S, LEAST_S, ready_within_s


def spot(minutes: int | None, action: str = "SWITCH_TO_ON_DEMAND") -> dict[str, Any]:
    specification = {"TimeoutDurationMinutes": minutes, "TimeoutAction": action}
    return {"InstanceFleetType": "TASK", "LaunchSpecifications": {"SpotSpecification": specification}}


RESIZED: dict[str, Any] = {
    "ResizeSpecifications": {"SpotResizeSpecification": {"TimeoutDurationMinutes": 1440}},
    "LaunchSpecifications": {"OnDemandSpecification": {"AllocationStrategy": "lowest-price"}},
}


@pytest.mark.parametrize(
    ("fleets", "seconds"),
    [
        ([], 3_600),
        ([{}], 3_600),
        ([spot(None)], 3_600),
        ([spot(20)], 3_600),
        ([spot(21)], 3_660),
        ([spot(60)], 6_000),
        ([spot(90), spot(30), spot(120)], 9_600),
        ([spot(1440, "TERMINATE_CLUSTER")], 88_800),
        ([RESIZED], 3_600),
    ],
)
def test_the_longest_time_out_of_a_launch_counts_and_40_minutes_more(
    fleets: list[dict[str, Any]], seconds: float
) -> None:
    assert ready_within_s({"Instances": {"InstanceFleets": fleets}}) == seconds


@pytest.mark.parametrize("request_", [{}, {"Instances": {}}, {"Instances": {"InstanceGroups": [{}]}}])
def test_without_fleets_it_is_an_hour(request_: dict[str, Any]) -> None:
    assert ready_within_s(request_) == LEAST_S


@settings(max_examples=50)
@given(st.lists(st.integers(5, 1440), max_size=3))
def test_no_fleet_is_still_waited_for_when_the_cluster_is_given_up(minutes: list[int]) -> None:
    found = ready_within_s({"Instances": {"InstanceFleets": [spot(each) for each in minutes]}})
    assert all(found >= each * 60 + AFTERWARDS_S for each in minutes)
