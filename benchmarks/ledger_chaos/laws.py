"""What has to hold when all is over, by the runs that were done and by what the ledger says of itself."""

from collections import Counter
from collections.abc import Iterator
from typing import Final

from benchmarks.ledger_chaos.consumer import POLICY, REASON
from benchmarks.ledger_chaos.history import final
from benchmarks.ledger_chaos.world import World
from ingestion.s3_events.model import Kind, ObjectEvent
from orchestrator.ledger.counting import State, Status
from orchestrator.ledger.documents import Outcome
from orchestrator.ledger.ledger import Ledger
from orchestrator.ledger.versions import order

MOST_PUTS_AN_EVENT: Final = 0.1
# Fewer events in the same time are no batches: a consumer puts what it has.
ENOUGH_EVENTS: Final = 5000


def broken(world: World, ledger: Ledger, puts: int, until: float) -> list[str]:
    """Name every law that was broken."""
    status = ledger.status(until)
    effects = list(_effects(world))
    return [
        *world.broken,
        *_each_once(effects),
        *_newest_wins(effects),
        *_all_done(world, {(event.key, event.etag) for event in effects}),
        *_poison_is_dead(world, status),
        *_nothing_left(world, status),
        *_batches_stand(world, ledger, until),
        *_few_puts(world, puts),
    ]


def _effects(world: World) -> Iterator[ObjectEvent]:
    """Return what had an effect, in its order."""
    for run in sorted(world.runs.values(), key=lambda run: run.ends_at):
        if run.outcome is Outcome.DONE:
            yield from run.batch.objects


def _each_once(effects: list[ObjectEvent]) -> Iterator[str]:
    for (key, etag), times in Counter((event.key, event.etag) for event in effects).items():
        if times != 1:
            yield f"{key} {etag} had an effect {times} times"


def _newest_wins(effects: list[ObjectEvent]) -> Iterator[str]:
    last: dict[str, ObjectEvent] = {}
    for event in effects:
        before = last.get(event.key)
        if before is not None and before.sequencer and event.sequencer and order(before) >= order(event):
            yield f"{event.key}: {event.sequencer} had an effect after {before.sequencer}"
        last[event.key] = event


def _all_done(world: World, done: set[tuple[str, str | None]]) -> Iterator[str]:
    for key, events in world.history.events.items():
        last = final(events)
        if last is None:
            continue
        is_poison = (key, last.etag) in world.history.poison
        if ((key, last.etag) in done) is is_poison:
            yield f"{key} {last.etag} had {'an' if is_poison else 'no'} effect"


def _poison_is_dead(world: World, status: Status) -> Iterator[str]:
    dead = {(each.event.key, str(each.event.etag)): each for each in status.dead}
    wanted = {
        (key, str(last.etag))
        for key, events in world.history.events.items()
        if (last := final(events)) is not None and (key, str(last.etag)) in world.history.poison
    }
    if set(dead) != wanted:
        yield f"dead are {sorted(dead)}, expected {sorted(wanted)}"
    for place, each in dead.items():
        if each.failures < POLICY.max_attempts or each.reason != REASON:
            yield f"{place} is dead after {each.failures} batches, for {each.reason}"


def _nothing_left(world: World, status: Status) -> Iterator[str]:
    for state in (State.PENDING, State.RUNNING, State.FAILED):
        if status.counts[state].objects:
            yield f"{status.counts[state].objects} are {state} in the end"
    if sorted(world.runs) != list(range(1, status.next_batch)):
        yield f"batches are not dense, or not all were run: {status.next_batch - 1}, {len(world.runs)} runs"
    junk = {id(message) for message in world.history.messages if message.refused}
    if {id(message) for message in world.queue.dead} != junk:
        yield "the dead-letter queue is not the junk"
    for run in world.runs.values():
        if any(event.kind is not Kind.CREATED for event in run.batch.objects):
            yield f"batch {run.batch.number} has what is not there"


def _batches_stand(world: World, ledger: Ledger, until: float) -> Iterator[str]:
    for number, run in world.runs.items():
        if ledger.batch(number, until) != run.batch:
            yield f"batch {number} is not the one that was run"


def _few_puts(world: World, puts: int) -> Iterator[str]:
    told = world.history.told
    if told >= ENOUGH_EVENTS and puts > MOST_PUTS_AN_EVENT * told:
        yield f"{puts} puts for {told} events"
