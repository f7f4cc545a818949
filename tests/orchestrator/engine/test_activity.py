"""What a run has on AWS: whether something of it may still write."""

from functools import partial
from typing import Any

import pytest

from benchmarks.orchestrator_chaos.calls import Fault, Script
from benchmarks.orchestrator_chaos.scenarios import run_command, start_command
from benchmarks.orchestrator_chaos.simulation import (
    BOUNDS,
    Simulation,
    own_cluster,
    plan_of,
    planned_job,
    shared_cluster,
)
from orchestrator.engine.activity import is_active
from orchestrator.plans import Plan

JOBS = [planned_job("a", "run", "s3://lake/a", action="TERMINATE_CLUSTER")]
OWN = plan_of("run", JOBS, own_cluster("run", JOBS))
SHARED = plan_of("run", [planned_job("a", "run", "s3://lake/a")], shared_cluster("long"))


def active(simulation: Simulation, plan: Plan) -> Any:
    actor = simulation.actor("other", lambda edge: is_active(edge, plan.run_id, edge.clock.now() + 60))
    simulation.play([actor])
    assert actor.error is None
    return actor.result


def play(simulation: Simulation, command: Any, plan: Plan) -> None:
    simulation.play([simulation.actor("user", partial(command, plan), patience_s=10**7)])


@pytest.mark.parametrize("plan", [OWN, SHARED], ids=["own", "shared"])
def test_a_run_is_active_as_long_as_its_steps_may_write(plan: Plan) -> None:
    simulation = Simulation()
    assert active(simulation, plan) is False
    play(simulation, start_command, plan)
    assert active(simulation, plan) is True
    simulation.emr.advance(3600)
    assert active(simulation, plan) is False


def test_a_run_that_is_over_is_not() -> None:
    simulation = Simulation()
    play(simulation, run_command, OWN)
    assert active(simulation, OWN) is False


# It dies over the call: before it, or after it. Nobody knows until the claim is old, and then lists tell.
BEFORE: Script = {("user", "run_job_flow#0"): Fault.CRASH_BEFORE}
AFTER: Script = {("user", "run_job_flow#0"): Fault.CRASH_AFTER}


@pytest.mark.parametrize(("script", "later"), [(BEFORE, False), (AFTER, True)])
def test_who_died_over_a_call_may_have_begun_something_until_that_is_known(
    script: Script, later: bool
) -> None:
    simulation = Simulation(script=script)
    seen = []

    def other(edge: Any) -> None:
        until = edge.clock.now() + 10_000
        edge.clock.sleep(5)
        seen.append(is_active(edge, OWN.run_id, until))
        edge.clock.sleep(BOUNDS.takeover_s)
        seen.append(is_active(edge, OWN.run_id, until))

    user = simulation.actor("user", partial(start_command, OWN), patience_s=10**6)
    simulation.play([user, simulation.actor("other", other)])
    assert seen == [True, later]
