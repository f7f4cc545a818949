"""What users do at once: each scenario gives its actors, and what must have come of it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import msgspec

from benchmarks.emr_chaos.requests import launch_request
from benchmarks.orchestrator_chaos.simulation import (
    DAY_S,
    Circumstances,
    Simulation,
    given_cluster,
    own_cluster,
    plan_of,
    planned_application,
    planned_job,
    planned_job_run,
    shared_cluster,
)
from benchmarks.orchestrator_chaos.stage import Actor
from local_aws.emr.simulated_runner import StepPlan
from orchestrator.engine import launching, records, running
from orchestrator.engine.drive import CancelledError, Rules
from orchestrator.engine.edge import Edge
from orchestrator.engine.ending import cancel
from orchestrator.engine.judging import Failure
from orchestrator.engine.polling import Poller
from orchestrator.engine.records import RunRecord, State
from orchestrator.plans import Plan, PlannedCluster, PlannedJob, request_of
from orchestrator.verdicts import Verdict

TABLE = "s3://lake/table"
HOURLY = "s3://lake/hourly"


@dataclass(frozen=True)
class Scene:
    """Actors, and the states in which runs must end (any of them), by their ids."""

    actors: Sequence[Actor]
    ends: Mapping[str, frozenset[State]]

    def broken(self, simulation: Simulation) -> Iterator[str]:
        """Tell of runs that have ended otherwise."""
        for run_id, states in self.ends.items():
            record = read_record(simulation, run_id)
            if record is None:
                yield f"{run_id}: there is no record of it"
            elif record.state not in states:
                yield f"{run_id}: ended {record.state}: {record.reason}"


Scenario = Callable[[Simulation, int], Scene]


def run_command(plan: Plan, edge: Edge, retries: int = 3) -> RunRecord:
    """Run a plan to its end, as `orchestrator run` does."""
    until = edge.clock.now() + DAY_S
    rules = Rules(judge=partial(_retry, retries))
    record = running.begin(edge, plan, until)
    try:
        return running.run(edge, Poller(edge.emr, edge.clock, edge.bounds.poll_s), record, rules, until)
    except CancelledError:
        return record


def start_command(plan: Plan, edge: Edge) -> RunRecord:
    """Begin a run and wait for nothing, as `orchestrator submit` does."""
    until = edge.clock.now() + DAY_S
    record = running.begin(edge, plan, until)
    return running.start(edge, Poller(edge.emr, edge.clock, edge.bounds.poll_s), record, until)


def launch_command(cluster: PlannedCluster, edge: Edge) -> str:
    """Launch a long-running cluster, as `orchestrator launch` does."""
    assert cluster.base is not None  # noqa: S101 - it was made with one
    until = edge.clock.now() + DAY_S
    return launching.launch(
        edge, cluster.base, lambda number: request_of(cluster, [], number), until
    ).cluster_id


def cancel_command(run_id: str, edge: Edge) -> RunRecord | None:
    """Cancel a run, as `orchestrator cancel` does; one that has not begun is no run yet."""
    until = edge.clock.now() + DAY_S
    return cancel(edge, run_id, until) if records.find(edge, run_id, until) else None


def launch(simulation: Simulation, count: int) -> Scene:
    """Several users launch the same long-running cluster."""
    cluster = shared_cluster("long")
    return Scene([simulation.actor(f"user {n}", partial(launch_command, cluster)) for n in range(count)], {})


def own(simulation: Simulation, count: int) -> Scene:
    """Several users run the same pipeline, on a cluster of its own."""
    jobs = _pipeline("nightly", action="TERMINATE_CLUSTER")
    plan = plan_of("nightly", jobs, own_cluster("nightly", jobs))
    return _runs(simulation, [plan] * count)


def shared(simulation: Simulation, count: int) -> Scene:
    """Several users run the same pipeline on a long-running cluster, which the first one launches."""
    plan = plan_of("hourly", _pipeline("hourly"), shared_cluster("long"))
    return _runs(simulation, [plan] * count)


def given(simulation: Simulation, count: int) -> Scene:
    """Several users run the same pipeline on a cluster that is there."""
    cluster_id = simulation.emr.call("RunJobFlow", _stranger())["JobFlowId"]
    plan = plan_of("hourly", _pipeline("hourly"), given_cluster(cluster_id))
    return _runs(simulation, [plan] * count)


def rivals(simulation: Simulation, count: int) -> Scene:
    """Several runs write the same tables, each on a cluster of its own."""
    plans = []
    for number in range(count):
        jobs = _pipeline(f"rival {number}", action="TERMINATE_CLUSTER")
        plans.append(plan_of(f"rival {number}", jobs, own_cluster(f"rival {number}", jobs)))
    return _runs(simulation, plans)


def cancelled(simulation: Simulation, count: int) -> Scene:
    """A run is cancelled while it goes on, at a moment that is drawn."""
    jobs = _pipeline("nightly", action="TERMINATE_CLUSTER")
    plan = plan_of("nightly", jobs, own_cluster("nightly", jobs))
    scene = _runs(simulation, [plan] * max(1, count - 1))
    at = simulation.draws.uniform(0, 900)
    actor = simulation.actor("canceller", partial(cancel_command, plan.run_id), begins_at=at)
    return Scene([*scene.actors, actor], {plan.run_id: frozenset({State.SUCCEEDED, State.CANCELLED})})


def reopened(simulation: Simulation, count: int) -> Scene:
    """A run fails by its first step, and users who come later or were slow run it again."""
    simulation.runner.steps.insert(0, StepPlan("readings.*-1[)]$", minutes=(1, 3), exit_code=1))
    jobs = _pipeline("nightly", action="TERMINATE_CLUSTER")
    plan = plan_of("nightly", jobs, own_cluster("nightly", jobs))
    actors = [
        simulation.actor(
            f"user {n}",
            partial(run_command, plan, retries=0),
            begins_at=n * simulation.draws.uniform(0, 1200),
        )
        for n in range(max(count, 2))
    ]
    return Scene(actors, {plan.run_id: frozenset({State.SUCCEEDED, State.FAILED})})


def started(simulation: Simulation, count: int) -> Scene:
    """Several users begin the same run on a cluster of its own and let it go, as `launch --job` does."""
    jobs = _pipeline("nightly", action="TERMINATE_CLUSTER")
    return _starts(simulation, plan_of("nightly", jobs, own_cluster("nightly", jobs)), count)


def submitted(simulation: Simulation, count: int) -> Scene:
    """Several users submit the same job to a cluster that is there."""
    cluster_id = simulation.emr.call("RunJobFlow", _stranger())["JobFlowId"]
    return _starts(simulation, plan_of("hourly", _pipeline("hourly")[:1], given_cluster(cluster_id)), count)


def applied(simulation: Simulation, count: int) -> Scene:
    """Several users run the same pipeline on an application of EMR Serverless, which the first one creates."""
    simulation.open_serverless()
    return _runs(simulation, [_applied()] * count)


def created(simulation: Simulation, count: int) -> Scene:
    """Several users launch the same application."""
    simulation.open_serverless()
    command = partial(launch_command, planned_application("app"))
    return Scene([simulation.actor(f"user {n}", command) for n in range(count)], {})


def withdrawn(simulation: Simulation, count: int) -> Scene:
    """A run on an application is cancelled while it goes on, at a moment that is drawn."""
    simulation.open_serverless()
    plan = _applied()
    scene = _runs(simulation, [plan] * max(1, count - 1))
    at = simulation.draws.uniform(0, 900)
    actor = simulation.actor("canceller", partial(cancel_command, plan.run_id), begins_at=at)
    return Scene([*scene.actors, actor], {plan.run_id: frozenset({State.SUCCEEDED, State.CANCELLED})})


SCENARIOS: Mapping[str, Scenario] = {
    "launch": launch,
    "own": own,
    "shared": shared,
    "given": given,
    "rivals": rivals,
    "cancelled": cancelled,
    "reopened": reopened,
    "started": started,
    "submitted": submitted,
    "applied": applied,
    "created": created,
    "withdrawn": withdrawn,
}
CALM = Circumstances()


def read_record(simulation: Simulation, run_id: str) -> RunRecord | None:
    """Read the record of a run; None where there is none."""
    body = simulation.s3.objects.get(f"_state/{records.key_of(run_id)}")
    return msgspec.json.decode(body, type=RunRecord) if body else None


def _stranger() -> dict[str, Any]:
    return launch_request("somebody's", StepConcurrencyLevel=4)


def _pipeline(run: str, **further: str) -> list[PlannedJob]:
    first = planned_job("readings", run, TABLE, retries=3, **further)
    return [first, planned_job("hourly", run, HOURLY, follows=["readings"], retries=3, **further)]


def _applied() -> Plan:
    first = planned_job_run("readings", "hourly", TABLE, retries=3)
    then = planned_job_run("hourly", "hourly", HOURLY, follows=["readings"], retries=3)
    return plan_of("hourly", [first, then], planned_application("app"))


def _runs(simulation: Simulation, plans: Sequence[Plan]) -> Scene:
    actors = [
        simulation.actor(f"user {number}", partial(run_command, plan)) for number, plan in enumerate(plans)
    ]
    return Scene(actors, {plan.run_id: frozenset({State.SUCCEEDED}) for plan in plans})


def _starts(simulation: Simulation, plan: Plan, count: int) -> Scene:
    actors = [simulation.actor(f"user {number}", partial(start_command, plan)) for number in range(count)]
    return Scene(actors, {plan.run_id: frozenset({State.RUNNING})})


def _retry(retries: int, _failure: Failure) -> Verdict:
    return Verdict("any", is_retryable=True, most_retries=retries, next_step="")
