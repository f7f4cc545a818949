"""Rules of managed scaling, of auto-termination, and of our own limits beside them."""

from collections.abc import Iterator
from typing import Final

from orchestrator.rules.cluster import Cluster
from orchestrator.rules.rule import Fault, Rule, api, error, guide, is_outside

_INDICES: Final = (1, 25, 50, 75, 100)
_POLICY: Final = "ManagedScalingPolicy"
_LIMITS: Final = (_POLICY, "ComputeLimits")


def scaling_release(cluster: Cluster) -> Iterator[Fault]:
    """Managed scaling: from 5.30.0 on, without 6.0.x, with ComputeLimits."""
    policy = cluster.request.get(_POLICY)
    if policy is None:
        return
    if cluster.lacks((5, 30), (6, 0)):
        yield Fault(
            (_POLICY,), "managed scaling with an older release", expected="5.30.0 or later, not 6.0.x"
        )
    if policy.get("ComputeLimits") is None:
        yield Fault(_LIMITS, "managed scaling without limits", expected="UnitType and capacity units")


def scaling_units(cluster: Cluster) -> Iterator[Fault]:
    """Managed scaling's units: InstanceFleetUnits for fleets; Instances or VCPU otherwise."""
    limits = cluster.root.part(*_LIMITS)
    unit = limits.get("UnitType") if limits else None
    if unit and (unit == "InstanceFleetUnits") != cluster.has_fleets:
        expected = "InstanceFleetUnits" if cluster.has_fleets else "Instances or VCPU"
        kind = "instance fleets" if cluster.has_fleets else "instance groups"
        yield Fault((*_LIMITS, "UnitType"), f"the wrong units for {kind}", unit, expected)


def scaling_limits(cluster: Cluster) -> Iterator[Fault]:
    """Managed scaling's limits: minimum 1 or more, none above the maximum."""
    limits = cluster.root.part(*_LIMITS)
    if not limits:
        return
    least, most = limits.get("MinimumCapacityUnits"), limits.get("MaximumCapacityUnits")
    if least is not None and least < 1:
        yield Fault((*_LIMITS, "MinimumCapacityUnits"), "too small", least, "1 or more")
    for name in ("MinimumCapacityUnits", "MaximumCoreCapacityUnits", "MaximumOnDemandCapacityUnits"):
        value = limits.get(name)
        if value is not None and most is not None and value > most:
            yield Fault((*_LIMITS, name), "above the maximum", value, f"at most MaximumCapacityUnits, {most}")
        if value is not None and value < 0:
            yield Fault((*_LIMITS, name), "below 0", value, "0 or more")


def scaling_core(cluster: Cluster) -> Iterator[Fault]:
    """Managed scaling of On-Demand core groups: no more core than On-Demand units."""
    limits = cluster.root.part(*_LIMITS)
    is_spot = any(
        each.get("InstanceRole") == "CORE" and each.get("Market") == "SPOT" for each in cluster.groups
    )
    if not limits or cluster.has_fleets or is_spot:
        return
    core, on_demand = limits.get("MaximumCoreCapacityUnits"), limits.get("MaximumOnDemandCapacityUnits")
    if core is not None and on_demand is not None and core > on_demand:
        expected = f"at most MaximumOnDemandCapacityUnits, {on_demand}"
        yield Fault((*_LIMITS, "MaximumCoreCapacityUnits"), "core nodes are On-Demand", core, expected)


def scaling_index(cluster: Cluster) -> Iterator[Fault]:
    """UtilizationPerformanceIndex: 1, 25, 50, 75 or 100, with ScalingStrategy ADVANCED."""
    policy = cluster.request.get(_POLICY) or {}
    index, path = policy.get("UtilizationPerformanceIndex"), (_POLICY, "UtilizationPerformanceIndex")
    if index is not None and policy.get("ScalingStrategy") != "ADVANCED":
        yield Fault(path, "without ScalingStrategy: ADVANCED", index, "ScalingStrategy: ADVANCED")
    if index is not None and index not in _INDICES:
        yield Fault(path, "not an index", index, f"one of {', '.join(map(str, _INDICES))}")


def idle_timeout(cluster: Cluster) -> Iterator[Fault]:
    """Auto-termination: 60 to 604,800 seconds, from 5.30.0 on, without 6.0.x."""
    policy = cluster.request.get("AutoTerminationPolicy")
    if policy is None:
        return
    if cluster.lacks((5, 30), (6, 0)):
        expected = "5.30.0 or later, not 6.0.x"
        yield Fault(("AutoTerminationPolicy",), "auto-termination with an older release", expected=expected)
    seconds = policy.get("IdleTimeout")
    if is_outside(seconds, 60, 604_800):
        path = ("AutoTerminationPolicy", "IdleTimeout")
        yield Fault(path, "time-out out of range", seconds, "60 to 604,800 seconds (7 days)")


def lifetime_of_protected(cluster: Cluster) -> Iterator[Fault]:
    """Our limits with TerminationProtected: a protected cluster cannot be ended from outside."""
    given = {
        "max_lifetime_hours": cluster.limits.max_lifetime_hours,
        "idle_timeout_seconds": cluster.limits.idle_timeout_seconds,
    }
    for name, value in given.items():
        if value is not None and cluster.instances.get("TerminationProtected"):
            problem = "a limit that cannot be kept: EMR refuses to end a protected cluster"
            yield Fault(("limits", name), problem, value, "no limit, or TerminationProtected: false")


RULES: Final[tuple[Rule[Cluster], ...]] = (
    *error(guide("emr-managed-scaling"), scaling_release, scaling_core),
    *error(api("ComputeLimits"), scaling_units, scaling_limits),
    *error(api("ManagedScalingPolicy"), scaling_index),
    *error(guide("emr-auto-termination-policy"), idle_timeout),
    *error(guide("UsingEMR_TerminationProtection"), lifetime_of_protected),
)
