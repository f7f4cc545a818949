"""What of that which is pending goes into the next batch, by the pipeline's policy: pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from ingestion.s3_events.model import ObjectEvent
from orchestrator.ledger.documents import Item
from orchestrator.ledger.folding import Picture, Place
from orchestrator.ledger.standing import Standing

GIB: Final = 2**30
MINUTE_S: Final = 60.0


@dataclass(frozen=True)
class Policy:
    """When a batch is worth a run: it is full, or one of its objects has waited long enough.

    `max_attempts` is how many batches with it may fail before an object that failed alone is dead. `max_open` is how
    many batches of the pipeline may be open at once: one, where a run writes the table.
    """

    max_batch_gib: float = 64.0
    max_objects: int = 10_000
    max_wait_minutes: float = 5.0
    max_attempts: int = 3
    max_open: int = 1


_Waiting = tuple[Place, Standing, ObjectEvent]


def choose(picture: Picture, policy: Policy, now: float) -> tuple[Item, ...] | None:
    """Return the objects of the next batch, None where none is due.

    What has failed goes alone with those it failed with, and takes its turn by the time it failed: neither holds the
    other up. Of the rest those come first that wait longest.
    """
    if len(picture.open) >= policy.max_open:
        return None
    fresh: list[_Waiting] = []
    parts: dict[tuple[int, int], list[_Waiting]] = {}
    for waiting in picture.pending_items():
        take = waiting[1].take
        if waiting[1].is_again and take is not None and take.part is not None:
            parts.setdefault((take.batch, take.part), []).append(waiting)
        else:
            fresh.append(waiting)
    fresh.sort(key=lambda each: (each[1].since, each[0]))
    full = _fill(fresh, policy)
    due = _is_due(fresh, full, policy, now)
    if parts:
        number = min(parts, key=lambda part: (_since(parts[part]), part))
        if not due or _since(parts[number]) <= fresh[0][1].since:
            return tuple(_item(each) for each in sorted(parts[number], key=lambda each: each[0]))
    return tuple(_item(each) for each in full) if due else None


def next_due(picture: Picture, policy: Policy) -> float | None:
    """Return the instant at which a batch is due at the latest if nothing more arrives; None where nothing is pending.

    It says nothing of open batches, which have to be closed first.
    """
    instants = [
        standing.take.at
        if standing.is_again and standing.take is not None
        else standing.since + policy.max_wait_minutes * MINUTE_S
        for _, standing, _ in picture.pending_items()
    ]
    return min(instants, default=None)


def _fill(fresh: list[_Waiting], policy: Policy) -> list[_Waiting]:
    """Take from the front until the next would be too much; one object is taken whatever its size."""
    most = policy.max_batch_gib * GIB
    taken: list[_Waiting] = []
    size = 0
    for each in fresh[: policy.max_objects]:
        if taken and size + each[2].size > most:
            break
        taken.append(each)
        size += each[2].size
    return taken


def _is_due(fresh: list[_Waiting], full: list[_Waiting], policy: Policy, now: float) -> bool:
    if not fresh:
        return False
    is_full = (
        len(full) < len(fresh)
        or len(full) >= policy.max_objects
        or sum(each[2].size for each in full) >= policy.max_batch_gib * GIB
    )
    return is_full or now >= fresh[0][1].since + policy.max_wait_minutes * MINUTE_S


def _since(part: Iterable[_Waiting]) -> float:
    return min(standing.take.at for _, standing, _ in part if standing.take is not None)


def _item(waiting: _Waiting) -> Item:
    _, standing, event = waiting
    take = standing.take
    failures = take.failures if take is not None and standing.is_again else 0
    return Item(event, standing.since, failures)
