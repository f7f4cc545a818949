"""Rules of policies, tags and the step concurrency level."""

from typing import Any

import pytest

from local_aws.api.errors import AwsError, invalid_request
from local_aws.emr import guesses
from local_aws.emr.rules.policies import (
    check_auto_termination,
    check_concurrency,
    check_managed_scaling,
    check_tags,
)

SCALING = "Invalid configuration for managed scaling. "
CORE_ABOVE_ON_DEMAND = (
    "If you select On-Demand market type for core nodes in a cluster with instance groups, MaximumCoreCapacityUnits"
    " must be less than or equal to MaximumOnDemandCapacityUnits."
)


def scaling(units: str = "InstanceFleetUnits", **changes: Any) -> dict[str, Any]:
    names = {"least": "MinimumCapacityUnits", "most": "MaximumCapacityUnits"}
    names |= {"core": "MaximumCoreCapacityUnits", "on_demand": "MaximumOnDemandCapacityUnits"}
    limits = {"least": 1, "most": 10, **{name: changes.pop(name) for name in tuple(changes) if name in names}}
    return {
        "ComputeLimits": {"UnitType": units, **{names[name]: value for name, value in limits.items()}},
        **changes,
    }


def refusal(policy: dict[str, Any], has_fleets: bool = True, is_core_on_demand: bool = False) -> str | None:
    try:
        check_managed_scaling(policy, has_fleets, is_core_on_demand)
    except AwsError as fault:
        return fault.message if fault.code == "ValidationException" else str(fault)
    return None


@pytest.mark.parametrize(
    "policy",
    [
        scaling(),
        scaling(least=10),
        scaling(core=10, on_demand=10),
        scaling(core=1, on_demand=0),
        scaling(core=None, on_demand=None),
        scaling(core=5, on_demand=1),
        scaling(core=0),
        scaling(UtilizationPerformanceIndex=None, ScalingStrategy="DEFAULT"),
        *[
            scaling(UtilizationPerformanceIndex=index, ScalingStrategy="ADVANCED")
            for index in (1, 25, 50, 75, 100)
        ],
        scaling(ScalingStrategy="ADVANCED"),
    ],
)
def test_a_good_scaling_policy_passes(policy: dict[str, Any]) -> None:
    assert refusal(policy) is None


@pytest.mark.parametrize(
    ("policy", "text"),
    [
        ({}, guesses.SCALING_WITHOUT_LIMITS),
        (scaling(least=0), guesses.SCALING_MINIMUM),
        (scaling(least=11), guesses.SCALING_MINIMUM_ABOVE_MAXIMUM),
        (scaling(core=11), SCALING + "The max Core capacity cannot be higher than max capacity"),
        (scaling(on_demand=11), guesses.SCALING_ON_DEMAND_ABOVE_MAXIMUM),
        (scaling(on_demand=-1), guesses.SCALING_NEGATIVE),
        (scaling(core=-1), guesses.SCALING_NEGATIVE),
        (scaling(UtilizationPerformanceIndex=50), guesses.SCALING_INDEX_STRATEGY),
        (scaling(UtilizationPerformanceIndex=50, ScalingStrategy="DEFAULT"), guesses.SCALING_INDEX_STRATEGY),
        (scaling(UtilizationPerformanceIndex=51, ScalingStrategy="ADVANCED"), guesses.SCALING_INDEX),
    ],
)
def test_a_wrong_scaling_policy_is_refused(policy: dict[str, Any], text: str) -> None:
    assert refusal(policy) == text


def test_fleets_are_scaled_in_their_units_and_groups_in_theirs() -> None:
    for units in ("Instances", "VCPU"):
        assert refusal(scaling(units), has_fleets=True) == guesses.SCALING_UNITS_OF_FLEETS
        assert refusal(scaling(units), has_fleets=False) is None
    assert refusal(scaling(), has_fleets=False) == guesses.SCALING_UNITS_OF_GROUPS


