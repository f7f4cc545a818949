"""What both ways of driving a run share: the run, its leases, and looking whether somebody has cancelled it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import msgspec

from orchestrator.engine import activity, leases, records
from orchestrator.engine.deeds import ClusterDeed, StepDeed
from orchestrator.engine.edge import Edge
from orchestrator.engine.judging import Failure, Judge, judge
from orchestrator.engine.leases import Tenant
from orchestrator.engine.once import do_once
from orchestrator.engine.polling import Poller
from orchestrator.engine.records import JobRecord, RunRecord, State
from orchestrator.errors import FailedError, OrchestratorError, TimedOutError
from orchestrator.plans import Plan


@dataclass(frozen=True)
class Progress:
    """How far a run is, for whoever waits; `cluster` is EMR's state of it."""

    run_id: str
    cluster_id: str | None
    cluster: str
    jobs: dict[str, str]


@dataclass(frozen=True)
class Rules:
    """How a run is driven; times in seconds.

    A cluster of its own that is not ready after `launch_s` is given up; None: as long as its request allows.
    """

    judge: Judge = judge
    launch_s: float | None = None
    most_attempts: int = 4
    on_progress: Callable[[Progress], None] = lambda _progress: None


class CancelledError(FailedError):
    """Raised when a run was cancelled by somebody."""


class OverError(OrchestratorError):
    """Raised when the run is over, or was begun again: another orchestrator has seen its end."""


@dataclass
class Drive:
    """One life of a run, which this process drives until an instant; another process may drive it too."""

    edge: Edge
    poller: Poller
    rules: Rules
    plan: Plan
    life: int
    until: float
    held: list[str] = field(default_factory=list)
    moves: int = 0
    _renew_at: float = 0.0

    @property
    def tenant(self) -> Tenant:
        """Return who holds the leases."""
        return Tenant(self.plan.run_id, self.life)

    @property
    def tables(self) -> list[str]:
        """Return the tables that it writes, in the one order in which all runs ask for leases."""
        by_key = {leases.key_of(job.output): job.output for job in self.plan.jobs}
        return [by_key[key] for key in sorted(by_key)]

    def take_leases(self) -> None:
        """Wait for the leases of all its tables, holding those that it has."""
        for table in self.tables:
            while table not in self.held:
                self._take(table)
        self._renew_at = self.edge.clock.now() + self.edge.bounds.lease_s / 3

    def look(self) -> RunRecord:
        """Read the record, and hold the leases.

        Raises:
            CancelledError: Somebody has cancelled the run.
            LostLeaseError: A table is another run's by now.
            OverError: The run is over.
        """
        record = self._read()
        if self.edge.clock.now() >= self._renew_at:
            self._hold(self.until)
        return record

    def guard(self, until: float) -> None:
        """See that the run goes on and holds its tables, right before a call that makes something write to them."""
        self._read()
        self._hold(until)

    def _take(self, table: str) -> None:
        soon = min(self.until, self.edge.clock.now() + self.edge.bounds.lease_s / 3)
        try:
            leases.acquire(
                self.edge,
                table,
                self.tenant,
                lambda run: activity.is_active(self.edge, run, self.until),
                soon,
            )
        except TimedOutError:
            if self.edge.clock.now() >= self.until:
                raise
            self.guard(self.until)
        else:
            self.held.append(table)

    def _hold(self, until: float) -> None:
        for table in self.held:
            with self._unless_over():
                leases.hold(self.edge, table, self.tenant, until)
        self._renew_at = self.edge.clock.now() + self.edge.bounds.lease_s / 3

    def begin(self, deed: ClusterDeed | StepDeed) -> str:
        """Begin something once, and end it where the tables have become another run's during the call.

        A process may sleep between `guard` and its call, for longer than its lease holds: only then it happens.
        """
        id_ = do_once(self.edge, deed, self.until)
        try:
            self._hold(self.until)
        except leases.LostLeaseError:
            deed.undo([id_], self.until)
            raise
        return id_

    def _read(self) -> RunRecord:
        record = records.read(self.edge, self.plan.run_id, self.until)
        if record.is_cancelled:
            raise CancelledError(f"run {self.plan.run_id} was cancelled")
        if record.state in records.OVER or record.first_attempt != self.life:
            raise OverError(f"run {self.plan.run_id} is over")
        return record

    @contextmanager
    def _unless_over(self) -> Iterator[None]:
        """Take a lost lease for what it is only where the run goes on: who sees the end gives the leases back."""
        try:
            yield
        except leases.LostLeaseError:
            self._read()
            raise

    def note(self, **changes: object) -> RunRecord:
        """Write down how far the run is."""
        return self.write(lambda record: msgspec.structs.replace(record, **changes))

    def write(self, how: Callable[[RunRecord], RunRecord]) -> RunRecord:
        """Change the record, unless it is that of another life."""
        return records.write(
            self.edge,
            self.plan.run_id,
            lambda record: how(record) if record.first_attempt == self.life else record,
            self.until,
        )

    def note_jobs(self, jobs: dict[str, JobRecord]) -> RunRecord:
        """Write down how far some jobs are; what another orchestrator of the run knows better stands."""

        def merged(record: RunRecord) -> RunRecord:
            new = {name: job for name, job in jobs.items() if not _is_known_better(record.jobs[name], job)}
            return msgspec.structs.replace(record, jobs={**record.jobs, **new})

        return self.write(merged)

    def pause(self) -> None:
        """Wait until it is time to look again.

        Raises:
            TimedOutError: The time is over; what was begun goes on.
        """
        if not self.edge.pause(self.until):
            raise TimedOutError(
                f"run {self.plan.run_id}: not over when the time was; it goes on: wait again with "
                f"orchestrator run --attach {self.plan.run_id}, end it with orchestrator cancel {self.plan.run_id}"
            )

    def end(self, state: State, reason: str | None = None) -> RunRecord:
        """Write down how the run ended, and give the tables back."""
        record = self.note(state=state, reason=reason, ended_at=self.edge.clock.now())
        self.release()
        return record

    def release(self) -> None:
        """Give the tables back."""
        for table in self.tables:
            leases.release(self.edge, table, self.tenant, self.until)

    def may_retry(self, failure: Failure, retries_so_far: int, retries_allowed: int) -> bool:
        """Tell whether what failed is tried again: as often as both the job and the verdict allow."""
        return retries_so_far < min(retries_allowed, self.rules.judge(failure).most_retries)


def _is_known_better(standing: JobRecord, told: JobRecord) -> bool:
    if standing.state is State.SUCCEEDED or standing.attempt > told.attempt:
        return True
    is_over = standing.attempt == told.attempt and standing.state in records.OVER
    return is_over and standing.state is not told.state
