"""Works until nothing is left, or for ever: rounds with the queue, and turns with the batches."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from ingestion.s3_events.model import ObjectEvent
from orchestrator.errors import OrchestratorError, TimedOutError
from orchestrator.events.consuming import Round, Source, consume
from orchestrator.events.road import Road
from orchestrator.events.turning import Closed, Turning, told_of

# How long a round waits for messages, and how long a fault is left alone.
_WAIT_S: Final = 20
_QUICK_S: Final = 1
_AFTER_A_FAULT_S: Final = 10.0
_ROUND_S: Final = 900.0
# From five events a second on, a put for ten of them or more.
_GATHERED_S: Final = 2.0
# A queue that is never empty must not keep batches from their turn.
_GATHER_S: Final = 60.0


@dataclass
class Work:
    """What was done: rounds with the queue, and batches that were closed."""

    rounds: Round = field(default_factory=Round)
    closed: list[Closed] = field(default_factory=list)


@dataclass(frozen=True)
class Crew:
    """A road, what takes turns on it, and the client of its queues; `tell` hears of what goes on."""

    road: Road
    turning: Turning
    sqs: object
    tell: Callable[[str], None]


def drain(crew: Crew, until: float, *, wait_s: int = _QUICK_S) -> Work:
    """Take all that the queue has, and run until nothing is pending; nothing waits for more to come.

    Raises:
        TimedOutError: Something was left when the time was over.
        RefusedError: AWS refuses something.
    """
    work, source = Work(), crew.road.source(crew.sqs)
    while True:
        is_empty = _gather(crew, source, work.rounds, wait_s, until)
        is_idle = _take_turn(crew, work, until)
        if is_empty and is_idle and not crew.turning.ledger.unfinished(until):
            return work
        _go_on(crew, until, is_idle=is_idle)


def finish(crew: Crew, events: Sequence[ObjectEvent], until: float) -> Work:
    """Take turns until none of these versions is pending or running; the queue is left to others, nothing waits.

    Raises:
        TimedOutError: Some were when the time was over.
        RefusedError: AWS refuses something.
    """
    work = Work()
    while crew.turning.ledger.unfinished(until, events):
        is_idle = _take_turn(crew, work, until)
        _go_on(crew, until, is_idle=is_idle)
    return work


def serve(crew: Crew, is_over: threading.Event) -> Work:
    """Work until somebody says that it is over: a thread takes what the queue has, this one takes turns."""
    work = Work()
    consumer = threading.Thread(target=_consume, args=(crew, work.rounds, is_over), name="events-consumer")
    consumer.start()
    clock = crew.road.edge.clock
    try:
        while not is_over.is_set():
            try:
                turn = crew.turning.turn(crew.road.policy(), clock.now() + _ROUND_S)
            except OrchestratorError as fault:
                crew.tell(f"{crew.road.pipeline.name}: {told_of(fault)}; trying again")
                is_over.wait(_AFTER_A_FAULT_S)
                continue
            _tell(crew, turn.closed)
            work.closed += turn.closed
            if not turn.closed and turn.cut is None:
                is_over.wait(crew.road.edge.bounds.poll_s)
    finally:
        is_over.set()
        consumer.join()
    return work


def _consume(crew: Crew, rounds: Round, is_over: threading.Event) -> None:
    """Take what the queue has, with a ledger of one's own."""
    source = replace(crew.road.source(crew.sqs), gather_s=_GATHERED_S)
    ledger, clock = crew.road.ledger(), crew.road.edge.clock
    while not is_over.is_set():
        try:
            rounds.add(consume(source, ledger, clock, _WAIT_S, clock.now() + _ROUND_S, crew.tell))
        except OrchestratorError as fault:
            crew.tell(f"{source.queue.named}: {told_of(fault)}; trying again")
            is_over.wait(_AFTER_A_FAULT_S)


def _gather(crew: Crew, source: Source, rounds: Round, wait_s: int, until: float) -> bool:
    """Take what the queue has, for so long at most; tell whether it is empty."""
    clock, ledger = crew.road.edge.clock, crew.turning.ledger
    enough_at = clock.now() + _GATHER_S
    while True:
        found = consume(source, ledger, clock, wait_s, until, crew.tell)
        rounds.add(found)
        if not found.messages:
            return True
        if clock.now() >= enough_at:
            return False


def _take_turn(crew: Crew, work: Work, until: float) -> bool:
    """Take a turn in which whatever waits is due; tell whether there was nothing to do."""
    turn = crew.turning.turn(crew.road.policy(is_due=True), until)
    _tell(crew, turn.closed)
    work.closed += turn.closed
    return turn.is_idle


def _go_on(crew: Crew, until: float, *, is_idle: bool) -> None:
    if crew.road.edge.clock.now() >= until:
        raise TimedOutError(
            f"{crew.road.pipeline.name}: objects are pending or running, and the time is over; the same command "
            "goes on with them"
        )
    if is_idle:
        crew.road.edge.clock.sleep(crew.road.edge.bounds.poll_s)  # after a batch that was given back


def _tell(crew: Crew, closed: list[Closed]) -> None:
    for each in closed:
        told = f"batch {each.batch.number}: {len(each.batch.items)} objects, {each.outcome}"
        reason = f": {each.reason}" if each.reason else ""
        crew.tell(f"{crew.road.pipeline.name}: {told} by run {each.run_id}{reason}")
