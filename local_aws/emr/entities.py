"""Clusters, instance collections, instances and steps, as they are at an instant; all times in milliseconds."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from local_aws.emr.rules.releases import Release, release_of

Json = Any

MASTER, CORE, TASK = "MASTER", "CORE", "TASK"
ON_DEMAND, SPOT = "ON_DEMAND", "SPOT"
ENDING: Final = frozenset({"TERMINATING", "TERMINATED", "TERMINATED_WITH_ERRORS"})
ENDED: Final = frozenset({"TERMINATED", "TERMINATED_WITH_ERRORS"})
ACTIVE_STEPS: Final = frozenset({"PENDING", "RUNNING", "CANCEL_PENDING"})


@dataclass
class Status:
    """A state, why it came about, and when things came into their first, their ready and their last state."""

    state: str
    created_at: int
    code: str | None = None
    message: str | None = None
    started_at: int | None = None
    ready_at: int | None = None
    ended_at: int | None = None


@dataclass
class Instance:
    """An EC2 instance, or one that is asked for: until it is provisioned it has no EC2 id and no address."""

    id: str
    collection_id: str
    role: str
    instance_type: str
    market: str
    weight: int
    zone: str
    status: Status
    ec2_id: str | None = None
    address: str | None = None
    # Devices, with the ids of the volumes behind them.
    volumes: list[tuple[str, str]] = field(default_factory=list)

    @property
    def is_live(self) -> bool:
        """Tell whether it is there, or still to come."""
        return self.status.state != "TERMINATED"


@dataclass
class Collection:
    """An instance fleet, or an instance group, which is a fleet of one type whose instances count one each."""

    id: str
    role: str
    config: dict[str, Json]
    is_group: bool
    status: Status
    on_demand_target: int = 0
    spot_target: int = 0
    instances: list[Instance] = field(default_factory=list)
    # Purchasing options whose missing units are asked for no longer.
    given_up: set[str] = field(default_factory=set)
    bootstrap_failures: int = 0
    # Until it runs for the first time, or is resized: launch time-outs hold.
    is_launching: bool = True
    # How often missing instances were asked for anew: time-outs of earlier times say nothing.
    refills: int = 0
    # Instances that are let go because the fleet is to be smaller.
    leaving: set[str] = field(default_factory=set)

    @property
    def live(self) -> list[Instance]:
        """The instances that are there, or still to come."""
        return [instance for instance in self.instances if instance.is_live]

    def units(self, market: str) -> int:
        """Count the units of a purchasing option that are there, or still to come."""
        return sum(instance.weight for instance in self.live if instance.market == market)

    def target(self, market: str) -> int:
        """Return the units of a purchasing option that are wanted."""
        return self.on_demand_target if market == ON_DEMAND else self.spot_target

    def missing(self, market: str) -> int:
        """Count the units of a purchasing option that are wanted and not even asked for."""
        return max(0, self.target(market) - self.units(market))

    @property
    def is_fulfilled(self) -> bool:
        """Tell whether no unit is missing, but those that are asked for no longer."""
        return not any(self.missing(market) for market in (ON_DEMAND, SPOT) if market not in self.given_up)


@dataclass
class Step:
    """A step: what was asked for, and what became of it."""

    id: str
    config: dict[str, Json]
    status: Status
    role_arn: str | None = None
    failure: dict[str, str] | None = None

    @property
    def action_on_failure(self) -> str:
        """What a failure of it does to the cluster."""
        return str(self.config["ActionOnFailure"])

    @property
    def is_active(self) -> bool:
        """Tell whether it counts among the 256."""
        return self.status.state in ACTIVE_STEPS


@dataclass
class Cluster:
    """A cluster: the request it was made by, and everything that has changed since."""

    id: str
    request: Mapping[str, Json]
    status: Status
    keeps_alive: bool
    is_protected: bool
    concurrency: int
    tags: dict[str, str]
    zone: str | None = None
    steps: list[Step] = field(default_factory=list)
    collections: list[Collection] = field(default_factory=list)
    scaling: dict[str, Json] | None = None
    idle_timeout: int | None = None
    idle_since: int | None = None
    # The share of HDFS that is full; from a tenth on, a cluster is never idle.
    hdfs_use: float = 0.0
    # Why it ended with errors, where AWS documents what it tells of that.
    error_details: list[Json] = field(default_factory=list)
    # Its states as lists show them, which may lag behind: instants, with a copy of the status.
    history: list[tuple[int, Status]] = field(default_factory=list)

    @property
    def name(self) -> str:
        """Its name, by which a launch can be found again."""
        return str(self.request["Name"])

    @property
    def release(self) -> Release:
        """Its release, by which features are there or not."""
        return release_of(self.request)

    @property
    def has_fleets(self) -> bool:
        """Tell whether it has instance fleets, not groups."""
        return not any(collection.is_group for collection in self.collections)

    @property
    def is_ending(self) -> bool:
        """Tell whether it shuts down, or has."""
        return self.status.state in ENDING

    @property
    def instances(self) -> list[Instance]:
        """All instances that it ever had."""
        return [instance for collection in self.collections for instance in collection.instances]

    def collection(self, role: str) -> Collection | None:
        """Return the fleet, or the first group, of a role."""
        return next((found for found in self.collections if found.role == role), None)

    def step(self, step_id: str) -> Step | None:
        """Find a step."""
        return next((step for step in self.steps if step.id == step_id), None)
