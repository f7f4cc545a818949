"""How a ledger stands, in numbers."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from ingestion.s3_events.model import Kind, ObjectEvent
from orchestrator.ledger.documents import Batch
from orchestrator.ledger.folding import Picture
from orchestrator.ledger.standing import Standing, Taken
from orchestrator.ledger.versions import is_same


class State(StrEnum):
    """How far an object is: `failed` is to be taken again, `dead` is not; `gone` was deleted before it was taken."""

    PENDING = "pending"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    DEAD = "dead"
    FORGOTTEN = "forgotten"
    GONE = "gone"


_UNFINISHED: Final = frozenset({State.PENDING, State.RUNNING, State.FAILED})


@dataclass(frozen=True)
class Count:
    """How many objects, and how many bytes they have."""

    objects: int = 0
    size: int = 0


@dataclass(frozen=True)
class Dead:
    """An object that has failed for good, with its reason."""

    event: ObjectEvent
    batch: int
    failures: int
    reason: str | None


@dataclass(frozen=True)
class Status:
    """How a ledger stands.

    `oldest_since` is from when on the object waits that waits longest; `too_old` counts events that were recorded so
    late that nobody remembers their keys: a backfill brings what of them is missing.
    """

    counts: dict[State, Count]
    open_batches: tuple[Batch, ...]
    next_batch: int
    oldest_since: float | None
    dead: tuple[Dead, ...]
    too_old: int


def status(picture: Picture) -> Status:
    """Count a picture; each key counts once, by its newest version, or by the one that is running."""
    objects = dict.fromkeys(State, 0)
    sizes = dict.fromkeys(State, 0)
    for state, event in _states(picture):
        objects[state] += 1
        sizes[state] += event.size
    waiting = [standing.since for _, standing, _ in picture.pending_items()]
    return Status(
        counts={state: Count(objects[state], sizes[state]) for state in State},
        open_batches=tuple(picture.open.values()),
        next_batch=picture.next_batch,
        oldest_since=min(waiting, default=None),
        dead=tuple(_dead(picture)),
        too_old=picture.refused,
    )


def state_of(standing: Standing) -> tuple[State, ObjectEvent] | None:
    """Tell how far a key is; None where nothing is known but what was erased."""
    event, take, pending = standing.now, standing.take, standing.pending
    if event is None:
        return None
    if take is not None and standing.is_running:
        return State.RUNNING, take.event
    if pending is not None:
        is_failed = take is not None and take.state is Taken.AGAIN and take.event == pending
        return (State.FAILED if is_failed else State.PENDING), pending
    if take is not None and (standing.is_dead or take.state is Taken.DONE):
        return (State.DEAD if standing.is_dead else State.DONE), take.event
    is_gone = event.kind is Kind.DELETED or event.version_id in standing.erased
    return (State.GONE if is_gone else State.FORGOTTEN), event


def unfinished(picture: Picture, events: Iterable[ObjectEvent] | None = None) -> tuple[ObjectEvent, ...]:
    """Return what is pending, running, or to be taken again: of these versions, or of all."""
    waiting = {(event.bucket, event.key): event for state, event in _states(picture) if state in _UNFINISHED}
    if events is None:
        return tuple(waiting.values())
    found = ((waiting.get((event.bucket, event.key)), event) for event in events)
    return tuple(event for known, event in found if known is not None and is_same(known, event))


def _states(picture: Picture) -> Iterator[tuple[State, ObjectEvent]]:
    for standing in picture.standings.values():
        found = state_of(standing)
        if found is not None:
            yield found


def _dead(picture: Picture) -> Iterator[Dead]:
    for standing in picture.standings.values():
        take = standing.take
        if take is not None and standing.is_dead:
            yield Dead(take.event, take.batch, take.failures, take.reason)
