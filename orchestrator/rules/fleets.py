"""Rules of instance fleets."""

from collections import Counter
from collections.abc import Iterator
from typing import Final

from orchestrator.rules.cluster import ON_DEMAND_SPECS, SPOT_SPECS, Cluster, Fleet
from orchestrator.rules.rule import Fault, Rule, api, error, guide, is_outside

MOST_TYPES: Final = 5
MOST_TYPES_WITH_STRATEGIES: Final = 30
MOST_INSTANCES: Final = 2000
MOST_INSTANCES_WITH_STRATEGY: Final = 4000
_FLEETS: Final = ("Instances", "InstanceFleets")


def availability(cluster: Cluster) -> Iterator[Fault]:
    """Fleets: from 4.8.0 on, without 5.0.x; allocation strategies from 5.12.1 on."""
    if cluster.has_fleets and cluster.lacks((4, 8), (5, 0)):
        yield Fault(_FLEETS, "instance fleets with an older release", expected="4.8.0 or later, not 5.0.x")
    for fleet in cluster.fleets:
        if fleet.has_strategy and cluster.lacks((5, 12, 1)):
            path = (*fleet.path, "LaunchSpecifications")
            yield Fault(path, "an allocation strategy with an older release", expected="5.12.1 or later")


def roles(cluster: Cluster) -> Iterator[Fault]:
    """Fleet roles: one MASTER; at most one CORE and one TASK, and TASK only beside CORE."""
    if not cluster.has_fleets:
        return
    seen = Counter[str]()
    for fleet in cluster.fleets:
        seen[fleet.role] += 1
        if fleet.role and seen[fleet.role] > 1:
            yield Fault(
                (*fleet.path, "InstanceFleetType"), "a second fleet of a role", fleet.role, "one a role"
            )
    if not seen["MASTER"]:
        yield Fault(_FLEETS, "no primary fleet", expected="one with InstanceFleetType: MASTER")
    if seen["TASK"] and not seen["CORE"]:
        yield Fault(_FLEETS, "a task fleet without a core fleet", expected="one with InstanceFleetType: CORE")


def targets(cluster: Cluster) -> Iterator[Fault]:
    """Fleet targets: MASTER 1 in one market; CORE and TASK 1 or more in at least one."""
    for fleet in cluster.fleets:
        together = fleet.on_demand + fleet.spot
        if fleet.role == "MASTER" and together != 1:
            expected = "TargetOnDemandCapacity: 1, or TargetSpotCapacity: 1"
            yield Fault(fleet.path, "a primary fleet of another target than 1", together, expected)
        elif together < 1:
            expected = "1 or more for TargetOnDemandCapacity or TargetSpotCapacity"
            yield Fault(fleet.path, f"{fleet.name} has no target", together, expected)


def has_types(cluster: Cluster) -> Iterator[Fault]:
    """Fleet types: at least one, none twice."""
    for fleet in cluster.fleets:
        if not fleet.types:
            path = (*fleet.path, "InstanceTypeConfigs")
            yield Fault(path, f"{fleet.name} has no instance types", expected="at least one")
        seen = set[str]()
        for each in fleet.types:
            name = each.get("InstanceType")
            if name in seen:
                path = (*each.path, "InstanceType")
                yield Fault(path, "the type stands there twice", name, "each type once a fleet")
            seen.add(name)


def number_of_types(cluster: Cluster) -> Iterator[Fault]:
    """Number of types: 5 a fleet, 30 where every fleet of the cluster names an allocation strategy."""
    has_strategies = all(fleet.has_strategy for fleet in cluster.fleets)
    most = MOST_TYPES_WITH_STRATEGIES if has_strategies else MOST_TYPES
    for fleet in cluster.fleets:
        count = len(fleet.types)
        if count > most:
            more = (
                "" if has_strategies else "; 30 where every fleet of the cluster names an AllocationStrategy"
            )
            path = (*fleet.path, "InstanceTypeConfigs")
            yield Fault(path, f"{fleet.name} has too many instance types", count, f"at most {most}{more}")


def weights(cluster: Cluster) -> Iterator[Fault]:
    """Weights: 1 or more; 1 in the primary fleet."""
    for fleet in cluster.fleets:
        for each in fleet.types:
            weight = each.get("WeightedCapacity", 1)
            path = (*each.path, "WeightedCapacity")
            if weight < 1:
                yield Fault(path, "no weight", weight, "1 or more")
            elif fleet.role == "MASTER" and weight != 1:
                yield Fault(path, "a weight in the primary fleet", weight, "1")


