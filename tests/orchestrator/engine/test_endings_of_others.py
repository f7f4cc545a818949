"""Clusters that somebody else ends, or that EMR forgets two months after their end."""

from functools import partial

import pytest

from benchmarks.orchestrator_chaos.scenarios import (
    cancel_command,
    launch_command,
    run_command,
    start_command,
)
from benchmarks.orchestrator_chaos.simulation import Simulation
from orchestrator.engine.records import State
from tests.orchestrator.planning.test_standing import launch_only, nightly, play


def ended(simulation: Simulation, *, is_forgotten: bool) -> None:
    """Let the cluster begin to end, or be forgotten after its end."""
    [cluster] = list(simulation.emr.world.clusters)
    simulation.emr.call("TerminateJobFlows", {"JobFlowIds": [cluster]})
    if is_forgotten:
        simulation.emr.advance(900)
        del simulation.emr.account.machines[cluster]


@pytest.mark.parametrize("is_forgotten", [True, False])
def test_the_next_cluster_of_a_row_is_launched(is_forgotten: bool) -> None:
    simulation, plan = Simulation(), launch_only()
    first = play(simulation, partial(launch_command, plan.cluster))
    simulation.emr.advance(900)
    ended(simulation, is_forgotten=is_forgotten)
    assert play(simulation, partial(launch_command, plan.cluster)) != first


def test_a_run_waits_for_the_end_of_a_cluster_and_takes_the_next_one() -> None:
    simulation, plan = Simulation(), nightly("shared")
    play(simulation, partial(launch_command, plan.cluster))
    simulation.emr.advance(900)
    ended(simulation, is_forgotten=False)
    assert play(simulation, partial(run_command, plan)).state is State.SUCCEEDED


@pytest.mark.parametrize("kind", ["own", "shared"])
def test_a_run_on_a_forgotten_cluster_is_seen_to_its_end(kind: str) -> None:
    simulation, plan = Simulation(), nightly(kind)
    play(simulation, partial(start_command, plan))
    simulation.emr.advance(60)
    ended(simulation, is_forgotten=True)
    assert play(simulation, partial(run_command, plan)).state in {State.FAILED, State.SUCCEEDED}


def test_a_run_on_a_forgotten_cluster_can_be_cancelled() -> None:
    simulation, plan = Simulation(), nightly("own")
    play(simulation, partial(start_command, plan))
    simulation.emr.advance(60)
    ended(simulation, is_forgotten=True)
    assert play(simulation, partial(cancel_command, plan.run_id)).state is State.CANCELLED
