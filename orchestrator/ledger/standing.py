"""How one key stands: pure, and the same whatever order its events came in."""

from enum import StrEnum

import msgspec

from ingestion.s3_events.model import Kind, ObjectEvent
from orchestrator.ledger.versions import is_same, newer, newer_sighting, newest


class Taken(StrEnum):
    """What became of the version of a key that was taken last."""

    RUNNING = "running"
    DONE = "done"
    AGAIN = "again"
    DEAD = "dead"


class Take(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The last batch that a key was in; `part` says with which others it is taken again, None with any.

    `at` is when it was cut or closed.
    """

    event: ObjectEvent
    batch: int
    state: Taken
    failures: int
    at: float
    part: int | None = None
    reason: str | None = None


class Standing(msgspec.Struct, frozen=True, array_like=True):
    """All that is known of a key.

    `latest` is its newest event with a sequencer, `sighted` its newest without one, `erased` the versions that are gone
    for good, `forgotten` the version that a person wants nothing done about. `since` is from when on what is pending
    waits, `arrived_at` when the newest event was recorded.
    """

    latest: ObjectEvent | None = None
    sighted: ObjectEvent | None = None
    take: Take | None = None
    erased: tuple[str, ...] = ()
    forgotten: ObjectEvent | None = None
    since: float = 0.0
    arrived_at: float = 0.0

    @property
    def now(self) -> ObjectEvent | None:
        """Return the newest version, or that the key is deleted."""
        return newest(self.latest, self.sighted)

    @property
    def pending(self) -> ObjectEvent | None:
        """Return the version that is to be taken, None where there is nothing to do."""
        event = self.now
        if event is None or event.kind is Kind.DELETED or event.version_id in self.erased:
            return None
        if self.forgotten is not None and is_same(self.forgotten, event):
            return None
        take = self.take
        if take is None:
            return event
        if is_same(take.event, event):
            return event if take.state is Taken.AGAIN else None
        return event

    @property
    def is_running(self) -> bool:
        """Tell whether an open batch has the key: no version of it is taken meanwhile."""
        return self.take is not None and self.take.state is Taken.RUNNING

    @property
    def is_dead(self) -> bool:
        """Tell whether the newest version has failed for good, and nobody has said to forget it."""
        take, event = self.take, self.now
        if take is None or take.state is not Taken.DEAD or event is None or not is_same(take.event, event):
            return False
        is_wanted = self.forgotten is None or not is_same(self.forgotten, event)
        return is_wanted and event.version_id not in self.erased

    @property
    def is_again(self) -> bool:
        """Tell whether what is pending has failed before, and belongs to a part of a batch."""
        take = self.take
        if take is None or take.state is not Taken.AGAIN or take.part is None:
            return False
        event = self.pending
        return event is not None and is_same(take.event, event)


def with_event(standing: Standing, event: ObjectEvent, recorded_at: float) -> Standing:
    """Add what has arrived; a duplicate, and what is older than what is known, changes nothing."""
    if event.kind is Kind.ERASED:
        gone = event.version_id
        if gone is None or gone in standing.erased:
            return standing
        return msgspec.structs.replace(standing, erased=(*standing.erased, gone))
    latest, sighted = standing.latest, standing.sighted
    if event.sequencer is None:
        sighted = newer_sighting(sighted, event)
    else:
        latest = newer(latest, event)
    if latest is standing.latest and sighted is standing.sighted:
        return _recorded_before(standing, event, recorded_at)
    # Who is pending already does not begin to wait anew when a newer version comes.
    since = recorded_at if standing.pending is None else min(standing.since, recorded_at)
    return msgspec.structs.replace(
        standing, latest=latest, sighted=sighted, since=since, arrived_at=recorded_at
    )


def _recorded_before(standing: Standing, event: ObjectEvent, recorded_at: float) -> Standing:
    """Let what is pending wait from its first recording on, whichever of two was read first."""
    if recorded_at >= standing.since or event not in (standing.latest, standing.sighted):
        return standing
    if standing.pending is None or (standing.take is not None and standing.take.at >= recorded_at):
        return standing
    return msgspec.structs.replace(
        standing, since=recorded_at, arrived_at=min(standing.arrived_at, recorded_at)
    )


def with_take(standing: Standing, take: Take) -> Standing:
    """Add that a batch has taken a version; that it was there is known by it too."""
    if standing.take is not None and standing.take.batch >= take.batch:
        return standing
    seen = with_event(standing, take.event, take.at)
    return msgspec.structs.replace(seen, take=take, since=seen.arrived_at)


def with_end(standing: Standing, take: Take) -> Standing:
    """Add what became of a batch, unless the key was in a later one since, or it is known."""
    known = standing.take
    if known is None or known.batch != take.batch or known.state is not Taken.RUNNING:
        return standing
    return msgspec.structs.replace(standing, take=take)


def retried(standing: Standing, batch: int, at: float) -> Standing:
    """Let a version that has died in that batch be taken again, with any others, as if it had never failed."""
    take = standing.take
    if take is None or take.batch != batch or take.state is not Taken.DEAD:
        return standing
    again = msgspec.structs.replace(take, state=Taken.AGAIN, failures=0, part=None, at=at)
    return msgspec.structs.replace(standing, take=again, since=at)


def forgotten(standing: Standing, event: ObjectEvent) -> Standing:
    """Let nothing be done about a version any more; a newer one is taken as ever."""
    known = standing.forgotten
    if known is not None and (known.event_time, known.sequencer or "") >= (
        event.event_time,
        event.sequencer or "",
    ):
        return standing
    return msgspec.structs.replace(standing, forgotten=event)
