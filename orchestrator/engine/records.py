"""What is known of a run, `_state/runs/<run id>.json`: its plan, and how far it is.

All of it but a request to cancel can be found anew on AWS, by tokens: the record tells users, and makes looking cheap.
"""

import re
from collections.abc import Callable
from enum import StrEnum
from typing import Final

import msgspec

from orchestrator.engine.documents import change, load, save
from orchestrator.engine.edge import Edge
from orchestrator.errors import UsageError
from orchestrator.plans import Plan


class State(StrEnum):
    """How far a run, or a job of it, is."""

    WAITING = "waiting"
    SUBMITTED = "submitted"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    SKIPPED = "skipped"


OVER: Final = frozenset({State.SUCCEEDED, State.FAILED, State.CANCELLED, State.SKIPPED})
# As orchestrator.identity.run_id makes them, and shorter ones.
_RUN_ID: Final = re.compile(r"r[0-9a-f]{1,20}")
# A cancelled run has closed the attempt that it was at, and the one after it.
_NEVER_USED: Final = 2


class JobRecord(msgspec.Struct, frozen=True, kw_only=True):
    """How far a job is; `attempt` counts from 1 over all attempts of the run.

    `is_lost` tells that its step ended because its cluster did: that is none of the job's doing.
    """

    state: State = State.WAITING
    attempt: int = 1
    cluster_id: str | None = None
    step_id: str | None = None
    reason: str | None = None
    is_lost: bool = False


class RunRecord(msgspec.Struct, frozen=True, kw_only=True):
    """How far a run is; instants in seconds of the Unix epoch.

    `attempt` is the newest one of its own cluster, `first_attempt` the one that the last `run` began with: a run that
    has failed may be run again, and then does what is not done yet. Where `is_cancelled`, somebody is ending it.
    """

    plan: Plan
    state: State
    nonce: str
    began_at: float
    ended_at: float | None = None
    first_attempt: int = 1
    attempt: int = 1
    cluster_id: str | None = None
    jobs: dict[str, JobRecord] = {}
    reason: str | None = None
    is_cancelled: bool = False

    @property
    def run_id(self) -> str:
        """Return the run's id."""
        return self.plan.run_id

    @property
    def next_attempt(self) -> int:
        """Return the attempt that the next `run` would begin with, or this one goes on with."""
        if self.state not in {State.FAILED, State.CANCELLED}:
            return self.attempt
        return max([self.attempt, *(job.attempt for job in self.jobs.values())]) + _NEVER_USED

    @property
    def done(self) -> frozenset[str]:
        """Name the jobs that need not be run any more."""
        return frozenset(name for name, job in self.jobs.items() if job.state is State.SUCCEEDED)


def key_of(run_id: str) -> str:
    """Name the record of a run."""
    return f"runs/{run_id}.json"


def begin(edge: Edge, plan: Plan, until: float) -> RunRecord:
    """Write down what is to happen before anything does; return what stands there.

    A run that is going on or has succeeded stands as it is, with its own plan; one that has failed or was cancelled is
    opened again, with the new plan for what is not done.

    Raises:
        UsageError: The run id stands for other jobs.
    """
    while True:
        found = load(edge, key_of(plan.run_id), RunRecord, until)
        if found is None:
            new = _fresh(edge, plan)
        else:
            _check_same(found[0].plan, plan)
            if found[0].state not in {State.FAILED, State.CANCELLED}:
                return found[0]
            new = _again(edge, found[0], plan)
        if save(edge, key_of(plan.run_id), new, found[1] if found else None, until) is not None:
            return new


def find(edge: Edge, run_id: str, until: float) -> RunRecord | None:
    """Read the record of a run; None where there is none.

    What no run can be called is not asked for: it may be anything that somebody has pasted.
    """
    if not _RUN_ID.fullmatch(run_id):
        return None
    found = load(edge, key_of(run_id), RunRecord, until)
    return found[0] if found else None


def read(edge: Edge, run_id: str, until: float) -> RunRecord:
    """Read the record of a run.

    Raises:
        UsageError: There is no such run.
    """
    found = find(edge, run_id, until)
    if found is None:
        raise UsageError(f"run {run_id}: the state has no such run; `orchestrator status` names those it has")
    return found


def write(edge: Edge, run_id: str, how: Callable[[RunRecord], RunRecord], until: float) -> RunRecord:
    """Change the record of a run; one that is over stays as it is."""

    def changed(record: RunRecord) -> RunRecord:
        new = record if record.state in OVER else how(record)
        return new if new == record else msgspec.structs.replace(new, nonce=edge.nonce())

    return change(edge, key_of(run_id), RunRecord, changed, until)


def run_ids(edge: Edge, until: float) -> list[str]:
    """Name all runs that the state has."""
    keys = edge.store.keys("runs/", until)
    return [key.removeprefix("runs/").removesuffix(".json") for key in keys]


def _fresh(edge: Edge, plan: Plan) -> RunRecord:
    return RunRecord(
        plan=plan,
        state=State.RUNNING,
        nonce=edge.nonce(),
        began_at=edge.clock.now(),
        jobs={job.name: JobRecord() for job in plan.jobs},
    )


def _again(edge: Edge, record: RunRecord, plan: Plan) -> RunRecord:
    attempt = record.next_attempt
    jobs = {
        name: job if job.state is State.SUCCEEDED else JobRecord(attempt=attempt)
        for name, job in record.jobs.items()
    }
    return RunRecord(
        plan=plan,
        state=State.RUNNING,
        nonce=edge.nonce(),
        began_at=edge.clock.now(),
        first_attempt=attempt,
        attempt=attempt,
        jobs=jobs,
    )


def _check_same(standing: Plan, plan: Plan) -> None:
    if [(job.name, job.run_id) for job in standing.jobs] != [(job.name, job.run_id) for job in plan.jobs]:
        raise UsageError(
            f"run {plan.run_id}: the state has it with other jobs; give this one another --key, or see the other: "
            f"orchestrator status {plan.run_id}"
        )
