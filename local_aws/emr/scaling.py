"""Managed scaling of a cluster: its capacity follows what the applications of running steps ask YARN for.

https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-managed-scaling.html: it sees YARN's demand alone, neither
steps that wait, nor HDFS that is full, nor the primary node. AWS keeps its algorithm to itself; ours goes where the
demand is, within the limits, and fills as AWS says: core before task, On-Demand before Spot, and empties the other way.
"""

from collections.abc import Mapping

from local_aws.emr import group_scaling
from local_aws.emr.entities import CORE, ON_DEMAND, TASK, Cluster, Collection, Json
from local_aws.emr.founding import new_group
from local_aws.emr.provisioning import Provisioner
from local_aws.emr.world import World


class Scaler:
    """The managed scaling of a cluster."""

    def __init__(self, world: World, cluster: Cluster, provisioner: Provisioner) -> None:
        """Take care of a cluster's size."""
        self._world, self._cluster, self._provisioner = world, cluster, provisioner
        self._is_due = False

    def look_soon(self) -> None:
        """Look at the demand once metrics tell of it."""
        if self._cluster.scaling and not self._is_due:
            self._is_due = True
            self._world.agenda.after(self._world.durations.scale, self._look)

    def _look(self) -> None:
        self._is_due = False
        policy, cluster = self._cluster.scaling, self._cluster
        if policy is None or cluster.status.state not in ("RUNNING", "WAITING"):
            return
        if cluster.has_fleets:
            self._scale_fleets(policy["ComputeLimits"])
        else:
            self._scale_groups(policy["ComputeLimits"])

    def _scale_fleets(self, limits: Mapping[str, Json]) -> None:
        cluster = self._cluster
        fleets = {role: found for role in (CORE, TASK) if (found := cluster.collection(role))}
        wanted = targets(limits, self._world.runner.demand(cluster), fleets)
        for role, (on_demand, spot) in wanted.items():
            fleet = fleets[role]
            if (fleet.on_demand_target, fleet.spot_target) != (on_demand, spot):
                self._world.say(cluster.id, "SCALING", role, on_demand, spot)
                self._provisioner.resize(fleet, on_demand, spot)

    def _scale_groups(self, limits: Mapping[str, Json]) -> None:
        """Bring groups to their counts; one of task nodes on Spot is made where AWS does so, at first empty."""
        world, cluster = self._world, self._cluster
        demand, groups = world.runner.demand(cluster), group_scaling.scaled(cluster)
        size = group_scaling.sizer(world, limits)
        if config := group_scaling.needed_group(limits, demand, groups, size):
            made = new_group(world, config)
            world.say(made.id, made.status.state, cluster.id)
            cluster.collections.append(made)
            groups = group_scaling.scaled(cluster)
        for group, count in group_scaling.counts(limits, demand, groups, size).items():
            found = next(one for one in groups if one.id == group)
            market = str(found.config.get("Market", ON_DEMAND))
            if found.target(market) != count:
                world.say(cluster.id, "SCALING", group, count)
                wanted = (count, 0) if market == ON_DEMAND else (0, count)
                self._provisioner.resize(found, *wanted)


def targets(
    limits: Mapping[str, Json], demand: int, fleets: Mapping[str, Collection]
) -> dict[str, tuple[int, int]]:
    """Share out the units that are wanted: On-Demand and Spot targets of core and task, where there are such fleets."""
    most = limits["MaximumCapacityUnits"]
    total = min(most, max(limits["MinimumCapacityUnits"], demand))
    on_demand_left = min(total, limits.get("MaximumOnDemandCapacityUnits", most))
    core_limit = limits.get("MaximumCoreCapacityUnits", most)
    wanted = {}
    for role in (CORE, TASK):
        if role in fleets:
            units = min(total, core_limit) if role == CORE else total
            units = max(units, 1) if role == CORE else units
            on_demand = min(units, on_demand_left)
            wanted[role] = (on_demand, units - on_demand)
            total, on_demand_left = max(0, total - units), on_demand_left - on_demand
    return wanted
