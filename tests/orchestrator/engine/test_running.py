"""A run from its plan to its end, whoever begins it, and however often."""

from functools import partial
from typing import Any

import pytest

from benchmarks.orchestrator_chaos import laws
from benchmarks.orchestrator_chaos.calls import Fault
from benchmarks.orchestrator_chaos.scenarios import read_record, run_command, start_command
from benchmarks.orchestrator_chaos.simulation import (
    Simulation,
    own_cluster,
    plan_of,
    planned_job,
    shared_cluster,
)
from orchestrator.aws.faults import RefusedCallError
from orchestrator.engine import records, running
from orchestrator.engine.drive import Rules
from orchestrator.engine.ending import cancel
from orchestrator.engine.polling import Poller
from orchestrator.engine.records import State
from orchestrator.plans import Plan

JOBS = [planned_job("a", "run", "s3://lake/a", action="TERMINATE_CLUSTER")]
OWN = plan_of("run", JOBS, own_cluster("run", JOBS))
SHARED = plan_of("run", [planned_job("a", "run", "s3://lake/a")], shared_cluster("long"))
WRITES = {"run_job_flow", "add_job_flow_steps", "terminate_job_flows", "cancel_steps", "put_object"}


def play(simulation: Simulation, command: Any, plan: Plan, name: str = "user 0") -> Any:
    actor = simulation.actor(name, partial(command, plan))
    simulation.play([actor])
    return actor


@pytest.mark.parametrize("plan", [OWN, SHARED], ids=["own", "shared"])
def test_a_run_that_has_succeeded_is_not_run_again(plan: Plan) -> None:
    simulation = Simulation()
    play(simulation, run_command, plan)
    again = play(simulation, run_command, plan, "again")
    assert again.result.state is State.SUCCEEDED
    assert WRITES & set(simulation.wires["again"].calls) == set()


@pytest.mark.parametrize("plan", [OWN, SHARED], ids=["own", "shared"])
def test_a_run_that_goes_on_is_taken_up(plan: Plan) -> None:
    simulation = Simulation()
    assert play(simulation, start_command, plan).result.state is State.RUNNING
    second = play(simulation, run_command, plan, "second")
    assert second.result.state is State.SUCCEEDED
    assert laws.broken(simulation, [second]) == []


@pytest.mark.parametrize("plan", [OWN, SHARED], ids=["own", "shared"])
@pytest.mark.parametrize("command", [run_command, start_command])
def test_what_aws_refuses_fails_the_run_and_frees_its_tables(plan: Plan, command: Any) -> None:
    simulation = Simulation()
    assert plan.cluster.request is not None
    wrong = {**plan.cluster.request, "ReleaseLabel": "emr-0.0.0"}
    bad = type(plan)(
        **{**_fields(plan), "cluster": type(plan.cluster)(**{**_fields(plan.cluster), "request": wrong})}
    )
    actor = play(simulation, command, bad)
    assert isinstance(actor.error, RefusedCallError)
    record = read_record(simulation, plan.run_id)
    assert record is not None
    assert (record.state, str(record.reason)) == (State.FAILED, str(actor.error))
    # Mended, it is run at once: nobody waits for a lease or a claim.
    begun = simulation.emr.world.now
    assert play(simulation, start_command, plan, "mended").result.state is State.RUNNING
    assert simulation.emr.world.now - begun < 1000


def test_a_cancellation_that_died_is_finished_before_the_run_is_opened_again() -> None:
    simulation = Simulation(script={("canceller", "terminate_job_flows#0"): Fault.CRASH_BEFORE})
    play(simulation, start_command, OWN)

    def cancel_and_die(edge: Any) -> None:
        if not simulation.wires["canceller"].struck:
            cancel(edge, OWN.run_id, edge.clock.now() + 3600)

    simulation.play([simulation.actor("canceller", cancel_and_die)])
    record = read_record(simulation, OWN.run_id)
    assert record is not None
    assert (record.is_cancelled, record.state) == (True, State.RUNNING)
    actor = play(simulation, run_command, OWN, "again")
    assert (actor.result.state, actor.result.attempt) == (State.SUCCEEDED, 3)
    assert laws.broken(simulation, [actor]) == []


def test_a_run_that_is_over_meanwhile_is_no_failure() -> None:
    simulation = Simulation()

    def late(edge: Any) -> Any:
        until = edge.clock.now() + 86_400
        record = records.begin(edge, OWN, until)
        edge.clock.sleep(7200)
        return running.run(edge, Poller(edge.emr, edge.clock), record, Rules(), until)

    actors = [simulation.actor("late", late), simulation.actor("user", partial(run_command, OWN))]
    simulation.play(actors)
    assert [actor.error for actor in actors] == [None, None]
    assert actors[0].result == actors[1].result


def _fields(struct: Any) -> dict[str, Any]:
    return {name: getattr(struct, name) for name in struct.__struct_fields__}
