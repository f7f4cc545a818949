"""What there is already of a plan's run and cluster, and the request that would be sent as things stand."""

from collections.abc import Callable
from functools import partial
from typing import Any

import msgspec
import pytest

from benchmarks.orchestrator_chaos.scenarios import cancel_command, launch_command, read_record, run_command
from benchmarks.orchestrator_chaos.simulation import (
    Circumstances,
    Simulation,
    given_cluster,
    own_cluster,
    plan_of,
    planned_job,
    shared_cluster,
)
from local_aws.emr.simulated_runner import StepPlan
from orchestrator.engine.edge import Edge
from orchestrator.engine.records import State
from orchestrator.errors import UsageError
from orchestrator.identity import Token, token_of
from orchestrator.planning.standing import Standing, look, settled
from orchestrator.plans import ClusterKind, Plan, step_of

TABLE, OTHER = "s3://lake/table", "s3://lake/other"
FAILING = Circumstances(steps=[StepPlan("second", (1, 1), exit_code=1), StepPlan("", (1, 1))])


def nightly(kind: str = "own") -> Plan:
    action = "TERMINATE_CLUSTER" if kind == "own" else "CONTINUE"
    first = planned_job("first", "nightly", TABLE, action=action)
    jobs = [first, planned_job("second", "nightly", OTHER, action=action, follows=["first"])]
    cluster = own_cluster("nightly", jobs) if kind == "own" else shared_cluster("long")
    return plan_of("nightly", jobs, cluster)


def launch_only() -> Plan:
    return plan_of("long", [], shared_cluster("long"))


def play(simulation: Simulation, command: Callable[[Edge], Any], begins_at: float = 0.0) -> Any:
    actor = simulation.actor(f"user {len(simulation.wires)}", command, begins_at)
    simulation.play([actor])
    if actor.error is not None:
        raise actor.error
    return actor.result


def seen(simulation: Simulation, plan: Plan) -> Standing:
    found = play(simulation, lambda edge: look(edge, plan, edge.clock.now() + 60))
    assert isinstance(found, Standing)
    return found


@pytest.mark.parametrize("plan", [nightly(), nightly("shared"), launch_only()])
def test_at_first_there_is_nothing_and_the_plan_stands(plan: Plan) -> None:
    found = seen(Simulation(), plan)
    assert found == Standing(None, None, 1)
    assert (settled(plan, found), found.has_succeeded) == (plan, False)


def test_a_long_running_cluster_that_lives_is_used_and_one_that_has_ended_is_followed_by_the_next() -> None:
    simulation, plan = Simulation(), launch_only()
    first = play(simulation, partial(launch_command, plan.cluster))
    assert seen(simulation, plan) == Standing(None, first, 1)
    simulation.emr.call("TerminateJobFlows", {"JobFlowIds": [first]})
    simulation.emr.advance(900)
    found = seen(simulation, plan)
    assert found == Standing(None, None, 2)
    planned = settled(plan, found)
    assert (planned.cluster.number, token_of((planned.cluster.request or {})["Name"])) == (
        2,
        Token(str(plan.cluster.base), 2),
    )
    second = play(simulation, partial(launch_command, planned.cluster))
    assert seen(simulation, plan) == Standing(None, second, 2)
    sent = simulation.emr.cluster(second).request
    assert msgspec.json.encode(sent, order="sorted") == msgspec.json.encode(
        planned.cluster.request, order="sorted"
    )


@pytest.mark.parametrize("kind", ["own", "shared"])
def test_a_run_that_has_succeeded_leaves_nothing_to_do(kind: str) -> None:
    simulation, plan = Simulation(), nightly(kind)
    play(simulation, partial(run_command, plan))
    found = seen(simulation, plan)
    assert found.record is not None
    assert (found.record.state, found.has_succeeded) == (State.SUCCEEDED, True)
    assert settled(plan, found) == plan


def test_nor_does_one_that_has_at_a_later_attempt() -> None:
    simulation, plan = Simulation(FAILING), nightly()
    play(simulation, partial(run_command, plan, retries=0))
    simulation.runner.steps = [StepPlan("", (1, 1))]
    play(simulation, partial(run_command, plan))
    found = seen(simulation, plan)
    assert (found.has_succeeded, found.number) == (True, 3)
    assert settled(plan, found) == plan


def test_a_run_that_failed_goes_on_with_what_is_not_done() -> None:
    simulation, plan = Simulation(FAILING), nightly()
    play(simulation, partial(run_command, plan, retries=0))
    found = seen(simulation, plan)
    assert found.record is not None
    assert (found.record.state, found.record.done, found.number) == (State.FAILED, frozenset({"first"}), 3)
    planned = settled(plan, found)
    request = planned.cluster.request or {}
    assert request["Steps"] == [step_of(plan.jobs[1], 3)]
    assert token_of(request["Name"]) == Token(str(plan.cluster.base), 3)
    simulation.runner.steps = [StepPlan("", (1, 1))]
    play(simulation, partial(run_command, planned))
    record = read_record(simulation, plan.run_id)
    assert record is not None
    assert record.state is State.SUCCEEDED
    sent = simulation.emr.cluster(str(record.cluster_id)).request
    assert msgspec.json.encode(sent, order="sorted") == msgspec.json.encode(request, order="sorted")


def test_a_run_that_goes_on_stays_on_its_cluster() -> None:
    simulation, plan = Simulation(), nightly()
    user = simulation.actor("user", partial(run_command, plan))
    looks: list[Standing] = []
    looker = simulation.actor(
        "looker", lambda edge: looks.append(look(edge, plan, edge.clock.now() + 60)), begins_at=200
    )
    simulation.play([user, looker])
    [cluster] = simulation.emr.world.clusters
    (found,) = looks
    assert (found.cluster_id, found.number, found.has_succeeded) == (cluster, 1, False)


def test_a_cancelled_run_skips_the_attempts_that_were_closed() -> None:
    simulation, plan = Simulation(), nightly()
    user = simulation.actor("user", partial(run_command, plan))
    canceller = simulation.actor("canceller", partial(cancel_command, plan.run_id), begins_at=300)
    simulation.play([user, canceller])
    assert seen(simulation, plan).number == 3


def test_a_named_cluster_has_to_take_steps() -> None:
    simulation = Simulation()
    cluster = play(simulation, partial(launch_command, shared_cluster("long")))
    plan = plan_of("x", [planned_job("first", "x", TABLE)], given_cluster(cluster))
    assert seen(simulation, plan) == Standing(None, cluster, 1, "STARTING")
    assert plan.cluster.kind is ClusterKind.GIVEN
    simulation.emr.call("TerminateJobFlows", {"JobFlowIds": [cluster]})
    for state in ("TERMINATING", "TERMINATED"):
        with pytest.raises(UsageError) as raised:
            seen(simulation, plan)
        assert str(raised.value) == (
            f"cluster {cluster}: expected one that takes steps, got {state}; name another one, or a cluster's file"
        )
        simulation.emr.advance(900)
    unknown = plan_of("x", [planned_job("first", "x", TABLE)], given_cluster("j-NONE"))
    with pytest.raises(UsageError, match="cluster j-NONE: EMR knows no such cluster in this Region"):
        seen(simulation, unknown)


def test_looking_writes_nothing() -> None:
    simulation, plan = Simulation(), nightly()
    seen(simulation, plan)
    assert (simulation.s3.objects, list(simulation.emr.world.clusters)) == ({}, [])
