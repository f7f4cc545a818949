"""Runs on clusters that are there for others too: a step is submitted when its turn has come."""

from collections.abc import Callable
from functools import partial
from typing import Any

from benchmarks.emr_chaos.requests import launch_request
from benchmarks.orchestrator_chaos import laws
from benchmarks.orchestrator_chaos.scenarios import read_record, run_command, start_command
from benchmarks.orchestrator_chaos.simulation import (
    Circumstances,
    Simulation,
    given_cluster,
    plan_of,
    planned_job,
    shared_cluster,
)
from local_aws.emr.simulated_runner import StepPlan
from orchestrator.engine.records import RunRecord, State
from orchestrator.plans import PlannedJob

SHORT = StepPlan("", minutes=(1, 2))


def jobs(**further: Any) -> list[PlannedJob]:
    a = planned_job("a", "run", "s3://lake/a", **further)
    b = planned_job("b", "run", "s3://lake/b", follows=["a"])
    c = planned_job("c", "run", "s3://lake/c")
    return [a, b, c]


def run(
    made: list[PlannedJob],
    *steps: StepPlan,
    command: Any = run_command,
    end: Callable[[Simulation, str], None] | None = None,
) -> tuple[RunRecord, Simulation]:
    simulation = Simulation(Circumstances(steps=[*steps, SHORT]))
    cluster = simulation.emr.call("RunJobFlow", launch_request("long", StepConcurrencyLevel=4))["JobFlowId"]
    simulation.emr.advance(3600)
    if end is not None:
        simulation.emr.world.agenda.after(120_000, partial(end, simulation, cluster))
    plan = plan_of("run", made, given_cluster(cluster))
    actor = simulation.actor("user 0", partial(command, plan))
    simulation.play([actor])
    assert laws.broken(simulation, [actor]) == []
    record = read_record(simulation, plan.run_id)
    assert record is not None
    return record, simulation


def _terminate(simulation: Simulation, cluster: str) -> None:
    simulation.emr.call("TerminateJobFlows", {"JobFlowIds": [cluster]})


def _break(simulation: Simulation, cluster: str) -> None:
    instances = [one for found in simulation.emr.cluster(cluster).collections for one in found.live]
    simulation.emr.lose(next(one for one in instances if one.role == "MASTER"))


def states(record: RunRecord) -> dict[str, str]:
    return {name: str(job.state) for name, job in record.jobs.items()}


def test_what_follows_nothing_runs_beside_and_what_follows_waits() -> None:
    record, simulation = run(jobs())
    assert states(record) == {"a": "succeeded", "b": "succeeded", "c": "succeeded"}
    (cluster,) = simulation.emr.world.clusters.values()
    names = [str(step.config["Name"]).split()[0] for step in cluster.steps]
    assert names == ["a", "c", "b"]
    assert cluster.status.state == "WAITING"


def test_what_follows_a_failed_job_is_skipped_and_the_rest_goes_on() -> None:
    record, _ = run(jobs(), StepPlan("^a ", minutes=(1, 1), exit_code=1))
    assert states(record) == {"a": "failed", "b": "skipped", "c": "succeeded"}
    assert record.jobs["b"].reason == "it follows a"
    assert record.state is State.FAILED


def test_a_failed_step_is_tried_again_under_the_next_token() -> None:
    record, simulation = run(jobs(retries=1), StepPlan("^a .*-1[)]$", minutes=(1, 1), exit_code=1))
    assert states(record) == {"a": "succeeded", "b": "succeeded", "c": "succeeded"}
    assert record.jobs["a"].attempt == 2
    (cluster,) = simulation.emr.world.clusters.values()
    assert len(cluster.steps) == 4


def test_a_step_over_its_time_limit_is_cancelled_and_nothing_else() -> None:
    record, simulation = run(jobs(time_limit_s=600.0), StepPlan("^a ", minutes=(600, 600)))
    assert states(record) == {"a": "failed", "b": "skipped", "c": "succeeded"}
    assert "TIME_LIMIT" in str(record.jobs["a"].reason)
    (cluster,) = simulation.emr.world.clusters.values()
    assert cluster.status.state == "WAITING"


def test_a_cluster_that_ends_under_the_run_fails_it_by_name() -> None:
    record, _ = run(jobs(), StepPlan("", minutes=(60, 60)), end=_terminate)
    assert record.state is State.FAILED
    assert set(states(record).values()) <= {"failed", "cancelled", "skipped"}
    assert record.reason


def test_a_step_that_is_lost_with_its_cluster_is_told_from_one_that_fails() -> None:
    lost, _ = run(jobs(), StepPlan("", minutes=(60, 60)), end=_break)
    failed, _ = run(jobs(), StepPlan("^a ", minutes=(1, 1), exit_code=1))
    for record, is_lost in ((lost, True), (failed, False)):
        job = record.jobs["a"]
        assert (job.state, job.step_id is not None, job.is_lost) == (State.FAILED, True, is_lost)


def test_submitting_waits_for_nothing() -> None:
    record, simulation = run(jobs(), command=start_command)
    assert states(record) == {"a": "submitted", "b": "waiting", "c": "submitted"}
    assert record.cluster_id in simulation.emr.world.clusters


def test_a_cluster_by_its_file_is_launched_for_the_run_and_stays() -> None:
    simulation = Simulation()
    plan = plan_of("run", jobs(), shared_cluster("long"))
    actor = simulation.actor("user 0", partial(run_command, plan))
    simulation.play([actor])
    assert laws.broken(simulation, [actor]) == []
    (cluster,) = simulation.emr.world.clusters.values()
    assert cluster.status.state == "WAITING"
    assert cluster.request == plan.cluster.request
