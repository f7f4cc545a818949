"""One round with a queue: messages become events of the ledger, and are acknowledged once they stand there.

What nobody can make anything of goes to the dead-letter queue with its reason, after what is good of it was recorded.
A crash anywhere in between lets messages come again, which changes nothing: the ledger knows each version once.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from ingestion.s3_events.model import AllowList, ObjectEvent, Refusal
from ingestion.s3_events.reading import read
from orchestrator.aws.clock import Clock
from orchestrator.aws.sqs import MOST_BYTES, Message, Outgoing, Queue
from orchestrator.events.heartbeat import Heartbeat
from orchestrator.ledger.ledger import Recorded

REASON: Final = "emr-job-suite-reason"
TEXT: Final = "emr-job-suite-text"
TOO_OLD: Final = "too_old"
_OLD: Final = "older than the ledger remembers; a backfill takes it where it is missing"
# Of a reason's text; attributes count to a message's size.
_MOST_TEXT: Final = 1000
# Refusals that are told of one message.
_MOST_TOLD: Final = 5


class Recorder(Protocol):
    """The ledger, as far as a consumer needs it."""

    def record(self, events: Sequence[ObjectEvent], until: float, /) -> Recorded:
        """Write events down for good; those that are too old for that are told."""


@dataclass(frozen=True)
class Source:
    """Where events come from, and where what nobody can read goes; `is_input` tells objects that a job reads."""

    queue: Queue
    dead: Queue
    allowed: AllowList
    is_input: Callable[[ObjectEvent], bool] = lambda _event: True
    visible_after_s: int = 300
    most: int = 1000
    # How long a round gathers after its first message, up to twenty: a put for each event costs more than seconds do.
    gather_s: float = 0.0


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
        messages = _receive(source, heartbeat, clock, wait_s, until)
        if not messages:
            return Round()
        taken = record(source, ledger, {message.id: message.body for message in messages}, until)
        source.queue.delete([message for message in messages if message.id not in taken.failed], until)
    return Round(len(messages), taken.events, taken.put_aside, taken.idle)


@dataclass(frozen=True)
class Taken:
    """What became of messages: `failed` are the ids of those that may not be acknowledged."""

    events: int
    put_aside: int
    idle: int
    failed: frozenset[str]


def record(source: Source, ledger: Recorder, bodies: Mapping[str, str], until: float) -> Taken:
    """Record the events of messages, by their ids, in one put; then put aside what could not be.

    Raises:
        RefusedError: AWS refuses something: no message may be acknowledged.
    """
    judged = {name: _judge(source, body) for name, body in bodies.items()}
    events = [event for found, _ in judged.values() for event in found]
    late = set(ledger.record(events, until).too_old) if events else set()
    put_aside: dict[str, Outgoing] = {}
    for name, (found, refusals) in judged.items():
        reasons = [(str(each.reason), f"{each.position}: {each.text}") for each in refusals]
        reasons += [(TOO_OLD, f"s3://{each.bucket}/{each.key}: {_OLD}") for each in found if each in late]
        if reasons:
            put_aside[name] = _aside(bodies[name], reasons)
    idle = sum(not found and not refusals for found, refusals in judged.values())
    failed = _put_aside(source, put_aside, until)
    return Taken(len(events) - len(late), len(put_aside) - len(failed), idle, frozenset(failed))


def _judge(source: Source, body: str) -> tuple[list[ObjectEvent], Sequence[Refusal]]:
    """Return what of a message is to be recorded, and what of it is refused."""
    found = read(body, source.allowed)
    return [event for event in found.events if source.is_input(event)], found.refusals


def _aside(body: str, reasons: Sequence[tuple[str, str]]) -> Outgoing:
    """Write a message for the dead-letter queue: as it came, with its reasons beside it."""
    told = "; ".join(text for _, text in reasons[:_MOST_TOLD])
    more = f"; and {len(reasons) - _MOST_TOLD} more" if len(reasons) > _MOST_TOLD else ""
    kinds = ",".join(sorted({kind for kind, _ in reasons}))
    made = Outgoing(body, {REASON: kinds, TEXT: _plain(told)[:_MOST_TEXT] + more})
    return made if made.size <= MOST_BYTES else _cut(made)


def _cut(large: Outgoing) -> Outgoing:
    """Make room for the reasons: a call that is too large is refused as a whole, and holds up all messages with it."""
    whole = large.body.encode("utf-8", "surrogatepass")
    text = f"cut, of {len(whole)} bytes; {large.attributes[TEXT]}"
    made = Outgoing("", {**large.attributes, TEXT: text})
    return Outgoing(whole[: MOST_BYTES - made.size].decode("utf-8", "ignore"), made.attributes)


def _receive(source: Source, heartbeat: Heartbeat, clock: Clock, wait_s: int, until: float) -> list[Message]:
    """Receive until there is nothing more, or it is enough for one put; who comes twice is kept once."""
    messages: dict[str, Message] = {}
    left_s, enough_at = float(wait_s), 0.0
    while len(messages) < source.most:
        received = source.queue.receive(math.ceil(left_s), source.visible_after_s, until)
        if not received:
            break
        if not messages:
            enough_at = clock.now() + source.gather_s
        heartbeat.hold(received)
        messages |= {message.id: message for message in received}
        left_s = max(0.0, enough_at - clock.now())
    return list(messages.values())


def _put_aside(source: Source, aside: Mapping[str, Outgoing], until: float) -> set[str]:
    """Send them to the dead-letter queue; return the ids of those that it has not taken."""
    failed = {id(each) for each in source.dead.send(list(aside.values()), until)} if aside else set()
    return {name for name, each in aside.items() if id(each) in failed}


def _plain(text: str) -> str:
    """Leave out what no attribute may hold: https://www.w3.org/TR/REC-xml/#charsets."""
    return "".join(each if " " <= each < "\ud800" else "?" for each in text)
