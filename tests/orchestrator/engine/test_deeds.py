"""Clusters and steps as deeds: how they are found, and what happens when a cluster is full of steps."""

from typing import Any

import pytest
from botocore.exceptions import ParamValidationError

from benchmarks.emr_chaos.requests import launch_request
from benchmarks.emr_chaos.requests import step as any_step
from benchmarks.orchestrator_chaos.simulation import Simulation
from orchestrator.engine.deeds import ClusterDeed, ClusterEndedError, RefusedDeedError, StepDeed
from orchestrator.engine.edge import Edge
from orchestrator.engine.once import do_once
from orchestrator.errors import FailedError, TimedOutError
from orchestrator.identity import Token, named

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
    launched(simulation, named("nightly", Token(TOKEN.base, 2)))
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
        return do_once(edge, StepDeed(edge, TOKEN, cluster, config), edge.clock.now() + 86_400)

    step_id = played(simulation, user)
    steps = simulation.emr.cluster(cluster).steps
    assert (steps[-1].id, len(steps)) == (step_id, 257)
    assert steps[0].status.state == "COMPLETED"
    found = played(simulation, lambda edge: StepDeed(edge, TOKEN, cluster, {}).find(0, edge.clock.now() + 60))
    assert found == [step_id]


def test_a_cluster_that_stays_full_is_told_of() -> None:
    simulation = Simulation()
    cluster = launched(simulation, "long", steps=[any_step(f"step {number}") for number in range(256)])

    def user(edge: Edge) -> str:
        return do_once(edge, StepDeed(edge, TOKEN, cluster, any_step()), edge.clock.now() + 60)

    full = played(simulation, user)
    assert isinstance(full, TimedOutError)
    assert str(full).startswith(f"{cluster}: 256 steps are active, more it does not take, and stayed so")


@pytest.mark.parametrize("is_gone", [False, True])
def test_a_refusal_says_whether_the_cluster_ends(is_gone: bool) -> None:
    simulation = Simulation()
    cluster = launched(simulation, "long", StepConcurrencyLevel=2)
    if is_gone:
        simulation.emr.call("TerminateJobFlows", {"JobFlowIds": [cluster]})
    config = any_step(action="CANCEL_AND_WAIT")  # beside other steps it is refused
    error = played(
        simulation, lambda edge: StepDeed(edge, TOKEN, cluster, config).call(edge.clock.now() + 60)
    )
    assert type(error) is (ClusterEndedError if is_gone else RefusedDeedError)
    refused = played(
        simulation, lambda edge: ClusterDeed(edge, TOKEN, {"Name": "x"}).call(edge.clock.now() + 60)
    )
    assert type(refused) in {RefusedDeedError, ParamValidationError}


@pytest.mark.parametrize("kind", [ClusterDeed, StepDeed])
def test_what_the_guard_forbids_is_not_done_and_free_for_others(kind: type) -> None:
    simulation = Simulation()
    cluster = launched(simulation, "long")
    begun = simulation.emr.world.now

    def forbid(_until: float) -> None:
        raise FailedError("not ours any more")

    def user(edge: Edge) -> str:
        deed = (
            ClusterDeed(edge, TOKEN, launch_request(), forbid)
            if kind is ClusterDeed
            else StepDeed(edge, TOKEN, cluster, any_step(), forbid)
        )
        return do_once(edge, deed, edge.clock.now() + 60)

    assert isinstance(played(simulation, user), FailedError)
    assert len(simulation.emr.world.clusters) == 1
    assert simulation.emr.cluster(cluster).steps == []
    config = any_step(named("ours", TOKEN))
    step = StepDeed
    assert played(
        simulation, lambda edge: do_once(edge, step(edge, TOKEN, cluster, config), edge.clock.now() + 60)
    )
    assert simulation.emr.world.now - begun < 1000
