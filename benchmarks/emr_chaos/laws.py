"""What no sequence of calls and faults may break."""

from collections import Counter
from collections.abc import Iterator
from typing import Final

from local_aws.emr.emulator import Emr
from local_aws.emr.entities import Cluster, Collection, Instance, Status, Step
from local_aws.emr.market import Pool

# What each kind of thing may become: https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-overview.html and the
# enumerations of the API. The first state of each is the one that it begins in.
STATES: Final = {
    "cluster": {
        "STARTING": {"STARTING", "BOOTSTRAPPING", "TERMINATING"},
        "BOOTSTRAPPING": {"RUNNING", "WAITING", "TERMINATING"},
        "RUNNING": {"WAITING", "TERMINATING"},
        "WAITING": {"RUNNING", "TERMINATING"},
        "TERMINATING": {"TERMINATED", "TERMINATED_WITH_ERRORS"},
    },
    "step": {
        "PENDING": {"RUNNING", "CANCELLED"},
        "RUNNING": {"COMPLETED", "FAILED", "CANCEL_PENDING", "CANCELLED", "INTERRUPTED"},
        "CANCEL_PENDING": {"CANCELLED", "INTERRUPTED"},
    },
    "instance": {
        "AWAITING_FULFILLMENT": {"PROVISIONING", "TERMINATED"},
        "PROVISIONING": {"BOOTSTRAPPING", "TERMINATED"},
        "BOOTSTRAPPING": {"RUNNING", "TERMINATED"},
        "RUNNING": {"TERMINATED"},
    },
    "fleet": {
        "PROVISIONING": {"BOOTSTRAPPING", "RUNNING", "RESIZING", "SUSPENDED", "TERMINATING"},
        "BOOTSTRAPPING": {"RUNNING", "RESIZING", "SUSPENDED", "TERMINATING"},
        "RUNNING": {"RESIZING", "TERMINATING"},
        "RESIZING": {"RUNNING", "RESIZING", "SUSPENDED", "TERMINATING"},
        "SUSPENDED": {"RESIZING", "TERMINATING"},
        "TERMINATING": {"TERMINATED"},
    },
}
KINDS: Final = {"j": "cluster", "s": "step", "ci": "instance", "if": "fleet", "ig": "fleet"}
NOT_STATES: Final = {"TARGET", "SCALING", "TIMEOUT", "SWITCH_TO_ON_DEMAND", "INTERRUPTION", "CONCURRENCY"}
_ENDED: Final = ("TERMINATED", "TERMINATED_WITH_ERRORS")
_MOST_ACTIVE_STEPS: Final = 256
_LOOKS: Final = 20


class BrokenLawError(Exception):
    """Something happened that must not."""