def spot_timeouts(cluster: Cluster) -> Iterator[Fault]:
    """Spot time-out at launch: 5 to 1,440 minutes."""
    for fleet in cluster.fleets:
        spec = fleet.part(*SPOT_SPECS[0])
        minutes = spec.get("TimeoutDurationMinutes") if spec else None
        if spec and is_outside(minutes, 5, 1440):
            path = (*spec.path, "TimeoutDurationMinutes")
            yield Fault(path, "time-out out of range", minutes, "5 to 1,440 minutes (1 day)")


def resize_timeouts(cluster: Cluster) -> Iterator[Fault]:
    """Time-outs of resizes: 5 to 10,080 minutes."""
    for fleet in cluster.fleets:
        for names in (SPOT_SPECS[1], ON_DEMAND_SPECS[1]):
            spec = fleet.part(*names)
            minutes = spec.get("TimeoutDurationMinutes") if spec else None
            if spec and is_outside(minutes, 5, 10_080):
                path = (*spec.path, "TimeoutDurationMinutes")
                yield Fault(path, "time-out out of range", minutes, "5 to 10,080 minutes (7 days)")


def spot_blocks(cluster: Cluster) -> Iterator[Fault]:
    """Spot blocks: BlockDurationMinutes ended on 2022-12-31."""
    for fleet in cluster.fleets:
        spec = fleet.part(*SPOT_SPECS[0])
        if spec and spec.get("BlockDurationMinutes") is not None:
            path = (*spec.path, "BlockDurationMinutes")
            yield Fault(
                path, "there are no Spot blocks any more", spec.get("BlockDurationMinutes"), "not given"
            )


def priorities(cluster: Cluster) -> Iterator[Fault]:
    """Prioritized strategies: need a Priority on at least one type."""
    for fleet in cluster.fleets:
        if any(each.get("Priority") is not None for each in fleet.types):
            continue
        for spec in fleet.specs():
            strategy = spec.get("AllocationStrategy") or ""
            if strategy.endswith("prioritized"):
                path = (*spec.path, "AllocationStrategy")
                yield Fault(
                    path, "no type has a priority", strategy, "Priority on at least one instance type"
                )


def reservations(cluster: Cluster) -> Iterator[Fault]:
    """Capacity reservations: with the strategy lowest-price only."""
    for fleet in cluster.fleets:
        for spec in fleet.specs():
            strategy = spec.get("AllocationStrategy")
            if spec.get("CapacityReservationOptions") and strategy not in {None, "lowest-price"}:
                path = (*spec.path, "AllocationStrategy")
                yield Fault(path, "capacity reservations with another strategy", strategy, "lowest-price")


def sizes(cluster: Cluster) -> Iterator[Fault]:
    """Size of fleets: 2,000 instances; 4,000 from 7.7.0 on with an allocation strategy."""
    for fleet in cluster.fleets:
        is_large = fleet.has_strategy and not cluster.lacks((7, 7))
        most = MOST_INSTANCES_WITH_STRATEGY if is_large else MOST_INSTANCES
        fewest = _fewest_instances(fleet)
        if fewest > most:
            expected = f"at most {most:,} instances"
            yield Fault(fleet.path, f"{fleet.name} is too large", f"at least {fewest} instances", expected)


def _fewest_instances(fleet: Fleet) -> int:
    """Return how many instances make the targets at least: as many as with the greatest weight."""
    greatest = max((each.get("WeightedCapacity", 1) or 1 for each in fleet.types), default=1)
    return sum(-(-target // greatest) for target in (fleet.on_demand, fleet.spot))


RULES: Final[tuple[Rule[Cluster], ...]] = (
    *error(api("InstanceFleetConfig"), availability, roles, targets, has_types),
    *error(api("InstanceTypeConfig"), number_of_types, weights),
    *error(api("SpotProvisioningSpecification"), spot_timeouts, spot_blocks),
    *error(api("SpotResizingSpecification"), resize_timeouts),
    *error(guide("emr-instance-fleet"), priorities, sizes),
    *error(guide("on-demand-capacity-reservations"), reservations),
)
