"""A consumer alone comes to an end with everything done."""

from benchmarks.ledger_chaos.consumer import consume
from benchmarks.ledger_chaos.history import draw
from benchmarks.ledger_chaos.world import Queue, World
from benchmarks.orchestrator_chaos.simulation import Simulation
from orchestrator.ledger.documents import Outcome
from tests.orchestrator.ledger.entries import draws


def test_a_consumer_empties_the_queue_runs_batches_and_finds_what_was_never_told() -> None:
    simulation = Simulation()
    begins_at = simulation.emr.world.now / 1000
    history = draw(draws(4), 300, begins_at)
    world = World(history, Queue(history.messages), begins_at)
    fate = draws(5)
    simulation.play([simulation.actor("one", lambda edge: consume(edge, world, fate))])
    assert (world.is_drained, world.queue.is_empty, world.broken) == (True, True, [])
    done = {
        event.key for run in world.runs.values() if run.outcome is Outcome.DONE for event in run.batch.objects
    }
    assert {each.key for each in history.listing()} & history.silent <= done
    assert history.silent
