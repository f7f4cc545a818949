"""A run on a cluster of its own, which carries all steps and ends itself after them."""

from collections.abc import Sequence

import msgspec

from orchestrator.aws.emr import Record, seconds
from orchestrator.engine.deeds import ENDED, ClusterDeed, RefusedDeedError
from orchestrator.engine.drive import Drive, Progress
from orchestrator.engine.judging import (
    LAUNCH_TIMEOUT,
    TIME_LIMIT,
    Failure,
    cluster_failure,
    is_lost,
    state_of,
    step_failure,
)
from orchestrator.engine.records import OVER, JobRecord, RunRecord, State
from orchestrator.identity import Token, token_of
from orchestrator.plans import PlannedJob, remaining, request_of
from orchestrator.readiness import ready_within_s

_NOT_READY = frozenset({"STARTING", "BOOTSTRAPPING"})


def drive_own(drive: Drive) -> RunRecord:
    """Launch the cluster and wait for its end, again as long as what failed may be tried again."""
    while True:
        record = drive.look()
        jobs = remaining(drive.plan.jobs, record.done)
        if not jobs:
            return drive.end(State.SUCCEEDED)
        cluster_id = _launch(drive, jobs, record.attempt)
        failure = _follow(drive, cluster_id, jobs, record.attempt)
        if failure and _is_tried_again(drive, failure, record, jobs):
            drive.edge.say(f"{failure}; trying again")
            _next_attempt(drive, record.attempt)
        elif failure and (ended := _failed(drive, failure, record.attempt)).state in OVER:
            drive.release()
            return ended


def start_own(drive: Drive) -> RunRecord:
    """Launch the cluster, and wait for nothing."""
    record = drive.look()
    jobs = remaining(drive.plan.jobs, record.done)
    if not jobs:
        return drive.end(State.SUCCEEDED)
    _launch(drive, jobs, record.attempt)
    return drive.look()


def _launch(drive: Drive, jobs: Sequence[PlannedJob], attempt: int) -> str:
    cluster = drive.plan.cluster
    assert cluster.base is not None  # noqa: S101 - only a cluster that was named has none
    request = request_of(cluster, jobs, attempt)
    deed = ClusterDeed(drive.edge, Token(cluster.base, attempt), request, drive.guard)
    try:
        cluster_id = drive.begin(deed)
    except RefusedDeedError as refused:
        drive.end(State.FAILED, str(refused))
        raise
    drive.write(
        lambda record: (
            msgspec.structs.replace(record, cluster_id=cluster_id) if record.attempt == attempt else record
        )
    )
    return cluster_id


def _follow(drive: Drive, cluster_id: str, jobs: Sequence[PlannedJob], attempt: int) -> Failure | None:
    """Wait for the end of the cluster; return what failed, if something did."""
    drive.poller.watch(cluster_id)
    given_up: Failure | None = None
    try:
        while True:
            drive.look()
            status = drive.poller.status(cluster_id, drive.until)
            has_ended = status["State"] in ENDED
            steps: dict[str, Record] = {}
            if status["State"] not in _NOT_READY:
                ask = drive.poller.steps_now if has_ended else drive.poller.steps
                steps = _by_job(jobs, attempt, ask(cluster_id, drive.until))
                _note(drive, cluster_id, steps, attempt)
            _tell(drive, cluster_id, status, steps)
            if has_ended:
                return _why(jobs, cluster_id, status, steps, given_up)
            late = None if given_up else _overdue(drive, cluster_id, jobs, status, steps)
            if late:
                given_up = late
                drive.edge.say(f"{late}; terminating {cluster_id}")
                drive.edge.emr.terminate([cluster_id], drive.until)
            drive.pause()
    finally:
        drive.poller.leave(cluster_id)


def _by_job(jobs: Sequence[PlannedJob], attempt: int, steps: Sequence[Record]) -> dict[str, Record]:
    tokens = {Token(job.base, attempt): job.name for job in jobs}
    found = ((token_of(str(step["Name"])), step) for step in steps)
    return {tokens[token]: step for token, step in found if token in tokens}


