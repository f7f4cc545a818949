"""Rules of instance fleets, and of the bids that instance groups have as well.

What the shapes' documentation states in prose
(https://docs.aws.amazon.com/emr/latest/APIReference/API_InstanceFleetConfig.html and the shapes below it), and
https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-instance-fleet.html.
"""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from local_aws.api.errors import AwsError, invalid_request, validation
from local_aws.emr import guesses
from local_aws.emr.rules import volumes
from local_aws.emr.rules.ranges import is_outside
from local_aws.emr.rules.releases import Release

MULTIPLE_OF_A_ROLE: Final = (
    "Multiple {role} instance groups supplied, you must specify exactly one {role} instance group"
)
TYPE_NOT_SUPPORTED: Final = "Instance type '{type}' is not supported."
MOST_TYPES: Final = 5
MOST_TYPES_WITH_STRATEGIES: Final = 30

_NOT_AVAILABLE: Final = "Instance fleets are not available for the release."
_NO_MASTER: Final = (
    "No master instance fleets were supplied; you must specify exactly one master instance fleet. Revise the"
    " configuration and resubmit."
)
_TASK_WITHOUT_CORE: Final = "Clusters with task instance fleets must also define core instance fleets."
_MASTER_TARGET: Final = (
    "A master instance fleet can only have a target capacity of 1. Revise the configuration and resubmit."
)
_NO_TARGET: Final = (
    "The instance fleet ({name}) should have a value of one or greater for either targetOnDemandCapacity or"
    " targetSpotCapacity."
)
_ONE_TARGET: Final = (
    "The instance fleet should have both targetOnDemandCapacity and targetSpotCapacity specified."
)
_MASTER_WEIGHT: Final = (
    "All instance types in the master instance fleet must have weighted capacity as 1. Revise the configuration and"
    " resubmit."
)
_NO_WEIGHT: Final = "Weighted capacity cannot be zero. Revise the configuration and resubmit."
_TWO_BIDS: Final = (
    "Specify at most one of bidPrice or bidPriceAsPercentageOfOnDemandPrice value for the Spot Instance fleet :"
    " {name} request."
)
_DUPLICATE_TYPES: Final = (
    "The instance fleet: {name} contains duplicate instance types [{types}]. Revise the"
    " configuration and resubmit."
)
_BID: Final = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)")
_SPECS: Final = {
    "Launch": ("SpotSpecification", "OnDemandSpecification"),
    "Resize": ("SpotResizeSpecification", "OnDemandResizeSpecification"),
}


@dataclass(frozen=True)
class _Fleet:
    given: Mapping[str, Any]
    known_types: Collection[str] | None
    most_types: int

    @property
    def name(self) -> str:
        name = self.given.get("Name")
        return "null" if name is None else str(name)

    @property
    def types(self) -> Sequence[Mapping[str, Any]]:
        return self.given.get("InstanceTypeConfigs") or ()


_Rule: TypeAlias = Callable[[_Fleet], Iterator[str]]


def check_fleets(fleets: Sequence[Mapping[str, Any]], known_types: Collection[str]) -> None:
    """Hold the fleets of a RunJobFlow request (`Instances.InstanceFleets`) against their rules.

    Raises:
        AwsError: `ValidationException`, with the first fault.
    """
    refuse(_role_faults(fleets), validation)
    for fleet in fleets:
        refuse(_fleet_faults(_Fleet(fleet, known_types, _most_types(fleets)), _RULES), validation)


def check_availability(
    fleets: Sequence[Mapping[str, Any]], release: Release, error: Callable[[str], AwsError] = validation
) -> None:
    """Hold fleets against what a release has.

    Args:
        fleets: The fleets.
        release: The cluster's release.
        error: What the operation answers: RunJobFlow `ValidationException`, AddInstanceFleet
            `InvalidRequestException`.

    Raises:
        AwsError: That, where the release has no fleets, or none with allocation strategies.
    """
    if not release.has_fleets:
        raise error(_NOT_AVAILABLE)
    if not release.has_allocation_strategies and any(map(has_strategy, fleets)):
        raise error(guesses.STRATEGY_RELEASE)


