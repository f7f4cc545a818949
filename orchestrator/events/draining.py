"""Works until nothing is left, or for ever: rounds with the queue, and turns with the batches."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from orchestrator.errors import OrchestratorError, TimedOutError
from orchestrator.events.consuming import Round, consume
from orchestrator.events.road import Road
from orchestrator.events.turning import Closed, Turning, told_of
from orchestrator.ledger.counting import State

# How long a round waits for messages, and how long a fault is left alone.
_WAIT_S: Final = 20
_QUICK_S: Final = 1
_AFTER_A_FAULT_S: Final = 10.0
_ROUND_S: Final = 900.0


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
    work, clock = Work(), crew.road.edge.clock
    source, ledger = crew.road.source(crew.sqs), crew.turning.ledger
    while True:
        found = consume(source, ledger, clock, wait_s, until, crew.tell)
        work.rounds.add(found)
        if found.messages:
            continue
        turn = crew.turning.turn(crew.road.policy(is_due=True), until)
        _tell(crew, turn.closed)
        work.closed += turn.closed
        if turn.is_idle and not _is_waiting(crew, until):
            return work
        if clock.now() >= until:
            raise TimedOutError(
                f"{crew.road.pipeline.name}: objects are pending or running, and the time is over; the same command "
                "goes on with them"
            )
        if turn.is_idle:
            clock.sleep(crew.road.edge.bounds.poll_s)  # after a batch that was given back


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
    source, ledger, clock = crew.road.source(crew.sqs), crew.road.ledger(), crew.road.edge.clock
    while not is_over.is_set():
        try:
            rounds.add(consume(source, ledger, clock, _WAIT_S, clock.now() + _ROUND_S, crew.tell))
        except OrchestratorError as fault:
            crew.tell(f"{source.queue.named}: {told_of(fault)}; trying again")
            is_over.wait(_AFTER_A_FAULT_S)


def _is_waiting(crew: Crew, until: float) -> bool:
    counts = crew.turning.ledger.status(until).counts
    return any(counts[state].objects for state in (State.PENDING, State.RUNNING, State.FAILED))


def _tell(crew: Crew, closed: list[Closed]) -> None:
    for each in closed:
        told = f"batch {each.batch.number}: {len(each.batch.items)} objects, {each.outcome}"
        reason = f": {each.reason}" if each.reason else ""
        crew.tell(f"{crew.road.pipeline.name}: {told} by run {each.run_id}{reason}")
