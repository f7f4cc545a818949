"""How many instances a fleet may have."""

from typing import Any

import pytest

from local_aws.api.errors import AwsError, invalid_request
from local_aws.emr import guesses
from local_aws.emr.rules.releases import Release
from local_aws.emr.rules.sizes import check_sizes, most_instances

OLD, NEW = Release(7, 6, 0), Release(7, 7, 0)
STRATEGY = {"LaunchSpecifications": {"SpotSpecification": {"AllocationStrategy": "diversified"}}}


def fleet(on_demand: int | None, spot: int | None, *weights: int, **further: Any) -> dict[str, Any]:
    types = [{"InstanceType": "m5.xlarge", "WeightedCapacity": weight} for weight in weights]
    targets = {"TargetOnDemandCapacity": on_demand, "TargetSpotCapacity": spot}
    return {**targets, "InstanceTypeConfigs": types, **further}


def test_a_fleet_is_larger_with_a_strategy_and_a_newer_release_alone() -> None:
    assert most_instances(STRATEGY, NEW) == 4000
    assert {most_instances(STRATEGY, OLD), most_instances({}, NEW), most_instances({}, OLD)} == {2000}


@pytest.mark.parametrize(
    ("given", "release"),
    [
        (fleet(2000, None, 1), OLD),
        (fleet(1000, 1000), NEW),
        (fleet(0, 16_000, 1, 8), OLD),
        (fleet(4000, 0, 1, **STRATEGY), NEW),
    ],
)
def test_targets_that_the_fewest_instances_can_make_pass(given: dict[str, Any], release: Release) -> None:
    check_sizes([given], release)


@pytest.mark.parametrize(
    ("given", "release", "most"),
    [
        (fleet(2001, 0, 1), NEW, 2000),
        (fleet(1001, 1000, 1), OLD, 2000),
        (fleet(1, 15_999, 1, 8), OLD, 2000),
        (fleet(2001, 0, 1, **STRATEGY), OLD, 2000),
        (fleet(4001, 0, 1, **STRATEGY), NEW, 4000),
    ],
)
def test_others_are_refused_in_the_way_of_the_operation(
    given: dict[str, Any], release: Release, most: int
) -> None:
    for error, code in ((None, "ValidationException"), (invalid_request, "InvalidRequestException")):
        with pytest.raises(AwsError) as raised:
            check_sizes([fleet(1, 0, 1), given], release, *([error] if error else []))
        assert (raised.value.code, raised.value.message) == (
            code,
            guesses.FLEET_SIZE.format(name="null", most=most),
        )