def check_added_fleet(fleet: Mapping[str, Any], known_types: Collection[str], roles: Collection[str]) -> None:
    """Hold the fleet of an AddInstanceFleet request against its rules.

    Args:
        fleet: The fleet (`InstanceFleet`).
        known_types: The instance types that there are.
        roles: The roles for which the cluster has a fleet already.

    Raises:
        AwsError: `InvalidRequestException`, with the first fault.
    """
    if fleet["InstanceFleetType"] in roles:
        raise invalid_request(MULTIPLE_OF_A_ROLE.format(role=fleet["InstanceFleetType"].lower()))
    refuse(_fleet_faults(_Fleet(fleet, known_types, _most_types([fleet])), _RULES), invalid_request)


def check_modification(modify_config: Mapping[str, Any], known_types: Collection[str] | None = None) -> None:
    """Hold what a ModifyInstanceFleet request changes (`InstanceFleet`) against its rules.

    Args:
        modify_config: Both targets, or none; new types and resize specifications, or none.
        known_types: The instance types that there are, if new ones are to be held against them.

    Raises:
        AwsError: `InvalidRequestException`, with the first fault.
    """
    targets = [modify_config.get(f"Target{market}Capacity") for market in ("OnDemand", "Spot")]
    if targets.count(None) == 1:
        raise invalid_request(_ONE_TARGET)
    changed = _Fleet(modify_config, known_types, MOST_TYPES_WITH_STRATEGIES)
    refuse(_fleet_faults(changed, _RULES_OF_CHANGES), invalid_request)


def refuse(faults: Iterable[str], error: Callable[[str], AwsError]) -> None:
    """Raise an error with the first of some faults, where there is one."""
    for fault in faults:
        raise error(fault)


def _specs(fleet: Mapping[str, Any], stage: str) -> Iterator[Mapping[str, Any]]:
    given = fleet.get(f"{stage}Specifications") or {}
    return filter(None, map(given.get, _SPECS[stage]))


def has_strategy(fleet: Mapping[str, Any]) -> bool:
    """Tell whether a fleet names an allocation strategy for its launch."""
    return any(spec.get("AllocationStrategy") for spec in _specs(fleet, "Launch"))


def _most_types(fleets: Sequence[Mapping[str, Any]]) -> int:
    """Return how many types a fleet may have: 30 only where all fleets of the request name a strategy.

    https://github.com/hashicorp/terraform-provider-aws/issues/25132
    """
    return MOST_TYPES_WITH_STRATEGIES if all(map(has_strategy, fleets)) else MOST_TYPES


def _fleet_faults(fleet: _Fleet, rules: Iterable[_Rule]) -> Iterator[str]:
    for rule in rules:
        yield from rule(fleet)


