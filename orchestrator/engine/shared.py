"""A run on a cluster that is there for other runs too: a step is submitted when those before it are done."""

import msgspec

from orchestrator.aws.emr import Record, is_forgotten
from orchestrator.aws.faults import RefusedCallError
from orchestrator.engine import records
from orchestrator.engine.deeds import ENDED, ClusterEndedError, RefusedDeedError, StepDeed
from orchestrator.engine.drive import Drive, Progress
from orchestrator.engine.judging import Failure, cluster_failure, is_lost, state_of, step_failure
from orchestrator.engine.own import over_limit
from orchestrator.engine.records import JobRecord, RunRecord, State
from orchestrator.errors import OrchestratorError
from orchestrator.identity import Token
from orchestrator.plans import ClusterKind, PlannedJob, ready, step_of


class MovedError(OrchestratorError):
    """Raised when a run leaves its cluster for the next one."""


def drive_shared(drive: Drive, cluster_id: str) -> RunRecord:
    """Submit steps in their order and wait for their end."""
    drive.poller.watch(cluster_id)
    overdue: dict[str, Failure] = {}
    try:
        while True:
            record = submit_ready(drive, cluster_id)
            status = drive.poller.status(cluster_id, drive.until)
            has_ended = status["State"] in ENDED
            record = _look_at_steps(drive, cluster_id, record, overdue, is_last=has_ended)
            _tell(drive, cluster_id, status, record)
            if all(job.state in records.OVER for job in record.jobs.values()):
                return _end(drive, record)
            if has_ended:
                _move(drive, record)
                return _fail_all(drive, record, cluster_failure(cluster_id, status))
            if not _may_submit(drive, record):
                drive.pause()
    finally:
        drive.poller.leave(cluster_id)


def submit_ready(drive: Drive, cluster_id: str) -> RunRecord:
    """Submit all steps whose turn it is."""
    if drive.look().cluster_id != cluster_id:
        drive.note(cluster_id=cluster_id)
    record = drive.look()
    for job in _turns(drive, record):
        attempt = record.jobs[job.name].attempt
        deed = StepDeed(drive.edge, Token(job.base, attempt), cluster_id, step_of(job, attempt), drive.guard)
        try:
            step_id = drive.begin(deed)
            told = JobRecord(state=State.SUBMITTED, attempt=attempt, cluster_id=cluster_id, step_id=step_id)
        except ClusterEndedError as ended:
            if drive.plan.cluster.kind is ClusterKind.SHARED:
                _move(drive, record)
                drive.pause()  # what it still runs is seen to its end
                return drive.look()
            told = JobRecord(state=State.FAILED, attempt=attempt, cluster_id=cluster_id, reason=str(ended))
        except RefusedDeedError as refused:
            # What else runs of this run goes on to its end.
            told = JobRecord(state=State.FAILED, attempt=attempt, cluster_id=cluster_id, reason=str(refused))
        record = drive.note_jobs({job.name: told})
    return record


def _move(drive: Drive, record: RunRecord) -> None:
    """Leave a long-running cluster that has ended before anything of the run was on it.

    Raises:
        MovedError: The run goes on to the next one.
    """
    is_on_it = any(job.step_id is not None for job in record.jobs.values())
    may_move = drive.plan.cluster.kind is ClusterKind.SHARED and drive.moves < drive.rules.most_attempts
    if may_move and not is_on_it:
        drive.moves += 1
        drive.note(cluster_id=None)
        raise MovedError(f"run {drive.plan.run_id}: its cluster has ended")


def _turns(drive: Drive, record: RunRecord) -> list[PlannedJob]:
    states = {
        name: job.state is State.SUCCEEDED
        for name, job in record.jobs.items()
        if job.state is not State.WAITING
    }
    return ready(drive.plan.jobs, states)


def _may_submit(drive: Drive, record: RunRecord) -> bool:
    return bool(_turns(drive, record))


