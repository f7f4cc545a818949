"""Runs a plan to its end, reports what failed, and lets go of it or ends it when the time is over."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from orchestrator.aws.objects import Objects
from orchestrator.engine import ending, records, running
from orchestrator.engine.drive import Rules
from orchestrator.engine.edge import Edge
from orchestrator.engine.judging import Failure, Judge, judge
from orchestrator.engine.polling import Poller
from orchestrator.engine.records import RunRecord, State
from orchestrator.errors import TimedOutError
from orchestrator.logs.report import failure_report
from orchestrator.packaging.deploy import Patience
from orchestrator.planning.uploading import upload
from orchestrator.secrets import redact
from orchestrator.verbs.plan import Planned
from orchestrator.verdicts import UNKNOWN, Verdict


class OnTimeout(StrEnum):
    """What becomes of a run that is not over in time."""

    LEAVE = "leave"
    CANCEL = "cancel"


@dataclass(frozen=True)
class FailedJob:
    """Why a job failed, the lines of its logs that matter, where they are, and what to do."""

    job: str
    step_id: str | None
    reason: str
    lines: Sequence[str]
    logs: str
    next_step: str


# Cancelling takes a few minutes more, on AWS: a cluster's end does.
_TO_CANCEL_S: Final = 900.0
_TO_READ_S: Final = 60.0


def begin(edge: Edge, s3: Any, planned: Planned, until: float) -> RunRecord:
    """Upload what it needs and write the run down; one that is there already is taken up, or has succeeded."""
    if planned.standing.record is not None and planned.standing.has_succeeded:
        return planned.standing.record
    patience = Patience.of(edge.clock, until)
    return running.begin(edge, upload(s3, planned.plan, planned.collected, patience), until)


def drive(
    edge: Edge, record: RunRecord, rules: Rules, until: float, on_timeout: OnTimeout = OnTimeout.LEAVE
) -> RunRecord:
    """Drive a run to its end.

    Raises:
        TimedOutError: It was not over in time; it goes on, or was cancelled.
        CancelledError: Somebody has cancelled it.
        RefusedCallError: AWS refuses a call.
    """
    try:
        return running.run(edge, Poller(edge.emr, edge.clock, edge.bounds.poll_s), record, rules, until)
    except TimedOutError as late:
        if on_timeout is OnTimeout.LEAVE:
            raise TimedOutError(_late(record.run_id, str(late))) from late
        ending.cancel(edge, record.run_id, edge.clock.now() + _TO_CANCEL_S)
        raise TimedOutError(
            f"run {record.run_id}: not over in time, and cancelled (--on-timeout cancel)"
        ) from late


def _late(run_id: str, told: str) -> str:
    """Say how to come back, whatever call it was that the time was over for."""
    if "--attach" in told:
        return told
    return (
        f"run {run_id}: not over when the time was; it goes on: wait again with orchestrator run --attach {run_id}, "
        f"end it with orchestrator cancel {run_id} ({told})"
    )


def judging(edge: Edge, objects: Objects) -> Judge:
    """Judge failures, those that EMR's own words do not explain by the logs of their steps."""

    def by_logs(failure: Failure) -> Verdict:
        verdict = judge(failure)
        if failure.step_id is None or verdict != UNKNOWN:
            return verdict
        until = edge.clock.now() + _TO_READ_S
        report = failure_report(edge.emr, objects, failure.cluster_id, failure.step_id, until, redact)
        return judge(failure, report.lines)

    return by_logs


def failed_jobs(edge: Edge, objects: Objects, record: RunRecord, until: float) -> list[FailedJob]:
    """Tell why jobs failed."""
    return [
        _failed(edge, objects, name, job, until)
        for name, job in record.jobs.items()
        if job.state is State.FAILED
    ]


def advice(record: RunRecord) -> str:
    """Tell what to do about a run that failed without a job that did: its cluster."""
    if record.reason is None or any(job.state is State.FAILED for job in record.jobs.values()):
        return ""
    what, _, rest = record.reason.partition(": ")
    code, _, message = rest.partition(": ")
    return judge(Failure(what, code, message, record.cluster_id or "")).next_step


def attach(edge: Edge, run_id: str, until: float) -> RunRecord:
    """Find a run that was begun before.

    Raises:
        UsageError: There is none.
    """
    return records.read(edge, run_id, until)


def _failed(edge: Edge, objects: Objects, name: str, job: records.JobRecord, until: float) -> FailedJob:
    told = redact(job.reason or "")
    if job.step_id is None or job.cluster_id is None:
        return FailedJob(name, None, told, (), "it has no step", "")
    report = failure_report(edge.emr, objects, job.cluster_id, job.step_id, until, redact)
    _, _, rest = told.partition(": ")
    code, _, message = rest.partition(": ")
    verdict = judge(Failure(f"job {name}", code, message, job.cluster_id, job.step_id), report.lines)
    return FailedJob(name, job.step_id, told, report.lines, report.where, verdict.next_step)
