"""How long a fleet waits for capacity while its cluster is launched, and what comes then.

https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-instance-fleet.html: where Spot is missing at the time-out,
the rest becomes On-Demand, or the cluster ends. For On-Demand AWS documents no time-out, but that clusters end so.
"""

from collections.abc import Callable
from typing import Final, Protocol

from local_aws.emr.entities import ON_DEMAND, SPOT, TASK, Cluster, Collection, Json
from local_aws.emr.error_details import out_of_capacity
from local_aws.emr.guesses import FLEET_TIMEOUT
from local_aws.emr.world import MINUTE, World

_NO_CAPACITY: Final = (
    "EC2 is out of capacity for {type} in availability zone {zone}. Learn more at "
    "https://docs.aws.amazon.com/console/elasticmapreduce/ERROR_noinstancecapacity"
)


class GiveUp(Protocol):
    """Who hears that the cluster cannot go on: why, and the details of the error, where there are some."""

    def __call__(self, code: str, message: str, *details: Json) -> None:
        """End the cluster."""


class LaunchTimeouts:
    """The time-outs of a cluster's fleets at their launch."""

    def __init__(
        self, world: World, cluster: Cluster, give_up: GiveUp, ask: Callable[[Collection], None]
    ) -> None:
        """Watch over a cluster; `ask` asks the market for what a fleet misses."""
        self._world, self._cluster, self._give_up, self._ask = world, cluster, give_up, ask

    def set(self, collection: Collection) -> None:
        """Set the time-outs of a fleet that is asked for."""
        spot = collection.config.get("LaunchSpecifications", {}).get("SpotSpecification")
        if spot and collection.spot_target:
            delay = spot["TimeoutDurationMinutes"] * MINUTE
            self._world.agenda.after(delay, lambda: self._spot_timed_out(collection, spot["TimeoutAction"]))
        if collection.on_demand_target:
            self._be_patient(collection)

    def _be_patient(self, collection: Collection) -> None:
        if collection.role != TASK:
            patience = self._world.durations.on_demand_patience
            self._world.agenda.after(patience, lambda: self._on_demand_timed_out(collection))

    def _spot_timed_out(self, collection: Collection, action: str) -> None:
        rest = collection.missing(SPOT)
        if not rest or self._cluster.is_ending or not collection.is_launching:
            return
        if action == "TERMINATE_CLUSTER":
            self._give_up("INSTANCE_FLEET_TIMEOUT", FLEET_TIMEOUT)
            return
        collection.spot_target -= rest
        collection.on_demand_target += rest
        self._world.say(collection.id, "SWITCH_TO_ON_DEMAND", rest)
        self._ask(collection)
        self._be_patient(collection)

    def _on_demand_timed_out(self, collection: Collection) -> None:
        if collection.missing(ON_DEMAND) and not self._cluster.is_ending and collection.is_launching:
            first = collection.config if collection.is_group else collection.config["InstanceTypeConfigs"][0]
            kind, zone = first["InstanceType"], str(self._cluster.zone)
            text = _NO_CAPACITY.format(type=kind, zone=zone)
            self._give_up("INTERNAL_ERROR", text, out_of_capacity(kind, zone, text))
