"""Cancelling: nothing of a run begins afterwards, what has begun ends, and the tables are free."""

from functools import partial

import pytest

from benchmarks.orchestrator_chaos import laws
from benchmarks.orchestrator_chaos.calls import Fault, Script
from benchmarks.orchestrator_chaos.scenarios import cancel_command, run_command
from benchmarks.orchestrator_chaos.simulation import (
    Circumstances,
    Simulation,
    own_cluster,
    plan_of,
    planned_job,
    shared_cluster,
)
from local_aws.emr.simulated_runner import StepPlan
from orchestrator.engine import ending, leases, once
from orchestrator.engine.documents import decode
from orchestrator.engine.leases import Lease
from orchestrator.engine.records import RunRecord, State, key_of
from orchestrator.errors import UsageError
from orchestrator.plans import Plan

TABLE = "s3://lake/table"


def nightly() -> Plan:
    jobs = [planned_job("readings", "nightly", TABLE, action="TERMINATE_CLUSTER")]
    return plan_of("nightly", jobs, own_cluster("nightly", jobs))


def record(simulation: Simulation, plan: Plan) -> RunRecord:
    return decode("record", simulation.s3.objects[f"_state/{key_of(plan.run_id)}"], RunRecord)


def cancelled_at(at: float, simulation: Simulation, plan: Plan) -> list[str]:
    user = simulation.actor("user", partial(run_command, plan))
    canceller = simulation.actor("canceller", partial(cancel_command, plan.run_id), begins_at=at)
    simulation.play([user, canceller])
    return laws.broken(simulation, [user, canceller])


@pytest.mark.parametrize("at", [1, 100, 300, 420])
@pytest.mark.parametrize("kind", ["own", "shared"])
def test_a_run_is_cancelled_at_any_time(at: float, kind: str) -> None:
    plan = nightly()
    if kind == "shared":
        plan = plan_of("nightly", [planned_job("readings", "nightly", TABLE)], shared_cluster("long"))
    simulation = Simulation()
    assert cancelled_at(at, simulation, plan) == []
    found = record(simulation, plan)
    assert (found.state, found.jobs["readings"].state) == (State.CANCELLED, State.CANCELLED)
    lease = decode("lease", simulation.s3.objects[f"_state/{leases.key_of(TABLE)}"], Lease)
    assert lease.holder == ""
    states = [cluster.status.state for cluster in simulation.emr.world.clusters.values()]
    steps = [
        step.status.state for cluster in simulation.emr.world.clusters.values() for step in cluster.steps
    ]
    assert set(steps) <= {"CANCELLED"}
    if kind == "own":
        assert set(states) <= {"TERMINATED"}


# The launch is throttled until the canceller has come and gone: it must find that somebody may still call.
SLOW_LAUNCH: Script = {("user", f"run_job_flow#{n}"): Fault.THROTTLED for n in range(3)}


def test_a_launch_that_is_under_way_is_waited_for() -> None:
    simulation, plan = Simulation(script=SLOW_LAUNCH), nightly()
    assert cancelled_at(0.5, simulation, plan) == []
    assert record(simulation, plan).state is State.CANCELLED


def test_without_closing_the_claim_it_would_come_after_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ending, "close", lambda edge, deed, until: once.done(edge, deed.token, until))
    assert cancelled_at(0.5, Simulation(script=SLOW_LAUNCH), nightly()) != []


def test_a_run_that_is_over_stays_as_it_is() -> None:
    simulation, plan = Simulation(), nightly()
    assert cancelled_at(10_000, simulation, plan) == []
    assert record(simulation, plan).state is State.SUCCEEDED


def test_a_cancelled_run_that_is_run_again_does_what_is_left() -> None:
    simulation, plan = Simulation(), nightly()
    assert cancelled_at(300, simulation, plan) == []
    again = simulation.actor("again", partial(run_command, plan))
    simulation.play([again])
    assert laws.broken(simulation, [again]) == []
    found = record(simulation, plan)
    assert (found.state, found.attempt) == (State.SUCCEEDED, 3)


def test_what_was_completed_before_the_end_came_is_done_though_nobody_had_seen_it() -> None:
    jobs = [
        planned_job("readings", "nightly", TABLE, action="TERMINATE_CLUSTER"),
        planned_job(
            "hourly", "nightly", "s3://lake/hourly", follows=["readings"], action="TERMINATE_CLUSTER"
        ),
    ]
    plan = plan_of("nightly", jobs, own_cluster("nightly", jobs))
    steps = [StepPlan("^readings", minutes=(1, 1)), StepPlan("", minutes=(60, 60))]
    simulation = Simulation(Circumstances(steps=steps), {("user", "describe_cluster#1"): Fault.CRASH_BEFORE})
    user = simulation.actor("user", partial(run_command, plan), patience_s=10**6)
    canceller = simulation.actor("canceller", partial(cancel_command, plan.run_id), begins_at=1200)
    again = simulation.actor("again", partial(run_command, plan), begins_at=4000)
    simulation.play([user, canceller, again])
    assert laws.broken(simulation, [user, canceller, again]) == []
    clusters = simulation.emr.world.clusters.values()
    names = [[str(step.config["Name"]).split()[0] for step in one.steps] for one in clusters]
    assert names == [["readings", "hourly"], ["hourly"]]
    assert record(simulation, plan).state is State.SUCCEEDED


def test_what_is_no_run_cannot_be_cancelled() -> None:
    simulation = Simulation()
    user = simulation.actor("user", lambda edge: ending.cancel(edge, "r0", edge.clock.now() + 60))
    simulation.play([user])
    assert isinstance(user.error, UsageError)
    assert "run r0: the state has no such run" in str(user.error)
