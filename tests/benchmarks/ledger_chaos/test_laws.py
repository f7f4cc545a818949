"""Each law can break, and says what has broken it."""

from collections.abc import Callable

import pytest

from benchmarks.ledger_chaos import laws
from benchmarks.ledger_chaos.consumer import consume
from benchmarks.ledger_chaos.history import Message, draw, final
from benchmarks.ledger_chaos.world import Queue, Run, World
from benchmarks.orchestrator_chaos.simulation import BUCKET, Simulation
from orchestrator.aws.store import S3Store
from orchestrator.ledger.documents import Outcome
from orchestrator.ledger.ledger import Ledger
from tests.orchestrator.ledger.entries import UNTIL, Clock, draws, event


def played() -> tuple[World, Ledger]:
    simulation = Simulation()
    begins_at = simulation.emr.world.now / 1000
    history = draw(draws(4), 400, begins_at)
    world = World(history, Queue(history.messages), begins_at)
    fate = draws(5)
    simulation.play([simulation.actor("one", lambda edge: consume(edge, world, fate))])
    clock = Clock()
    store = S3Store(simulation.s3, BUCKET, clock)
    return world, Ledger(store, "readings", clock, simulation.nonce)


def _done(world: World) -> Run:
    return next(run for run in world.runs.values() if run.outcome is Outcome.DONE)


def _lost(world: World) -> None:
    _done(world).outcome = Outcome.RETURNED


def _poison(world: World) -> None:
    objects = _done(world).batch.objects
    newest = next(each for each in objects if final(world.history.events[each.key]) == each)
    world.history.poison.add((newest.key, str(newest.etag)))


def _junk(world: World) -> None:
    world.queue.dead.append(Message("", 0))


def _noted(world: World) -> None:
    world.broken.append("a batch was old")


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        (_lost, "had no effect"),
        (_poison, "expected"),
        (_junk, "the dead-letter queue is not the junk"),
        (_noted, "a batch was old"),
    ],
)
def test_a_broken_law_is_told(harm: Callable[[World], None], told: str) -> None:
    world, ledger = played()
    assert laws.broken(world, ledger, 1, UNTIL) == []
    harm(world)
    assert any(told in each for each in laws.broken(world, ledger, 1, UNTIL))


def test_two_effects_and_an_older_one_after_a_newer_one_are_told() -> None:
    old, new = event("a", "1"), event("a", "2")
    assert list(laws._each_once([old, new, old])) == ["a e1 had an effect 2 times"]
    assert list(laws._newest_wins([new, old])) == ["a: 1 had an effect after 2"]


def test_too_many_puts_are_told_where_events_are_many() -> None:
    world, _ = played()
    assert list(laws._few_puts(world, 9999)) == []
    world.history.told = 10_000
    assert list(laws._few_puts(world, 1000)) == []
    assert list(laws._few_puts(world, 1001)) == ["1001 puts for 10000 events"]