def _role_faults(fleets: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    roles = Counter(fleet["InstanceFleetType"] for fleet in fleets)
    for role in (role for role, count in roles.items() if count > 1):
        yield MULTIPLE_OF_A_ROLE.format(role=role.lower())
    if "MASTER" not in roles:
        yield _NO_MASTER
    if "TASK" in roles and "CORE" not in roles:
        yield _TASK_WITHOUT_CORE


def _known_types(fleet: _Fleet) -> Iterator[str]:
    for each in fleet.types:
        if fleet.known_types is not None and each["InstanceType"] not in fleet.known_types:
            yield TYPE_NOT_SUPPORTED.format(type=each["InstanceType"])


def _capacity(fleet: _Fleet) -> Iterator[str]:
    target = sum(fleet.given.get(f"Target{market}Capacity") or 0 for market in ("OnDemand", "Spot"))
    if fleet.given.get("InstanceFleetType") == "MASTER" and target != 1:
        yield _MASTER_TARGET
    if target < 1:
        yield _NO_TARGET.format(name=fleet.name)
    if not fleet.types:
        yield guesses.FLEET_WITHOUT_TYPES.format(name=fleet.name)


def _weights(fleet: _Fleet) -> Iterator[str]:
    weights = [each.get("WeightedCapacity") for each in fleet.types]
    if fleet.given.get("InstanceFleetType") == "MASTER" and set(weights) - {None, 1}:
        yield _MASTER_WEIGHT
    if 0 in weights:
        yield _NO_WEIGHT


def _bids(fleet: _Fleet) -> Iterator[str]:
    for each in fleet.types:
        bid = each.get("BidPrice")
        if bid is not None and each.get("BidPriceAsPercentageOfOnDemandPrice") is not None:
            yield _TWO_BIDS.format(name=fleet.name)
        if bid is not None:
            yield from bid_faults(bid, "fleet")


def _duplicates(fleet: _Fleet) -> Iterator[str]:
    counts = Counter(each["InstanceType"] for each in fleet.types)
    twice = [name for name, count in counts.items() if count > 1]
    if twice:
        yield _DUPLICATE_TYPES.format(name=fleet.name, types=", ".join(twice))


def _number_of_types(fleet: _Fleet) -> Iterator[str]:
    if len(fleet.types) > fleet.most_types:
        yield guesses.FLEET_TYPES.format(name=fleet.name, most=fleet.most_types)


def _launch(fleet: _Fleet) -> Iterator[str]:
    """Check the time-out of Spot Instances, and Spot blocks, which ended on 2022-12-31."""
    for spec in _specs(fleet.given, "Launch"):
        if is_outside(spec.get("TimeoutDurationMinutes"), 5, 1440):
            yield guesses.SPOT_TIMEOUT.format(name=fleet.name)
        if spec.get("BlockDurationMinutes") is not None:
            yield guesses.BLOCK_DURATION


def _resize_timeouts(fleet: _Fleet) -> Iterator[str]:
    for spec in _specs(fleet.given, "Resize"):
        timeout = spec.get("TimeoutDurationMinutes")
        if is_outside(timeout, 5, 10_080):
            yield guesses.RESIZE_TIMEOUT.format(name=fleet.name)


def _strategies(fleet: _Fleet) -> Iterator[str]:
    """Check priorities, and capacity reservations, which only the cheapest-first strategy takes."""
    has_no_priority = fleet.types and all(each.get("Priority") is None for each in fleet.types)
    for spec in (*_specs(fleet.given, "Launch"), *_specs(fleet.given, "Resize")):
        strategy = spec.get("AllocationStrategy") or ""
        if has_no_priority and strategy.endswith("prioritized"):
            yield guesses.STRATEGY_PRIORITY.format(name=fleet.name, strategy=strategy)
        if spec.get("CapacityReservationOptions") and strategy not in {"", "lowest-price"}:
            yield guesses.RESERVATION_STRATEGY.format(name=fleet.name)


def _volumes(fleet: _Fleet) -> Iterator[str]:
    for each in fleet.types:
        yield from volumes.volume_faults(each.get("EbsConfiguration") or {})


_RULES: tuple[_Rule, ...] = (
    _known_types,
    _capacity,
    _weights,
    _bids,
    _duplicates,
    _number_of_types,
    _launch,
    _resize_timeouts,
    _volumes,
    _strategies,
)
_RULES_OF_CHANGES = tuple(rule for rule in _RULES if rule is not _capacity)


def bid_faults(bid: str, kind: str) -> Iterator[str]:
    """Say what is wrong with a bid price: one in US dollars, in a fleet or a group."""
    if not _BID.fullmatch(bid):
        yield f"The bid price supplied for an instance {kind} is invalid"
    elif not float(bid) > 0:
        yield "The bid price is negative or zero."
    elif is_outside(len(bid.partition(".")[2]), 0, 3):
        yield "No more than 3 digits are allowed after decimal place in bid price"