def _look_at_steps(
    drive: Drive, cluster_id: str, record: RunRecord, overdue: dict[str, Failure], *, is_last: bool
) -> RunRecord:
    ask = drive.poller.steps_now if is_last else drive.poller.steps
    listed = {str(step["Id"]): step for step in ask(cluster_id, drive.until)}
    changed: dict[str, JobRecord] = {}
    for job in drive.plan.jobs:
        known = record.jobs[job.name]
        if known.step_id is None or known.state in records.OVER or known.state is State.WAITING:
            continue
        step = listed.get(known.step_id) or _described(drive, cluster_id, known.step_id)
        if late := over_limit(job, cluster_id, step, drive.edge.clock.now()):
            _cancel(drive, job, late, overdue)
        changed[job.name] = _after(drive, job, known, step, record.first_attempt, overdue.get(job.name))
    return _skip(drive, drive.note_jobs(changed))


def _described(drive: Drive, cluster_id: str, step_id: str) -> Record:
    """Describe a step that lists do not show; what EMR has forgotten is over."""
    try:
        return drive.edge.emr.step(cluster_id, step_id, drive.until)
    except RefusedCallError as refused:
        if not is_forgotten(refused):
            raise
        return {"Id": step_id, "Status": {"State": "INTERRUPTED", "FailureDetails": {"Reason": "FORGOTTEN"}}}


def _cancel(drive: Drive, job: PlannedJob, late: Failure, overdue: dict[str, Failure]) -> None:
    if job.name not in overdue and late.step_id is not None:
        overdue[job.name] = late
        drive.edge.say(f"{late}; cancelling step {late.step_id}")
        drive.edge.emr.cancel_steps(late.cluster_id, [late.step_id], drive.until)


def _after(
    drive: Drive, job: PlannedJob, known: JobRecord, step: Record, first_attempt: int, late: Failure | None
) -> JobRecord:
    """Tell how far a job is, by its step."""
    state = state_of(step)
    if state not in {State.FAILED, State.CANCELLED}:
        return msgspec.structs.replace(known, state=state)
    failure = late or step_failure(job.name, str(known.cluster_id), step)
    if state is State.FAILED and drive.may_retry(failure, known.attempt - first_attempt, job.retries):
        drive.edge.say(f"{failure}; trying again")
        return JobRecord(attempt=known.attempt + 1)
    state = State.FAILED if late else state
    lost = is_lost(step) and not late
    return msgspec.structs.replace(known, state=state, reason=str(failure), is_lost=lost)


def _skip(drive: Drive, record: RunRecord) -> RunRecord:
    """Skip what follows a job that has not succeeded."""
    lost = {
        name
        for name, job in record.jobs.items()
        if job.state in records.OVER and job.state is not State.SUCCEEDED
    }
    skipped: dict[str, JobRecord] = {}
    for job in drive.plan.jobs:
        before = sorted(lost & set(job.follows))
        if before and record.jobs[job.name].state is State.WAITING:
            lost.add(job.name)
            reason = f"it follows {', '.join(before)}"
            skipped[job.name] = msgspec.structs.replace(
                record.jobs[job.name], state=State.SKIPPED, reason=reason
            )
    return drive.note_jobs(skipped) if skipped else record


def _tell(drive: Drive, cluster_id: str, status: Record, record: RunRecord) -> None:
    told = {name: str(job.state) for name, job in record.jobs.items()}
    drive.rules.on_progress(Progress(drive.plan.run_id, cluster_id, str(status["State"]), told))


def _end(drive: Drive, record: RunRecord) -> RunRecord:
    failed = [job.reason or name for name, job in record.jobs.items() if job.state is not State.SUCCEEDED]
    if not failed:
        return drive.end(State.SUCCEEDED)
    drive.look()  # what somebody has cancelled meanwhile has not failed
    return drive.end(State.FAILED, failed[0])


def _fail_all(drive: Drive, record: RunRecord, failure: Failure) -> RunRecord:
    ended = {
        name: msgspec.structs.replace(job, state=State.FAILED, reason=str(failure), is_lost=True)
        for name, job in record.jobs.items()
        if job.state not in records.OVER
    }
    drive.note_jobs(ended)
    return drive.end(State.FAILED, str(failure))
