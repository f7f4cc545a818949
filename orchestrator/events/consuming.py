"""One round with a queue: messages become events of the ledger, and are acknowledged once they stand there.

What nobody can make anything of goes to the dead-letter queue with its reason, after what is good of it was recorded.
A crash anywhere in between lets messages come again, which changes nothing: the ledger knows each version once.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from ingestion.s3_events.model import AllowList, ObjectEvent, Refusal
from ingestion.s3_events.reading import read
from orchestrator.aws.clock import Clock
from orchestrator.aws.sqs import Message, Outgoing, Queue
from orchestrator.events.heartbeat import Heartbeat

REASON: Final = "emr-job-suite-reason"
TEXT: Final = "emr-job-suite-text"
# Of a reason's text; attributes count to a message's size.
_MOST_TEXT: Final = 1000
# Refusals that are told of one message.
_MOST_TOLD: Final = 5


class Recorder(Protocol):
    """The ledger, as far as a consumer needs it."""

    def record(self, events: Sequence[ObjectEvent], until: float, /) -> object:
        """Write events down for good."""


@dataclass(frozen=True)
class Source:
    """Where events come from, and where what nobody can read goes; `is_input` tells objects that a job reads."""

    queue: Queue
    dead: Queue
    allowed: AllowList
    is_input: Callable[[ObjectEvent], bool] = lambda _event: True
    visible_after_s: int = 300
    most: int = 1000


@dataclass
class Round:
    """What a round has brought: messages, events recorded, messages put aside, messages with nothing to be done."""

    messages: int = 0
    events: int = 0
    put_aside: int = 0
    idle: int = 0

    def add(self, other: "Round") -> None:
        """Add another round."""
        self.messages += other.messages
        self.events += other.events
        self.put_aside += other.put_aside
        self.idle += other.idle


def consume(
    source: Source,
    ledger: Recorder,
    clock: Clock,
    wait_s: int,
    until: float,
    say: Callable[[str], None] = lambda _text: None,
) -> Round:
    """Take what the queue has, up to so many messages; wait so long for the first.

    Raises:
        RefusedError: AWS refuses something; messages that were not acknowledged come again.
        TimedOutError: It was not answered in time.
    """
    with Heartbeat(source.queue, source.visible_after_s, clock.now, say) as heartbeat:
        messages = _receive(source, heartbeat, wait_s, until)
        if not messages:
            return Round()
        events, aside, idle = _read(source, messages)
        if events:
            ledger.record(events, until)
        failed = _put_aside(source, aside, until)
        done = [message for message in messages if message.id not in failed]
        source.queue.delete(done, until)
    return Round(len(messages), len(events), len(aside) - len(failed), idle)


def judge(source: Source, body: str) -> tuple[list[ObjectEvent], Sequence[Refusal]]:
    """Return what of a message is to be recorded, and what of it is refused."""
    found = read(body, source.allowed)
    return [event for event in found.events if source.is_input(event)], found.refusals


def aside(body: str, refusals: Sequence[Refusal]) -> Outgoing:
    """Write a message for the dead-letter queue: as it came, with its reasons beside it."""
    told = "; ".join(f"{each.position}: {each.text}" for each in refusals[:_MOST_TOLD])
    more = f"; and {len(refusals) - _MOST_TOLD} more" if len(refusals) > _MOST_TOLD else ""
    reasons = ",".join(sorted({str(each.reason) for each in refusals}))
    return Outgoing(body, {REASON: reasons, TEXT: _plain(told)[:_MOST_TEXT] + more})


def _receive(source: Source, heartbeat: Heartbeat, wait_s: int, until: float) -> list[Message]:
    """Receive until there is nothing more, or it is enough for one put; who comes twice is kept once."""
    messages: dict[str, Message] = {}
    while len(messages) < source.most:
        received = source.queue.receive(0 if messages else wait_s, source.visible_after_s, until)
        if not received:
            break
        heartbeat.hold(received)
        messages |= {message.id: message for message in received}
    return list(messages.values())


def _read(source: Source, messages: Sequence[Message]) -> tuple[list[ObjectEvent], dict[str, Outgoing], int]:
    events: list[ObjectEvent] = []
    put_aside: dict[str, Outgoing] = {}
    idle = 0
    for message in messages:
        good, refusals = judge(source, message.body)
        events += good
        if refusals:
            put_aside[message.id] = aside(message.body, refusals)
        elif not good:
            idle += 1
    return events, put_aside, idle


def _put_aside(source: Source, aside_: dict[str, Outgoing], until: float) -> set[str]:
    """Send them to the dead-letter queue; return the ids of those that it has not taken."""
    failed = {id(each) for each in source.dead.send(list(aside_.values()), until)}
    return {name for name, each in aside_.items() if id(each) in failed}


def _plain(text: str) -> str:
    """Leave out what no attribute may hold: https://www.w3.org/TR/REC-xml/#charsets."""
    return "".join(each if " " <= each < "\ud800" else "?" for each in text)
