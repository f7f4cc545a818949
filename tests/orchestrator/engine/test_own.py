"""Runs on clusters of their own: their order, their retries, their ends."""

from functools import partial
from typing import Any

import pytest

from benchmarks.orchestrator_chaos import laws
from benchmarks.orchestrator_chaos.scenarios import read_record, run_command
from benchmarks.orchestrator_chaos.simulation import (
    Circumstances,
    Simulation,
    own_cluster,
    plan_of,
    planned_job,
)
from local_aws.emr.simulated_runner import StepPlan
from orchestrator.engine.own import over_limit
from orchestrator.engine.records import RunRecord, State
from orchestrator.identity import Token
from orchestrator.plans import Plan, request_of

SHORT = StepPlan("", minutes=(1, 2))


def plan(retries: int = 0, **further: Any) -> Plan:
    first = planned_job(
        "readings", "nightly", "s3://lake/a", action="TERMINATE_CLUSTER", retries=retries, **further
    )
    then = planned_job(
        "hourly", "nightly", "s3://lake/b", action="TERMINATE_CLUSTER", follows=["readings"], retries=retries
    )
    return plan_of("nightly", [first, then], own_cluster("nightly", [first, then]))


def run(made: Plan, *steps: StepPlan, simulation: Simulation | None = None) -> tuple[RunRecord, Simulation]:
    simulation = simulation or Simulation(Circumstances(steps=[*steps, SHORT]))
    actor = simulation.actor("user 0", partial(run_command, made))
    simulation.play([actor])
    assert laws.broken(simulation, [actor]) == []
    record = read_record(simulation, made.run_id)
    assert record is not None
    return record, simulation


def test_the_plans_request_is_what_is_sent() -> None:
    made = plan()
    _, simulation = run(made)
    (cluster,) = simulation.emr.world.clusters.values()
    assert cluster.request == made.cluster.request
    assert [step.config for step in cluster.steps] == made.cluster.request["Steps"]


def test_a_job_that_fails_is_tried_again_without_those_that_are_done() -> None:
    made = plan(retries=2)
    record, simulation = run(made, StepPlan("^hourly .*-1[)]$", minutes=(1, 1), exit_code=1))
    assert (record.state, record.attempt) == (State.SUCCEEDED, 2)
    first, second = simulation.emr.world.clusters.values()
    assert [step.status.state for step in first.steps] == ["COMPLETED", "FAILED"]
    assert second.request == request_of(made.cluster, made.jobs[1:], 2)
    assert [step.status.state for step in second.steps] == ["COMPLETED"]


def test_a_job_that_fails_for_good_is_named_and_what_follows_it_is_skipped() -> None:
    record, simulation = run(plan(), StepPlan("^readings", minutes=(1, 1), exit_code=1))
    states = {name: job.state for name, job in record.jobs.items()}
    assert states == {"readings": State.FAILED, "hourly": State.SKIPPED}
    assert record.state is State.FAILED
    assert str(record.reason).startswith("job readings: ")
    assert len(simulation.emr.world.clusters) == 1


def test_a_job_over_its_time_limit_takes_its_cluster_with_it() -> None:
    record, simulation = run(plan(time_limit_s=1800.0), StepPlan("^readings", minutes=(600, 600)))
    assert record.reason == "job readings: TIME_LIMIT: still running after 30 minutes, its time_limit_minutes"
    (cluster,) = simulation.emr.world.clusters.values()
    assert cluster.status.state == "TERMINATED"


def test_a_step_that_is_lost_with_its_cluster_each_time_is_told_from_one_that_fails() -> None:
    simulation = Simulation(Circumstances(steps=[StepPlan("^readings", minutes=(600, 600))]))

    def break_all() -> None:
        for cluster in simulation.emr.world.clusters.values():
            for one in [one for found in cluster.collections for one in found.live if one.role == "MASTER"]:
                simulation.emr.lose(one)
        simulation.emr.world.agenda.after(3_600_000, break_all)

    simulation.emr.world.agenda.after(3_600_000, break_all)
    record, _ = run(plan(), simulation=simulation)
    job = record.jobs["readings"]
    assert (record.state, job.state, job.step_id is not None) == (State.FAILED, State.FAILED, True)
    assert job.is_lost


def test_a_cluster_that_is_never_ready_is_given_up() -> None:
    simulation = Simulation()
    simulation.emr.world.durations = type(simulation.emr.world.durations)(
        applications=(10**8, 10**8), on_demand_patience=10**9
    )
    record, _ = run(plan(), simulation=simulation)
    assert record.state is State.FAILED
    assert str(record.reason).endswith("LAUNCH_TIMEOUT: not ready after 60 minutes")


@pytest.mark.parametrize(
    ("state", "ran_s", "is_over"), [("RUNNING", 600, False), ("RUNNING", 601, True), ("PENDING", 999, False)]
)
def test_a_time_limit_counts_from_the_start_of_the_step(state: str, ran_s: int, is_over: bool) -> None:
    job = planned_job("a", "r", "s3://lake/a", time_limit_s=600.0)
    step = {"Id": "s-1", "Status": {"State": state, "Timeline": {"StartDateTime": 1000}}}
    assert (over_limit(job, "j-1", step, 1000 + ran_s) is not None) == is_over


def test_attempts_have_tokens_of_their_own() -> None:
    made = plan()
    request = request_of(made.cluster, made.jobs, 7)
    assert request["Name"].endswith(f"({Token(str(made.cluster.base), 7)})")
    assert [step["Name"].endswith("-7)") for step in request["Steps"]] == [True, True]
