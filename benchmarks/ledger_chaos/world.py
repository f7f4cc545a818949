"""What is not the ledger: a queue that delivers at least once, runs that are done once, and what was noted of both."""

from dataclasses import dataclass, field
from typing import Final

from benchmarks.ledger_chaos.history import History, Message
from ingestion.s3_events.model import Kind, ObjectEvent
from orchestrator.ledger.documents import Batch, Outcome
from orchestrator.ledger.versions import order

VISIBILITY_S: Final = 300.0


class Queue:
    """A queue as SQS is one: what is received is hidden for a while, and comes again unless it is deleted."""

    def __init__(self, messages: list[Message]) -> None:
        """Fill it."""
        self._hidden = {number: message.comes_at for number, message in enumerate(messages)}
        self._messages = messages
        self.dead: list[Message] = []

    def receive(self, most: int, now: float) -> list[tuple[int, Message]]:
        """Return some messages that can be seen, and hide them."""
        seen = [number for number, until in self._hidden.items() if until <= now][:most]
        for number in seen:
            self._hidden[number] = now + VISIBILITY_S
        return [(number, self._messages[number]) for number in seen]

    def delete(self, numbers: list[int]) -> None:
        """Forget messages."""
        for number in numbers:
            self._hidden.pop(number, None)

    @property
    def is_empty(self) -> bool:
        """Tell whether no message is left, seen or hidden."""
        return not self._hidden


@dataclass
class Run:
    """The run of one batch: begun once, whoever begins it; its effect comes at its end."""

    batch: Batch
    ends_at: float
    outcome: Outcome


@dataclass
class World:
    """All of it, and what broke while it went on."""

    history: History
    queue: Queue
    begins_at: float = 0.0
    runs: dict[int, Run] = field(default_factory=dict)
    recorded: dict[str, list[tuple[int, ObjectEvent]]] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)
    steps: int = 0
    is_drained: bool = False

    def begin(self, batch: Batch, lasts_s: float, now: float, outcome: Outcome) -> Run:
        """Begin the run of a batch, unless it was: it fails where an object is poison."""
        if batch.number not in self.runs:
            keys = {(event.key, str(event.etag)) for event in batch.objects}
            if keys & self.history.poison:
                outcome = Outcome.FAILED
            self.runs[batch.number] = Run(batch, now + lasts_s, outcome)
        return self.runs[batch.number]

    def step(self) -> int:
        """Return a number that is higher each time."""
        self.steps += 1
        return self.steps

    def note_recorded(self, events: list[ObjectEvent]) -> None:
        """Note that `record` has returned."""
        at = self.step()
        for event in events:
            self.recorded.setdefault(event.key, []).append((at, event))

    def check_cut(self, batch: Batch, began: int) -> None:
        """See that nothing newer was recorded before a cut began."""
        for event in batch.objects:
            for at, known in self.recorded.get(event.key, []):
                if at < began and _is_newer(known, event):
                    self.broken.append(
                        f"batch {batch.number}: {event.key} at {event.sequencer}, {known.sequencer} was known"
                    )


def _is_newer(known: ObjectEvent, event: ObjectEvent) -> bool:
    is_told = known.sequencer is not None and event.sequencer is not None
    return is_told and known.kind is not Kind.ERASED and order(known) > order(event)
