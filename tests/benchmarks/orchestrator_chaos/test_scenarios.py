"""Scenarios without faults: what each of them is."""

import pytest

from benchmarks.orchestrator_chaos import laws
from benchmarks.orchestrator_chaos.scenarios import SCENARIOS
from benchmarks.orchestrator_chaos.simulation import Circumstances, Simulation

# How many clusters, of strangers too, and steps there are in the end, with three users.
FIGURES = {
    "launch": (1, 0),
    "own": (1, 2),
    "shared": (1, 2),
    "given": (1, 2),
    "rivals": (3, 6),
    "started": (1, 2),
    "submitted": (1, 1),
}


@pytest.mark.parametrize("name", SCENARIOS)
def test_users_at_once_do_a_thing_once(name: str) -> None:
    simulation = Simulation(Circumstances(list_lag_s=60))
    scene = SCENARIOS[name](simulation, 3)
    simulation.play(scene.actors)
    assert [*laws.broken(simulation, scene.actors), *scene.broken(simulation)] == []
    clusters = simulation.emr.world.clusters.values()
    if name in FIGURES:
        assert (len(clusters), sum(len(cluster.steps) for cluster in clusters)) == FIGURES[name]


def test_a_run_without_a_record_and_one_that_ended_otherwise_are_told() -> None:
    simulation = Simulation()
    scene = SCENARIOS["started"](simulation, 1)
    (run_id,) = scene.ends
    assert list(scene.broken(simulation)) == [f"{run_id}: there is no record of it"]
    simulation.play(scene.actors)
    other = type(scene)(scene.actors, {run_id: frozenset()})
    assert list(other.broken(simulation)) == [f"{run_id}: ended running: None"]
