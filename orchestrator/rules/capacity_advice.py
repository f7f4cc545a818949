"""Advice about instances: where Spot is a risk, and types that do not go together."""

from collections.abc import Iterator
from typing import Any, Final

from orchestrator.catalog import InstanceType, instance_types, instance_types_date
from orchestrator.config.near import near
from orchestrator.findings import ValuePath
from orchestrator.rules import spark
from orchestrator.rules.cluster import SPOT_SPECS, Cluster, Fleet
from orchestrator.rules.rule import Fault, Rule, advice, guide

_SPOT_PRACTICE: Final = (
    "https://aws.github.io/aws-emr-best-practices/docs/bestpractices/Features/Spot%20Usage/best_practices"
)
_RELIABILITY: Final = (
    "https://aws.github.io/aws-emr-best-practices/docs/bestpractices/Reliability/introduction"
)
FEW_TYPES: Final = 5
BEST_TYPES: Final = 10
# https://docs.aws.amazon.com/emr/latest/ReleaseGuide/emr-hadoop-task-config.html: what YARN has of an instance's memory
# is its memory without a quarter, and without at most 8 GiB.
_MOST_RESERVED_MIB: Final = 8 * 1024
_LEAST_USED: Final = 0.75
_ROLES: Final = {"MASTER": "primary", "CORE": "core"}


def steady_nodes_on_spot(cluster: Cluster) -> Iterator[Fault]:
    """Primary and core nodes on Spot: a lost primary ends the cluster, a lost core node loses HDFS blocks."""
    for fleet in cluster.fleets:
        if fleet.role in _ROLES and fleet.spot > 0:
            path, problem = (*fleet.path, "TargetSpotCapacity"), f"{_ROLES[fleet.role]} nodes on Spot"
            yield Fault(path, problem, fleet.spot, "On-Demand, and Spot for task nodes")
    for group in cluster.groups:
        if group.get("InstanceRole") in _ROLES and group.get("Market") == "SPOT":
            problem = f"{_ROLES[group.get('InstanceRole')]} nodes on Spot"
            yield Fault((*group.path, "Market"), problem, "SPOT", "ON_DEMAND, and Spot for task nodes")


def few_types(cluster: Cluster) -> Iterator[Fault]:
    """Few types in a Spot fleet: fewer than 5; 10 or more are better."""
    for fleet in cluster.fleets:
        count = len(fleet.types)
        if fleet.role != "MASTER" and fleet.spot > 0 and 0 < count < FEW_TYPES:
            path = (*fleet.path, "InstanceTypeConfigs")
            expected = f"at least {FEW_TYPES}, best {BEST_TYPES} or more"
            yield Fault(path, f"few types in {fleet.name}, which is on Spot", count, expected)


def no_spot_timeout(cluster: Cluster) -> Iterator[Fault]:
    """Spot without a time-out: the launch waits for Spot Instances without an end."""
    for fleet in cluster.fleets:
        if fleet.spot > 0 and fleet.part(*SPOT_SPECS[0]) is None:
            path = (*fleet.path, "LaunchSpecifications")
            expected = "SpotSpecification with TimeoutDurationMinutes and TimeoutAction: SWITCH_TO_ON_DEMAND"
            yield Fault(path, f"{fleet.name} waits for Spot without an end", expected=expected)


