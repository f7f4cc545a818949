"""What a run on EMR Serverless has cost."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from benchmarks.orchestrator_chaos.scenarios import run_command, start_command
from benchmarks.orchestrator_chaos.simulation import (
    Simulation,
    own_cluster,
    plan_of,
    planned_application,
    planned_job,
    planned_job_run,
)
from local_aws.serverless.simulated_runner import AttemptPlan, SimulatedRunner
from orchestrator.engine.edge import Edge
from orchestrator.engine.records import RunRecord
from orchestrator.plans import Plan
from orchestrator.verbs.receipt import Billed, Receipt, receipt

HOUR = 3600.0
# Two workers, each of a vCPU and 3 GB, for an hour.
AN_HOUR = 2 * 0.052624 + 2 * 3 * 0.0057785


def simulation(*plans: AttemptPlan) -> Simulation:
    made = Simulation()
    made.open_serverless()
    assert made.serverless is not None
    runner = made.serverless.world.runner
    assert isinstance(runner, SimulatedRunner)
    runner.plans[:0] = [*plans, AttemptPlan("", (60, 60))]
    return made


def plan(retries: int = 0) -> Plan:
    first = planned_job_run("a", "run", "s3://lake/a", retries=retries)
    then = planned_job_run("b", "run", "s3://lake/b", follows=["a"])
    return plan_of("run", [first, then], planned_application("app"))


def play(where: Simulation, command: Callable[[Edge], object]) -> Any:
    actor = where.actor(f"user {len(where.wires)}", command)
    where.play([actor])
    if actor.error is not None:
        raise actor.error
    return actor.result


def had(where: Simulation, record: RunRecord, region: str = "us-east-1") -> Receipt | None:
    found: Receipt | None = play(where, lambda edge: receipt(edge, record, region, edge.clock.now() + HOUR))
    return found


def told(where: Simulation, record: RunRecord, region: str = "us-east-1") -> Receipt:
    found = had(where, record, region)
    assert found is not None
    return found


def test_each_job_and_the_run_have_what_was_billed_and_its_dollars() -> None:
    where = simulation()
    record = play(where, partial(run_command, plan()))
    found = told(where, record)
    assert {name: (each.job_runs, each.vcpu_hours) for name, each in found.jobs.items()} == {
        "a": (1, 2.0),
        "b": (1, 2.0),
    }
    assert (found.whole.job_runs, found.whole.memory_gb_hours, found.open) == (2, 12.0, [])
    assert found.whole.dollars == pytest.approx(2 * AN_HOUR)


def test_attempts_that_failed_are_paid_for_and_what_others_run_there_is_not_ours() -> None:
    where = simulation(AttemptPlan("a .*-1[)]$", (30, 30), exit_code=1))
    record = play(where, partial(run_command, plan(retries=1)))
    other = plan_of("other", [planned_job_run("c", "other", "s3://lake/c")], planned_application("app"))
    play(where, partial(run_command, other))
    found = told(where, record)
    assert (found.jobs["a"].job_runs, found.jobs["a"].vcpu_hours) == (2, 3.0)
    assert found.whole.dollars == pytest.approx(2.5 * AN_HOUR)


def test_what_was_billed_before_the_run_was_begun_again_was_told_then() -> None:
    where = simulation(AttemptPlan("a .*-1[)]$", (30, 30), exit_code=1))
    failed = play(where, partial(run_command, plan(), retries=0))
    assert told(where, failed).jobs["a"].vcpu_hours == 1.0
    where.emr.advance(600)
    again = play(where, partial(run_command, plan(), retries=0))
    assert {name: each.vcpu_hours for name, each in told(where, again).jobs.items()} == {"a": 2.0, "b": 2.0}


def test_what_goes_on_is_not_billed_yet() -> None:
    where = simulation()
    record = play(where, partial(start_command, plan()))
    where.emr.advance(600)
    found = told(where, record)
    assert where.serverless is not None
    assert found.open == list(where.serverless.service.account.job_runs)
    assert found.whole == Billed()


def test_without_prices_there_are_hours_and_no_dollars() -> None:
    where = simulation()
    record = play(where, partial(run_command, plan()))
    found = told(where, record, "xx-nowhere-1")
    assert (found.whole.vcpu_hours, found.whole.dollars) == (4.0, None)


def test_a_run_on_a_cluster_of_emr_has_none() -> None:
    where = Simulation()
    jobs = [planned_job("a", "run", "s3://lake/a", action="TERMINATE_CLUSTER")]
    record = play(where, partial(run_command, plan_of("run", jobs, own_cluster("run", jobs))))
    assert had(where, record) is None
