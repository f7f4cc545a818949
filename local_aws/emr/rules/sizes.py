"""How many instances a fleet may have.

https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-instance-fleet.html: up to 2,000 EC2 instances a fleet, and
4,000 from 7.7.0 on with an allocation strategy. Instances, not units of capacity: how many a target takes is known only
when types are chosen. So a target is refused where even the fewest instances that make it are too many; where others
are chosen, provisioning stops at the limit.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from local_aws.api.errors import AwsError, validation
from local_aws.emr import guesses
from local_aws.emr.rules.fleets import has_strategy
from local_aws.emr.rules.releases import Release

MOST_INSTANCES: Final = 2000
MOST_INSTANCES_WITH_STRATEGY: Final = 4000


def most_instances(config: Mapping[str, Any], release: Release) -> int:
    """Return how many instances a fleet, or a group, may have."""
    is_large = release.has_large_fleets and has_strategy(config)
    return MOST_INSTANCES_WITH_STRATEGY if is_large else MOST_INSTANCES


def check_sizes(
    fleets: Iterable[Mapping[str, Any]], release: Release, error: Callable[[str], AwsError] = validation
) -> None:
    """Hold the targets of fleets against their limits.

    Args:
        fleets: The fleets, with the targets that they are to have.
        release: The cluster's release.
        error: What the operation answers: RunJobFlow `ValidationException`, the others `InvalidRequestException`.

    Raises:
        AwsError: That, where a fleet is to have more instances than it may.
    """
    for fleet in fleets:
        most = most_instances(fleet, release)
        if _fewest_instances(fleet) > most:
            name = fleet.get("Name")
            raise error(guesses.FLEET_SIZE.format(name="null" if name is None else name, most=most))


def _fewest_instances(fleet: Mapping[str, Any]) -> int:
    weights = [each.get("WeightedCapacity") or 1 for each in fleet.get("InstanceTypeConfigs") or ()]
    greatest = max(weights, default=1)
    targets = [fleet.get(f"Target{market}Capacity") or 0 for market in ("OnDemand", "Spot")]
    return sum(-(-target // greatest) for target in targets)