def test_on_demand_core_groups_keep_to_the_limit_of_on_demand_instances() -> None:
    policy = scaling("Instances", core=6, on_demand=5)
    assert refusal(policy, has_fleets=False, is_core_on_demand=True) == SCALING + CORE_ABOVE_ON_DEMAND
    assert refusal(policy, has_fleets=False) is None
    for limits in ({"core": 5, "on_demand": 5}, {"core": 5}, {"on_demand": 5}):
        good = scaling("Instances", **limits)
        assert refusal(good, has_fleets=False, is_core_on_demand=True) is None


@pytest.mark.parametrize("timeout", [None, 60, 604_800])
def test_an_idle_timeout_of_a_minute_to_a_week_passes_and_none_is_the_default(timeout: int | None) -> None:
    check_auto_termination({} if timeout is None else {"IdleTimeout": timeout})


@pytest.mark.parametrize("timeout", [0, 59, 604_801])
def test_another_idle_timeout_is_refused(timeout: int) -> None:
    with pytest.raises(AwsError) as raised:
        check_auto_termination({"IdleTimeout": timeout})
    assert (raised.value.code, raised.value.message) == ("ValidationException", guesses.IDLE_TIMEOUT)


def numbered(count: int) -> list[dict[str, Any]]:
    return [{"Key": f"key-{number}", "Value": "v"} for number in range(count)]


@pytest.mark.parametrize(
    ("tags", "existing"),
    [
        ([], 50),
        (numbered(50), 0),
        (numbered(1), 49),
        (numbered(1) * 3, 49),
        (
            [
                {"Key": "k" * 128, "Value": "v" * 256},
                {"Key": "k"},
                {"Key": "l", "Value": None},
                {"Key": "aws"},
            ],
            0,
        ),
    ],
)
def test_good_tags_pass(tags: list[dict[str, Any]], existing: int) -> None:
    check_tags(tags, existing)


@pytest.mark.parametrize(
    ("tags", "existing", "text"),
    [
        ([{}], 0, "Invalid tag key: 'null'. Tag keys must be between 1 and 128 characters in length."),
        ([{"Key": ""}], 0, "Invalid tag key: ''. Tag keys must be between 1 and 128 characters in length."),
        (
            [{"Key": "a"}, {"Key": "k" * 129}],
            0,
            f"Invalid tag key: '{'k' * 129}'. Tag keys must be between 1 and 128 characters in length.",
        ),
        (
            [{"Key": "k", "Value": "v" * 257}],
            0,
            f"Invalid tag value: '{'v' * 257}'. Tag values must be between 1 and 128 characters in length.",
        ),
        ([{"Key": "aws:x"}], 0, guesses.TAG_RESERVED.format(text="aws:x")),
        ([{"Key": "x", "Value": "AWS:x"}], 0, guesses.TAG_RESERVED.format(text="AWS:x")),
        (numbered(51), 0, guesses.TAGS_TOO_MANY),
        (numbered(1), 50, guesses.TAGS_TOO_MANY),
    ],
)
def test_a_wrong_tag_is_refused_as_an_invalid_request(
    tags: list[dict[str, Any]], existing: int, text: str
) -> None:
    with pytest.raises(AwsError) as raised:
        check_tags(tags, existing)
    assert (raised.value.code, raised.value.message) == ("InvalidRequestException", text)


def test_a_concurrency_level_of_1_to_256_passes() -> None:
    check_concurrency(1)
    check_concurrency(256)


@pytest.mark.parametrize("level", [-1, 0, 257])
def test_another_concurrency_level_is_refused_in_the_way_of_the_operation(level: int) -> None:
    text = "Invalid step concurrency level. Allowed level is from 1 to 256"
    with pytest.raises(AwsError) as raised:
        check_concurrency(level)
    assert (raised.value.code, raised.value.message) == ("ValidationException", text)
    with pytest.raises(AwsError) as raised:
        check_concurrency(level, invalid_request)
    assert (raised.value.code, raised.value.message) == ("InvalidRequestException", text)
