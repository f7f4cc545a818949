"""Launches a long-running cluster, or one for a run that carries its steps."""

from dataclasses import dataclass
from typing import Any, Final

from orchestrator.aws.serverless_words import READY as APPLICATION_READY
from orchestrator.engine import launching, running
from orchestrator.engine.deeds import ENDED
from orchestrator.engine.edge import Edge
from orchestrator.engine.judging import cluster_failure, judge
from orchestrator.engine.polling import Poller
from orchestrator.engine.records import JobRecord, RunRecord, State
from orchestrator.errors import FailedError, RefusedError, TimedOutError
from orchestrator.packaging.deploy import Patience
from orchestrator.planning.uploading import upload
from orchestrator.plans import Plan, request_of
from orchestrator.verbs.plan import Planned

# Of a cluster; and of an application, which starts itself at a job run.
READY: Final = frozenset({"RUNNING", "WAITING"}) | APPLICATION_READY


@dataclass(frozen=True)
class Launch:
    """A cluster, whether it was launched now, and the run whose steps it carries, where there is one.

    `state` is EMR's of the cluster; `run_state` tells a run that had succeeded before, of which nothing was begun.
    """

    cluster_id: str
    state: str
    name: str
    run_id: str | None = None
    run_state: str | None = None
    is_new: bool = True


def launch(edge: Edge, s3: Any, planned: Planned, until: float, *, waits: bool = True) -> Launch:
    """Launch it, unless it lives, and wait until it is ready; one that carries steps is not waited for.

    Raises:
        FailedError: It ended before it was ready.
        TimedOutError: It was not ready when the time was over.
        RefusedCallError: AWS refuses it.
    """
    record = planned.standing.record
    if record is not None and planned.standing.has_succeeded:
        return _told(edge, record, until, is_new=False)
    plan = upload(s3, planned.plan, planned.collected, Patience.of(edge.clock, until))
    if plan.jobs:
        return _with_steps(edge, planned, plan, until)
    cluster = plan.cluster
    assert cluster.base is not None  # noqa: S101 - a launch has a file
    made = launching.launch(edge, cluster.base, lambda number: request_of(cluster, [], number), until)
    state = _ready(edge, made.cluster_id, until) if waits else _state(edge, made.cluster_id, until)
    return Launch(made.cluster_id, state, plan.name, is_new=made.cluster_id != planned.standing.cluster_id)


def _with_steps(edge: Edge, planned: Planned, plan: Plan, until: float) -> Launch:
    record = running.begin(edge, plan, until)
    there = {record.cluster_id, planned.standing.cluster_id, plan.cluster.id}
    record = running.start(edge, Poller(edge.emr, edge.clock), record, until)
    refused = [str(job.reason) for job in record.jobs.values() if _is_refused(job)]
    if refused:
        raise RefusedError(
            f"run {record.run_id}: {'; '.join(refused)}; see what else of it goes on, and its end: "
            f"orchestrator run --attach {record.run_id}"
        )
    return _told(edge, record, until, is_new=record.cluster_id not in there)


def _is_refused(job: JobRecord) -> bool:
    return job.state is State.FAILED and job.step_id is None


def _told(edge: Edge, record: RunRecord, until: float, *, is_new: bool) -> Launch:
    if record.cluster_id is None:
        raise FailedError(f"run {record.run_id}: {record.state} before it had a cluster: {record.reason}")
    state = _state(edge, record.cluster_id, until)
    name, run_state = record.plan.name, str(record.state)
    return Launch(record.cluster_id, state, name, record.run_id, run_state, is_new=is_new)


def _state(edge: Edge, cluster_id: str, until: float) -> str:
    return str(edge.emr.cluster(cluster_id, until)["Status"]["State"])


def _ready(edge: Edge, cluster_id: str, until: float) -> str:
    told = "not seen yet"
    while True:
        try:
            status = edge.emr.status(cluster_id, until)
        except TimedOutError as late:
            raise _late(cluster_id, told) from late
        if status["State"] in READY:
            return str(status["State"])
        if status["State"] in ENDED:
            failure = cluster_failure(cluster_id, status)
            raise FailedError(f"{failure}; {judge(failure).next_step}")
        if status["State"] != told:
            told = str(status["State"])
            edge.say(f"{cluster_id}: {told}")
        if not edge.pause(until):
            raise _late(cluster_id, told)


def _late(cluster_id: str, told: str) -> TimedOutError:
    return TimedOutError(
        f"{cluster_id}: {told} when the time was over; it goes on: the same command waits again"
    )