class Laws:
    """The laws of one EMR, held against its trace as it grows, and against its clusters as they stand.

    Attributes:
        reached: How often a thing of a kind went from a state to another.
    """

    def __init__(self, emr: Emr) -> None:
        """Begin where the trace does."""
        self.reached: Counter[tuple[str, str, str]] = Counter()
        self._emr = emr
        self._read = 0
        self._states: dict[str, str] = {}
        # Steps that run when the concurrency is lowered run on: what counts is the greatest that there was.
        self._levels: dict[str, int] = {}

    def check(self) -> None:
        """See that each thing went through documented states alone, and that nothing was lost or doubled.

        Raises:
            BrokenLawError: Where it is not so.
        """
        trace = self._emr.world.trace
        for line in trace[self._read :]:
            self._follow(*line.split(" ")[1:])
        self._read = len(trace)
        used: Counter[Pool] = Counter()
        for cluster in self._emr.world.clusters.values():
            self._check_cluster(cluster)
            live = [one for one in cluster.instances if one.is_live]
            used.update(Pool(one.instance_type, one.zone) for one in live if one.market == "SPOT")
        if used != self._emr.world.supply.market.in_use:
            raise BrokenLawError(f"used of Spot: {used}, counted: {self._emr.world.supply.market.in_use}")

    def _follow(self, thing: str, state: str, *further: str) -> None:
        kind = KINDS.get(thing.partition("-")[0])
        if state == "CONCURRENCY":
            self._levels[thing] = max(self._levels.get(thing, 1), int(further[0]))
        if kind is None or state in NOT_STATES:
            return
        first = next(iter(STATES[kind]))
        before = self._states.get(thing)
        begins = before is None and state == first
        if not begins:
            if state not in STATES[kind].get(before or first, ()):
                raise BrokenLawError(f"{thing}: {before or first} to {state}")
            self.reached[kind, before or first, state] += 1
        self._states[thing] = state

    def _check_cluster(self, cluster: Cluster) -> None:
        active = sum(step.is_active for step in cluster.steps)
        busy = sum(step.status.state in ("RUNNING", "CANCEL_PENDING") for step in cluster.steps)
        level = max(cluster.request.get("StepConcurrencyLevel") or 1, self._levels.get(cluster.id, 1))
        if busy > level or active > _MOST_ACTIVE_STEPS:
            raise BrokenLawError(f"{cluster.id}: {busy} steps at once, {active} active, at most {level}")
        if cluster.status.state in _ENDED and (active or any(one.is_live for one in cluster.instances)):
            raise BrokenLawError(f"{cluster.id} has ended, and something of it has not")
        if cluster.error_details and cluster.status.state not in ("TERMINATING", "TERMINATED_WITH_ERRORS"):
            raise BrokenLawError(f"{cluster.id}: {cluster.status.state}, with details of an error")

    def check_times(self) -> None:
        """See that nothing ended before it began, and that what has ended knows when.

        Raises:
            BrokenLawError: Where it is not so.
        """
        for cluster in self._emr.world.clusters.values():
            _check_times(cluster.id, cluster.status)
            things: list[Step | Instance | Collection] = [
                *cluster.steps,
                *cluster.instances,
                *cluster.collections,
            ]
            for thing in things:
                _check_times(thing.id, thing.status)

    def check_settled(self) -> None:
        """See that after a long time without shortages nothing is under way, and each fleet has what it is to have.

        Spot instances are interrupted now and then for ever: some hours later they are replaced. Where the market has
        none at any look, Spot may be waited for without end.

        Raises:
            BrokenLawError: Where something is under way for ever.
        """
        not_taken: set[str] = set()
        for _ in range(_LOOKS):
            if not self._moving(set()):
                return
            not_taken |= {fleet for fleet, has_some in self._missing_spot() if has_some}
            self._emr.advance(6 * 3600)
        dry = {fleet for fleet, _ in self._missing_spot()} - not_taken
        if moving := self._moving(dry):
            raise BrokenLawError(f"still under way: {', '.join(moving)}")

    def _moving(self, dry: set[str]) -> list[str]:
        """Name the clusters that are under way, but for fleets that wait for a market that has run dry."""
        clusters = self._emr.world.clusters.values()
        return [cluster.id for cluster in clusters if _moves(cluster, dry)]

    def _missing_spot(self) -> Iterator[tuple[str, bool]]:
        """Name fleets that miss Spot alone, and tell whether their market has some, and had when they last asked."""
        world = self._emr.world
        asked = world.now - world.durations.retry_capacity
        for cluster in world.clusters.values():
            for fleet in cluster.collections:
                types = fleet.config.get("InstanceTypeConfigs") or [fleet.config]
                pools = [Pool(one["InstanceType"], str(cluster.zone)) for one in types]
                has_some = any(
                    world.supply.spot_available(pool, world.now) and world.supply.spot_available(pool, asked)
                    for pool in pools
                )
                if fleet.missing("SPOT") and not fleet.missing("ON_DEMAND"):
                    yield fleet.id, has_some


def _moves(cluster: Cluster, dry: set[str]) -> bool:
    if cluster.status.state in _ENDED:
        return False
    fleets = [found for found in cluster.collections if found.status.state != "SUSPENDED"]
    if any(one.status.state != "RUNNING" for found in fleets for one in found.live):
        return True
    rest = [found for found in fleets if found.id not in dry]
    if len(rest) < len(fleets) and cluster.status.state == "STARTING":
        return False
    return (
        cluster.status.state != "WAITING"
        or any(found.is_active for found in cluster.steps)
        or any(found.status.state != "RUNNING" or not found.is_fulfilled for found in rest)
    )


def _check_times(thing: str, status: Status) -> None:
    times = [status.created_at, status.started_at, status.ready_at, status.ended_at]
    known = [each for each in times if each is not None]
    if known != sorted(known):
        raise BrokenLawError(f"{thing}: times out of order: {times}")
    has_ended = status.state in {*_ENDED, "COMPLETED", "FAILED", "INTERRUPTED"}
    if has_ended and status.ended_at is None:
        raise BrokenLawError(f"{thing}: {status.state}, nobody knows since when")
