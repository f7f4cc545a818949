"""How managed scaling shares units out among instance groups, each of one type and one purchasing option.

https://docs.aws.amazon.com/emr/latest/ManagementGuide/managed-scaling-allocation-strategy.html: core before task, up to
the limit of core nodes; On-Demand before Spot, up to the limit of On-Demand; where no task group has Spot Instances and
no more On-Demand is allowed, a task group of them is made. A limit counts instances, or their vCPUs, of core and task.
Of several task groups of one purchasing option the first takes all; that another one does where it is slow is not done.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from local_aws.emr.entities import CORE, MASTER, ON_DEMAND, SPOT, TASK, Cluster, Collection, Json
from local_aws.emr.guesses import SCALED_TASK_GROUP
from local_aws.emr.rules.groups import MOST_TASK_GROUPS
from local_aws.emr.rules.sizes import MOST_INSTANCES
from local_aws.emr.world import World

# The units that an instance of a type counts.
Sizer = Callable[[str], int]
_ORDER: Final = {(CORE, ON_DEMAND): 0, (CORE, SPOT): 0, (TASK, ON_DEMAND): 1, (TASK, SPOT): 2}


@dataclass
class _Rest:
    """What is still wanted, and what the limits still allow."""

    wanted: int
    total: int
    core: int
    on_demand: int

    def room(self, group: Collection) -> int:
        """Return the units that a group may have."""
        limits = [self.total]
        if group.role == CORE:
            limits.append(self.core)
        if _market(group) == ON_DEMAND:
            limits.append(self.on_demand)
        return max(0, min(limits))

    def take(self, group: Collection, units: int) -> None:
        """Give units to a group."""
        self.wanted, self.total = max(0, self.wanted - units), self.total - units
        if _market(group) == ON_DEMAND:
            self.on_demand -= units


def scaled(cluster: Cluster) -> list[Collection]:
    """Return the groups that are scaled, in the order in which they are filled."""
    found = [group for group in cluster.collections if group.role != MASTER]
    return sorted(found, key=lambda group: _ORDER[group.role, _market(group)])


def sizer(world: World, limits: Mapping[str, Json]) -> Sizer:
    """Return how units are counted: by instances, or by their vCPUs."""
    if limits["UnitType"] == "VCPU":
        return lambda instance_type: world.supply.market.types[instance_type].vcpu
    return lambda _: 1


def counts(
    limits: Mapping[str, Json], demand: int, groups: Sequence[Collection], size: Sizer
) -> dict[str, int]:
    """Share out the units that are wanted: how many instances each group is to have; a core node always stays."""
    return _share(limits, demand, groups, size)[0]


def needed_group(
    limits: Mapping[str, Json], demand: int, groups: Sequence[Collection], size: Sizer
) -> dict[str, Json] | None:
    """Tell whether a task group of Spot Instances is to be made, and which: empty, and of the type of core nodes."""
    core = next((group for group in groups if group.role == CORE), None)
    tasks = [group for group in groups if group.role == TASK]
    if core is None or any(_market(group) == SPOT for group in tasks) or len(tasks) >= MOST_TASK_GROUPS:
        return None
    rest, kind = _share(limits, demand, groups, size)[1], core.config["InstanceType"]
    if not rest.wanted or rest.on_demand >= size(kind) or rest.total < size(kind):
        return None
    return {
        "Name": SCALED_TASK_GROUP,
        "InstanceRole": TASK,
        "InstanceType": kind,
        "InstanceCount": 0,
        "Market": SPOT,
    }


def _share(
    limits: Mapping[str, Json], demand: int, groups: Sequence[Collection], size: Sizer
) -> tuple[dict[str, int], _Rest]:
    most = limits["MaximumCapacityUnits"]
    rest = _Rest(
        wanted=min(most, max(limits["MinimumCapacityUnits"], demand)),
        total=most,
        core=limits.get("MaximumCoreCapacityUnits", most),
        on_demand=limits.get("MaximumOnDemandCapacityUnits", most),
    )
    found = {}
    for group in groups:
        units = size(group.config["InstanceType"])
        count = min(-(-rest.wanted // units), rest.room(group) // units, MOST_INSTANCES)
        found[group.id] = max(count, 1) if group.role == CORE else count
        rest.take(group, found[group.id] * units)
    return found, rest


def _market(group: Collection) -> str:
    return str(group.config.get("Market", ON_DEMAND))
