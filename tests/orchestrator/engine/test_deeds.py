"""Clusters and steps as deeds: how they are found, and what happens when a cluster is full of steps."""

import random
from typing import Any

import pytest

from benchmarks.emr_chaos.requests import launch_request
from benchmarks.emr_chaos.requests import step as any_step
from benchmarks.orchestrator_chaos.simulation import BUCKET, Simulation
from orchestrator.aws.faults import RefusedCallError
from orchestrator.engine.deeds import ClusterDeed, StepDeed
from orchestrator.engine.edge import Edge
from orchestrator.errors import TimedOutError
from orchestrator.identity import Token, named
from orchestrator.ownership import Ownership
from orchestrator.reaping.deciding import ACTIVE
from orchestrator.verbs.reap import Reaper

TOKEN = Token("0123456789abcdef0123")


def launched(simulation: Simulation, name: str, **further: Any) -> str:
    return str(simulation.emr.call("RunJobFlow", launch_request(name, **further))["JobFlowId"])


def played(simulation: Simulation, what: Any) -> Any:
    actor = simulation.actor("user", what)
    simulation.play([actor])
    return actor.result if actor.error is None else actor.error


def test_a_cluster_is_found_by_its_token_first_those_that_live_then_the_earliest() -> None:
    simulation = Simulation()
    name = named("nightly", TOKEN)
    ended = launched(simulation, name)
    simulation.emr.call("TerminateJobFlows", {"JobFlowIds": [ended]})
    simulation.emr.advance(3600)
    first = launched(simulation, name)
    simulation.emr.advance(60)
    second = launched(simulation, name)
    launched(simulation, named("nightly", TOKEN.next()))
    launched(simulation, "nightly")
    found = played(simulation, lambda edge: ClusterDeed(edge, TOKEN, {}).find(0, edge.clock.now() + 60))
    assert found == [first, second, ended]
    since = simulation.emr.world.now / 1000 - 30
    late = played(simulation, lambda edge: ClusterDeed(edge, TOKEN, {}).find(since, edge.clock.now() + 60))
    assert late == [second]


def test_clusters_and_steps_that_are_too_many_end() -> None:
    simulation = Simulation()
    cluster = launched(simulation, "long", steps=[any_step("a"), any_step("b")])
    ids = [step.id for step in simulation.emr.cluster(cluster).steps]
    played(simulation, lambda edge: StepDeed(edge, TOKEN, cluster, {}).undo(ids[1:], edge.clock.now() + 60))
    assert [step.status.state for step in simulation.emr.cluster(cluster).steps][1] == "CANCELLED"
    played(simulation, lambda edge: ClusterDeed(edge, TOKEN, {}).undo([cluster], edge.clock.now() + 60))
    simulation.emr.advance(3600)
    assert simulation.emr.cluster(cluster).status.state == "TERMINATED"


def test_a_cluster_full_of_steps_is_waited_for() -> None:
    simulation = Simulation()
    cluster = launched(simulation, "long", steps=[any_step(f"step {number}") for number in range(256)])
    config = any_step(named("ours", TOKEN))

    def user(edge: Edge) -> str:
        return StepDeed(edge, TOKEN, cluster, config).call(edge.clock.now() + 86_400)

    step_id = played(simulation, user)
    steps = simulation.emr.cluster(cluster).steps
    assert (steps[-1].id, len(steps)) == (step_id, 257)
    assert steps[0].status.state == "COMPLETED"
    found = played(simulation, lambda edge: StepDeed(edge, TOKEN, cluster, {}).find(0, edge.clock.now() + 60))
    assert found == [step_id]


def test_a_cluster_that_stays_full_is_told_of_and_another_refusal_at_once() -> None:
    simulation = Simulation()
    cluster = launched(simulation, "long", steps=[any_step(f"step {number}") for number in range(256)])

    def user(edge: Edge) -> str:
        return StepDeed(edge, TOKEN, cluster, any_step()).call(edge.clock.now() + 60)

    full = played(simulation, user)
    assert isinstance(full, TimedOutError)
    assert str(full).startswith(f"{cluster}: 256 steps are active, and stayed so")
    simulation.emr.call("TerminateJobFlows", {"JobFlowIds": [cluster]})
    gone = played(simulation, user)
    assert isinstance(gone, RefusedCallError)


@pytest.mark.parametrize("kind", [ClusterDeed, StepDeed])
def test_the_guard_is_asked_before_the_call(kind: type) -> None:
    simulation = Simulation()
    cluster = launched(simulation, "long")

    def forbid() -> None:
        raise ValueError("not ours any more")

    def user(edge: Edge) -> str:
        deed = (
            ClusterDeed(edge, TOKEN, launch_request(), forbid)
            if kind is ClusterDeed
            else StepDeed(edge, TOKEN, cluster, any_step(), forbid)
        )
        return deed.call(edge.clock.now() + 60)

    assert isinstance(played(simulation, user), ValueError)
    assert len(simulation.emr.world.clusters) == 1
    assert simulation.emr.cluster(cluster).steps == []


@pytest.mark.parametrize("seed", range(25))
def test_the_engine_chooses_the_cluster_that_a_reaper_without_state_leaves(seed: int) -> None:
    draws = random.Random(seed)  # noqa: S311 - a seed that gives the same again
    simulation = Simulation()
    name, tags = named("nightly", TOKEN), Ownership(BUCKET).tags()
    ids = []
    for _ in range(draws.randint(2, 5)):
        ids.append(launched(simulation, name, Tags=tags))
        # Two of one second, some that are ending and some that have ended.
        if draws.random() < 0.3:
            simulation.emr.call("TerminateJobFlows", {"JobFlowIds": [draws.choice(ids)]})
        simulation.emr.advance(draws.choice((0, 1, 30, 400)))

    def choose(edge: Edge) -> str:
        return ClusterDeed(edge, TOKEN, {}).find(0, edge.clock.now() + 600)[0]

    def reap(edge: Edge) -> None:
        Reaper(edge.emr, BUCKET, edge.clock).reap(edge.clock.now() + 600, is_to_end=True)

    chooser, reaper = simulation.actor("engine", choose), simulation.actor("reaper", reap)
    is_any = any(simulation.emr.cluster(each).status.state in ACTIVE for each in ids)
    simulation.play([chooser, reaper])
    assert (chooser.error, reaper.error) == (None, None)
    left = [each for each in ids if simulation.emr.cluster(each).status.state in ACTIVE]
    assert left == [chooser.result] * is_any
    # Who looks only afterwards finds the same one.
    assert not is_any or played(simulation, choose) == chooser.result