def _note(drive: Drive, cluster_id: str, steps: dict[str, Record], attempt: int) -> None:
    told = {}
    for name, step in steps.items():
        state = state_of(step)
        if state is State.CANCELLED:  # with its cluster, before its turn: it waits for the next one
            state = State.WAITING
        told[name] = JobRecord(
            state=state,
            attempt=attempt,
            cluster_id=cluster_id,
            step_id=str(step["Id"]),
            is_lost=is_lost(step),
        )
    drive.note_jobs(told)


def _tell(drive: Drive, cluster_id: str, status: Record, steps: dict[str, Record]) -> None:
    told = {name: str(step["Status"]["State"]) for name, step in steps.items()}
    drive.rules.on_progress(Progress(drive.plan.run_id, cluster_id, str(status["State"]), told))


def _why(
    jobs: Sequence[PlannedJob],
    cluster_id: str,
    status: Record,
    steps: dict[str, Record],
    given_up: Failure | None,
) -> Failure | None:
    states = {name: state_of(step) for name, step in steps.items()}
    if all(states.get(job.name) is State.SUCCEEDED for job in jobs):
        return None
    failed = [job.name for job in jobs if states.get(job.name) is State.FAILED]
    # A step may be lost with a cluster that we have given up: that it was given up says more.
    if failed and not (given_up and is_lost(steps[failed[0]])):
        return step_failure(failed[0], cluster_id, steps[failed[0]])
    return given_up or cluster_failure(cluster_id, status)


def _overdue(
    drive: Drive, cluster_id: str, jobs: Sequence[PlannedJob], status: Record, steps: dict[str, Record]
) -> Failure | None:
    now = drive.edge.clock.now()
    created = seconds(status.get("Timeline", {}).get("CreationDateTime"))
    within_s = drive.rules.launch_s or ready_within_s(drive.plan.cluster.request or {})
    if status["State"] in _NOT_READY and created and now - created > within_s:
        message = f"not ready after {within_s / 60:g} minutes"
        return Failure(f"cluster {cluster_id}", LAUNCH_TIMEOUT, message, cluster_id)
    for job in jobs:
        if job.name in steps and (over := over_limit(job, cluster_id, steps[job.name], now)):
            return over
    return None


def over_limit(job: PlannedJob, cluster_id: str, step: Record, now: float) -> Failure | None:
    """Tell of a step that runs for longer than its job may."""
    started = seconds(step["Status"].get("Timeline", {}).get("StartDateTime"))
    if step["Status"]["State"] != "RUNNING" or not started or now - started <= job.time_limit_s:
        return None
    message = f"still running after {job.time_limit_s / 60:g} minutes, its time_limit_minutes"
    return Failure(f"job {job.name}", TIME_LIMIT, message, cluster_id, str(step["Id"]))


def _is_tried_again(drive: Drive, failure: Failure, record: RunRecord, jobs: Sequence[PlannedJob]) -> bool:
    so_far = record.attempt - record.first_attempt
    allowed = drive.rules.most_attempts - 1
    if failure.step_id is not None:
        allowed = min(allowed, *(job.retries for job in jobs if failure.what == f"job {job.name}"))
    return drive.may_retry(failure, so_far, allowed)


def _next_attempt(drive: Drive, attempt: int) -> None:
    """Go on to the next attempt, unless another orchestrator of the run has."""
    drive.write(
        lambda record: (
            msgspec.structs.replace(record, attempt=attempt + 1) if record.attempt == attempt else record
        )
    )


def _failed(drive: Drive, failure: Failure, attempt: int) -> RunRecord:
    """End the run by what failed, unless another orchestrator of it has gone on to the next attempt."""

    def ended(record: RunRecord) -> RunRecord:
        if record.attempt != attempt:
            return record
        jobs = {name: _ended_job(name, job, failure) for name, job in record.jobs.items()}
        now = drive.edge.clock.now()
        return msgspec.structs.replace(
            record, jobs=jobs, state=State.FAILED, reason=str(failure), ended_at=now
        )

    return drive.write(ended)


def _ended_job(name: str, job: JobRecord, failure: Failure) -> JobRecord:
    if job.state is State.SUCCEEDED:
        return job
    if failure.what == f"job {name}":
        lost = job.is_lost and failure.code != TIME_LIMIT
        return msgspec.structs.replace(job, state=State.FAILED, reason=str(failure), is_lost=lost)
    return msgspec.structs.replace(job, state=State.SKIPPED)
