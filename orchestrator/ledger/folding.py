"""The ledger's documents made one picture: what is pending, running, done, failed and dead.

A picture is built in place, for a million keys are not copied at each look. What each document does to a key is pure
(orchestrator/ledger/standing.py), and may be done again: who reads a document twice, or in another order, has the same
picture. Two orders are kept: a batch before its closing, and both before deeds, which name batches.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from ingestion.s3_events.model import ObjectEvent
from orchestrator.ledger.documents import Batch, Closing, Deed, Outcome, Segment
from orchestrator.ledger.standing import (
    Standing,
    Take,
    Taken,
    forgotten,
    retried,
    with_end,
    with_event,
    with_take,
)

# A bucket and a key of it.
Place: TypeAlias = tuple[str, str]
_NOTHING: Final = Standing()


@dataclass
class Picture:
    """How everything stands; `pending` has the versions that are to be taken, by their places.

    `horizon` is the time before which events are not known any more, `refused` how many older ones came nevertheless.
    """

    standings: dict[Place, Standing] = field(default_factory=dict)
    pending: dict[Place, ObjectEvent] = field(default_factory=dict)
    open: dict[int, Batch] = field(default_factory=dict)
    next_batch: int = 1
    horizon: float = 0.0
    refused: int = 0

    def put(self, place: Place, standing: Standing) -> None:
        """Say how a place stands."""
        self.standings[place] = standing
        event = standing.pending
        if event is None:
            self.pending.pop(place, None)
        else:
            self.pending[place] = event

    def standing(self, place: Place) -> Standing:
        """Return how a place stands."""
        return self.standings.get(place, _NOTHING)

    def pending_items(self) -> Iterator[tuple[Place, Standing, ObjectEvent]]:
        """Return what is to be taken and is not in an open batch."""
        for place, event in self.pending.items():
            standing = self.standings[place]
            if not standing.is_running:
                yield place, standing, event


def fold(
    picture: Picture,
    segments: Iterable[Segment] = (),
    batches: Iterable[Batch] = (),
    closings: Iterable[tuple[int, Closing]] = (),
) -> None:
    """Add documents to a picture, each kind in its order."""
    for batch in batches:
        add_batch(picture, batch)
    for number, closing in closings:
        add_closing(picture, number, closing)
    kept = list(segments)
    for segment in kept:
        add_events(picture, segment)
    for segment in kept:
        add_acts(picture, segment)


def add_events(picture: Picture, segment: Segment) -> None:
    """Add what has arrived."""
    for event in segment.events:
        if event.event_time < picture.horizon:
            picture.refused += 1
            continue
        place = (event.bucket, event.key)
        before = picture.standing(place)
        after = with_event(before, event, segment.recorded_at)
        if after is not before:
            picture.put(place, after)


def add_acts(picture: Picture, segment: Segment) -> None:
    """Add what a person did."""
    for act in segment.acts:
        place = (act.event.bucket, act.event.key)
        before = picture.standing(place)
        if act.deed is Deed.RETRY:
            picture.put(place, retried(before, act.batch, segment.recorded_at))
        else:
            picture.put(place, forgotten(before, act.event))


def add_batch(picture: Picture, batch: Batch) -> None:
    """Add a batch that somebody has cut; one that is known already changes nothing."""
    if batch.number < picture.next_batch:
        return
    for item in batch.items:
        event = item.event
        take = Take(event, batch.number, Taken.RUNNING, item.failures, batch.cut_at)
        place = (event.bucket, event.key)
        picture.put(place, with_take(picture.standing(place), take))
    picture.open[batch.number] = batch
    picture.next_batch = batch.number + 1


def add_closing(picture: Picture, number: int, closing: Closing) -> None:
    """Add what became of a batch."""
    batch = picture.open.pop(number, None)
    if batch is None:
        return
    for index, item in enumerate(batch.items):
        place = (item.event.bucket, item.event.key)
        picture.put(place, with_end(picture.standing(place), end_of(batch, index, closing)))


def end_of(batch: Batch, index: int, closing: Closing) -> Take:
    """Tell what becomes of the object at that place of a batch.

    What has failed is taken again in halves, so that the one at fault is alone in the end; an object that was alone is
    dead after `max_attempts`. Who was with it is taken again as often as it takes: it is not to blame.
    """
    item, count = batch.items[index], len(batch.items)
    at, reason = closing.closed_at, closing.reason
    if closing.outcome is Outcome.DONE:
        return Take(item.event, batch.number, Taken.DONE, item.failures, at)
    if closing.outcome is Outcome.RETURNED:
        return Take(item.event, batch.number, Taken.AGAIN, item.failures, at, part=0, reason=reason)
    failures = item.failures + 1
    if count == 1 and failures >= batch.max_attempts:
        return Take(item.event, batch.number, Taken.DEAD, failures, at, reason=reason)
    part = int(index >= (count + 1) // 2)
    return Take(item.event, batch.number, Taken.AGAIN, failures, at, part=part, reason=reason)


def prune(picture: Picture, horizon: float) -> list[ObjectEvent]:
    """Forget what is over and older than the horizon; return the versions of it that were taken and done."""
    gone: list[ObjectEvent] = []
    for place, standing in list(picture.standings.items()):
        if not _is_over(standing, horizon):
            continue
        del picture.standings[place]
        take = standing.take
        if take is not None and take.state is Taken.DONE:
            gone.append(take.event)
    picture.horizon = max(picture.horizon, horizon)
    return gone


def _is_over(standing: Standing, horizon: float) -> bool:
    """Tell whether nothing can come that has to be compared with what is known of a key."""
    if standing.pending is not None or standing.is_running or standing.is_dead:
        return False
    times = [event.event_time for event in (standing.latest, standing.sighted) if event is not None]
    taken_at = 0.0 if standing.take is None else standing.take.at
    return max([*times, taken_at, standing.arrived_at], default=0.0) < horizon
