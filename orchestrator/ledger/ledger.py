"""The ledger of a pipeline: what a consumer, a launcher and a person do with it.

A consumer gathers messages for some seconds, or up to some thousand events, reads them
(`ingestion.s3_events.reading.read`), and calls `record` once for all of them; when it returns, it acknowledges the
messages, and not before. What it recorded and did not acknowledge comes again, and changes nothing.

    found = [read(message.body, allowed) for message in messages]
    recorded = ledger.record([event for each in found for event in each.events], until)
    # now delete the messages; those with refusals, and those of recorded.too_old, go to the dead-letter queue first

Whoever launches, consumer or not, asks in a loop, as often as it likes and with as many others as it likes:

    for batch in ledger.open_batches(until):
        ...  # begin its run, or look after it: the same run id for the same batch, so that it runs once
        ledger.close(batch.number, Outcome.DONE, until, run_id=run_id)   # by the run's manifest
    batch = ledger.cut(policy, until)   # None: nothing is due, or a batch is open; `next_due` says when to ask again

`cut` makes a batch before anybody runs it: who crashes between leaves an open batch, which `open_batches` tells to
everybody. A run of batch n must have a run id that follows from the pipeline and n alone, and is begun with
`orchestrator.engine`, which does it once. A full step queue is no end: leave the batch open and try again.

All instants are seconds of the Unix epoch, `until` that at which a call of S3 is given up (TimedOutError). A Ledger is
used by one thread; others make their own.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from ingestion.s3_events.model import ObjectEvent
from orchestrator.aws.clock import Clock
from orchestrator.engine.documents import decode, encode
from orchestrator.errors import UsageError
from orchestrator.ledger import compaction, counting
from orchestrator.ledger.acts import Selector, to_forget, to_retry
from orchestrator.ledger.counting import Status
from orchestrator.ledger.cutting import Policy, choose, next_due
from orchestrator.ledger.documents import Act, Archive, Batch, Closing, Outcome, Segment
from orchestrator.ledger.folding import add_batch
from orchestrator.ledger.looking import SweepingStore, View, look, newest_generation
from orchestrator.ledger.missing import Gap, Listing, missing
from orchestrator.ledger.names import Names

MOST_EVENTS: Final = 5_000
REMEMBER_DAYS: Final = 35.0
DAY_S: Final = 86_400.0
# What is remembered longer than what is taken, so that an event that was just not too old still finds its key.
_SLACK_DAYS: Final = 2.0


@dataclass(frozen=True)
class Recorded:
    """What `record` has written; `too_old` was not: a backfill brings what of it is missing."""

    segments: tuple[str, ...]
    too_old: tuple[ObjectEvent, ...] = ()


class Ledger:
    """The ledger of one pipeline, as one process uses it."""

    def __init__(
        self,
        store: SweepingStore,
        pipeline: str,
        clock: Clock,
        nonce: Callable[[], str],
        remember_days: float = REMEMBER_DAYS,
    ) -> None:
        """Make it; `nonce` gives a text that nobody else has.

        Raises:
            UsageError: The pipeline's name cannot stand in a key.
        """
        self._store, self._clock, self._nonce = store, clock, nonce
        self._names = Names(pipeline)
        self._remember_days = remember_days
        self._view: View | None = None
        self._generation: int | None = None
        self._archives: dict[str, frozenset[str]] = {}

    def record(self, events: Sequence[ObjectEvent], until: float) -> Recorded:
        """Write down what has arrived, in one put for up to 5,000 events.

        Events that are older than `remember_days` are left out, and told: it is not known any more whether they were
        done. When this returns, the rest is in the ledger for good.
        """
        oldest = self._clock.now() - self._remember_days * DAY_S
        too_old = tuple(event for event in events if event.event_time < oldest)
        kept = [event for event in events if event.event_time >= oldest] if too_old else events
        segments = [
            self._put(tuple(kept[begin : begin + MOST_EVENTS]), (), until)
            for begin in range(0, len(kept), MOST_EVENTS)
        ]
        return Recorded(tuple(segments), too_old)

    def cut(self, policy: Policy, until: float) -> Batch | None:
        """Make the next batch, if one is due by the policy; None where none is, or as many are open as may be.

        Of several who call this at once, one has the batch: the others look again.
        """
        while True:
            view = self._looked(until)
            if compaction.is_due(view):
                view = self._view = self._compacted(view, until)
            now = self._clock.now()
            items = choose(view.picture, policy, now)
            if items is None:
                return None
            batch = Batch(view.picture.next_batch, now, self._nonce(), items, policy.max_attempts)
            if self._store.create(self._names.batch(batch.number), encode(batch), until) is not None:
                add_batch(view.picture, batch)
                return batch

    def next_due(self, policy: Policy) -> float | None:
        """Return when a batch is due at the latest, by what the last look has seen; None where nothing is pending."""
        return None if self._view is None else next_due(self._view.picture, policy)

    def open_batches(self, until: float) -> tuple[Batch, ...]:
        """Return the batches that were cut and not closed, the oldest first."""
        return tuple(self._looked(until).picture.open.values())

    def batch(self, number: int, until: float) -> Batch:
        """Read a batch, open or not.

        Raises:
            UsageError: There is none.
        """
        name = self._names.batch(number)
        found = self._store.get(name, until)
        if found is None:
            raise UsageError(
                f"batch {number} of {self._names.pipeline}: expected one that was cut, found none; see them: "
                f"orchestrator ledger status {self._names.pipeline}"
            )
        return decode(name, found.body, Batch)

    def close(
        self,
        number: int,
        outcome: Outcome,
        until: float,
        reason: str | None = None,
        run_id: str | None = None,
    ) -> Closing:
        """Say what became of a batch; return what stands: the first one to say so is believed.

        `reason` is kept beside its objects, and is what a person reads of the dead.

        Raises:
            UsageError: There is no such batch.
        """
        self.batch(number, until)
        closing = Closing(outcome, self._clock.now(), self._nonce(), reason, run_id)
        name = self._names.closing(number)
        while self._store.create(name, encode(closing), until) is None:
            found = self._store.get(name, until)
            if found is not None:
                return decode(name, found.body, Closing)
        return closing

    def status(self, until: float) -> Status:
        """Count how all objects stand, with the open batches and the dead."""
        return counting.status(self._looked(until).picture)

    def unfinished(
        self, until: float, events: Iterable[ObjectEvent] | None = None
    ) -> tuple[ObjectEvent, ...]:
        """Return what is pending, running, or to be taken again: of these versions, or of all."""
        return counting.unfinished(self._looked(until).picture, events)

    def retriable(self, selector: Selector, until: float) -> tuple[ObjectEvent, ...]:
        """Return what `retry` would let be taken again."""
        return tuple(act.event for act in to_retry(self._looked(until).picture, selector))

    def forgettable(self, selector: Selector, until: float) -> tuple[ObjectEvent, ...]:
        """Return what `forget` would let be."""
        return tuple(act.event for act in to_forget(self._looked(until).picture, selector))

    def retry(self, selector: Selector, until: float) -> tuple[ObjectEvent, ...]:
        """Let what is dead be taken again as if it had never failed; return it."""
        return self._act(list(to_retry(self._looked(until).picture, selector)), until)

    def forget(self, selector: Selector, until: float) -> tuple[ObjectEvent, ...]:
        """Let nothing be done about what is dead or pending; return it. Newer versions are taken as ever."""
        return self._act(list(to_forget(self._looked(until).picture, selector)), until)

    def missing(self, listing: Listing, until: float) -> list[Gap]:
        """Return what of a listing the ledger has not heard of or has another version of; record their events.

        List first, then call this: what arrived meanwhile is not missing.
        """
        picture = self._looked(until).picture
        archived = self._archived(until)

        def is_archived(event: ObjectEvent) -> bool:
            digest = compaction.digest_of(event)
            return any(digest in digests for digests in archived)

        return list(missing(picture, listing, is_archived))

    def compact(self, until: float) -> None:
        """Make a snapshot now; `cut` does it by itself when it is worth it."""
        self._view = self._compacted(self._looked(until), until)

    def _looked(self, until: float) -> View:
        self._view = look(self._store, self._names, self._view, until)
        return self._view

    def _compacted(self, view: View, until: float) -> View:
        self._view = None  # one that failed half way would have forgotten too much
        now = self._clock.now()
        horizon = now - (self._remember_days + _SLACK_DAYS) * DAY_S
        turn = compaction.Turn(now, self._nonce(), horizon)
        return compaction.compact(self._store, self._names, view, turn, until)

    def _put(self, events: tuple[ObjectEvent, ...], acts: tuple[Act, ...], until: float) -> str:
        """Put a segment, once more where its generation was sealed: it may not have been read (compaction.py)."""
        segment = Segment(self._clock.now(), self._nonce(), events, acts)
        if self._generation is None:
            self._generation = newest_generation(self._store, self._names, until)
        while True:
            name = self._names.segment(self._generation, segment.recorded_at, segment.nonce)
            self._store.create(name, encode(segment), until)
            if self._store.get(self._names.sealed(self._generation), until) is None:
                return name
            self._generation = max(self._generation + 1, newest_generation(self._store, self._names, until))

    def _act(self, acts: Iterable[Act], until: float) -> tuple[ObjectEvent, ...]:
        chosen = tuple(acts)
        for begin in range(0, len(chosen), MOST_EVENTS):
            self._put((), chosen[begin : begin + MOST_EVENTS], until)
        return tuple(act.event for act in chosen)

    def _archived(self, until: float) -> list[frozenset[str]]:
        for name in self._store.keys(self._names.archives, until):
            if name not in self._archives:
                found = self._store.get(name, until)
                if found is not None:
                    self._archives[name] = frozenset(decode(name, found.body, Archive).digests)
        return list(self._archives.values())