def uneven_weights(cluster: Cluster) -> Iterator[Fault]:
    """Weights that do not follow vCPUs: a unit of capacity is then worth more or less work by its type."""
    for fleet in cluster.fleets:
        if fleet.role == "MASTER":
            continue
        ratios = {path[-2]: weight / each.vcpus for each, weight, path in _weighed(fleet)}
        if len(set(ratios.values())) > 1:
            usual = sorted(ratios.values())[len(ratios) // 2]
            for each, weight, path in _weighed(fleet):
                if weight / each.vcpus != usual:
                    expected = f"{each.vcpus * usual:g}, as other types weigh {usual:g} a vCPU"
                    problem = f"the weight does not follow the {each.vcpus} vCPUs of {each.name}"
                    yield Fault(path, problem, weight, expected)


def mixed_architectures(cluster: Cluster) -> Iterator[Fault]:
    """Architectures mixed in a fleet: libraries and bootstrap actions are for one."""
    for fleet in cluster.fleets:
        arms = {"arm64" in each.architectures: each.name for each, _ in _known(fleet)}
        if len(arms) > 1:
            path = (*fleet.path, "InstanceTypeConfigs")
            met = f"{arms[True]} (arm64), {arms[False]} (x86_64)"
            yield Fault(path, f"{fleet.name} mixes architectures", met, "one architecture in a fleet")


def unknown_types(cluster: Cluster) -> Iterator[Fault]:
    """Instance types that the catalog does not know."""
    known = instance_types()
    named: list[tuple[Any, ValuePath]] = [
        (cluster.instances.get(name), ("Instances", name))
        for name in ("MasterInstanceType", "SlaveInstanceType")
    ]
    named += [(each.get("InstanceType"), (*each.path, "InstanceType")) for each in cluster.groups]
    for fleet in cluster.fleets:
        named += [(each.get("InstanceType"), (*each.path, "InstanceType")) for each in fleet.types]
    for name, path in named:
        if name and name not in known:
            close = near(name, known)
            expected = "a type of EC2 in the Region" + (f"; did you mean {close}?" if close else "")
            yield Fault(path, f"not among the instance types of {instance_types_date()}", name, expected)


def executors_do_not_fit(cluster: Cluster) -> Iterator[Fault]:
    """Types whose memory per vCPU breaks the executor size of spark-defaults."""
    size = spark.executor(cluster)
    if size is None:
        return
    for each, path in _workers(cluster):
        memory = each.memory_mib - min(each.memory_mib // 4, _MOST_RESERVED_MIB)
        by_memory, by_cores = int(memory // size.total), each.vcpus // size.cores
        told = f"{size.cores} cores and {size.total:,.0f} MiB with overhead"
        if min(by_memory, by_cores) == 0:
            problem = (
                f"no executor fits on {each.name}, which has {each.vcpus} vCPUs and {memory:,} MiB for YARN"
            )
            yield Fault(path, problem, told, "a larger type, or smaller executors in spark-defaults")
        elif by_memory * size.cores < each.vcpus * _LEAST_USED:
            problem = f"{each.name} has memory for {by_memory} executors, and vCPUs for {by_cores}"
            yield Fault(path, problem, told, f"types with {size.total / size.cores:,.0f} MiB for YARN a vCPU")


def few_subnets(cluster: Cluster) -> Iterator[Fault]:
    """One subnet or none: fleets choose the zone with capacity among several."""
    several = cluster.instances.get("Ec2SubnetIds") or []
    if cluster.has_fleets and len(several) <= 1:
        count = len(several) or int(bool(cluster.instances.get("Ec2SubnetId")))
        problem = "only one subnet" if count else "no subnet"
        yield Fault(("Instances", "Ec2SubnetIds"), problem, several or None, "a subnet in each zone")


def _known(fleet: Fleet) -> Iterator[tuple[InstanceType, ValuePath]]:
    for each in fleet.types:
        if (known := instance_types().get(each.get("InstanceType", ""))) is not None:
            yield known, each.path


def _weighed(fleet: Fleet) -> list[tuple[InstanceType, int, ValuePath]]:
    given = {each.path: each.get("WeightedCapacity", 1) for each in fleet.types}
    return [(known, given[path], (*path, "WeightedCapacity")) for known, path in _known(fleet)]


def _workers(cluster: Cluster) -> Iterator[tuple[InstanceType, ValuePath]]:
    for fleet in cluster.fleets:
        if fleet.role != "MASTER":
            for known, path in _known(fleet):
                yield known, (*path, "InstanceType")
    for group in cluster.groups:
        known_type = instance_types().get(group.get("InstanceType", ""))
        if group.get("InstanceRole") != "MASTER" and known_type is not None:
            yield known_type, (*group.path, "InstanceType")


RULES: Final[tuple[Rule[Cluster], ...]] = (
    *advice(_RELIABILITY, steady_nodes_on_spot),
    *advice(_SPOT_PRACTICE, few_types, uneven_weights, executors_do_not_fit),
    *advice(guide("emr-instance-fleet"), no_spot_timeout, few_subnets),
    *advice(guide("emr-supported-instance-types"), unknown_types, mixed_architectures),
)
