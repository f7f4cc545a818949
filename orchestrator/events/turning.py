"""A turn of a pipeline that events make run: open batches are looked after and closed, and the next one is cut.

Several may take turns at once, and each may die anywhere: a batch has one run, whoever begins it, and the first to
close it is believed.
"""

from dataclasses import dataclass, field
from typing import Final, Protocol

from orchestrator.aws.clock import Clock
from orchestrator.engine.records import RunRecord, State
from orchestrator.errors import OrchestratorError
from orchestrator.events.pausing import Pauses
from orchestrator.ledger.cutting import Policy
from orchestrator.ledger.documents import Batch, Outcome
from orchestrator.ledger.ledger import Ledger

MOST_REASON: Final = 1000
# How long what comes after a run that has succeeded is tried before its batch no longer waits for it.
PATIENCE_S: Final = 3600.0


class Runs(Protocol):
    """The runs of batches."""

    def advance(self, batch: Batch, until: float, /) -> RunRecord | None:
        """Begin the batch's run or find it, and drive it for a while; None where it could not begin yet."""

    def unread(self, batch: Batch, record: RunRecord, until: float, /) -> str | None:
        """Tell what of the batch the run's manifest does not list; None where it has read all of it."""

    def follow(self, record: RunRecord, until: float, /) -> None:
        """Do what follows the run."""


@dataclass(frozen=True)
class Closed:
    """A batch that was closed in this turn."""

    batch: Batch
    run_id: str
    outcome: Outcome
    reason: str | None


@dataclass
class Turn:
    """What a turn has brought: batches closed, the one that was cut, those that go on."""

    closed: list[Closed] = field(default_factory=list)
    cut: Batch | None = None
    open: list[int] = field(default_factory=list)

    @property
    def is_idle(self) -> bool:
        """Tell whether nothing was done and nothing goes on."""
        return not self.closed and self.cut is None and not self.open


@dataclass(frozen=True)
class Turning:
    """What takes turns; `job` is the one whose inputs the objects are."""

    job: str
    ledger: Ledger
    runs: Runs
    pauses: Pauses
    clock: Clock

    def turn(self, policy: Policy, until: float) -> Turn:
        """Look after what is open, then cut and begin what is due.

        Raises:
            OrchestratorError: AWS refuses something, or what follows a run cannot be done: the batch stays open for
                an hour.
        """
        told = Turn()
        for batch in self.ledger.open_batches(until):
            self._look_after(batch, told, until)
        if not told.open and self.clock.now() >= self.pauses.over_at(until):
            told.cut = self.ledger.cut(policy, until)
            if told.cut is not None:
                self._look_after(told.cut, told, until)
        return told

    def _look_after(self, batch: Batch, told: Turn, until: float) -> None:
        record = self.runs.advance(batch, until)
        found = None if record is None else self._outcome(batch, record, until)
        if record is None or found is None:
            told.open.append(batch.number)
            return
        outcome, reason = found
        if outcome is Outcome.DONE:
            reason = self._followed(record, until)
        self.ledger.close(batch.number, outcome, until, reason, record.run_id)
        pause = {Outcome.RETURNED: self.pauses.lengthen, Outcome.FAILED: self.pauses.fail}
        pause.get(outcome, self.pauses.end)(until)
        told.closed.append(Closed(batch, record.run_id, outcome, reason))

    def _followed(self, record: RunRecord, until: float) -> str | None:
        """Do what follows a run; returns what could not be done for so long that the pipeline goes on without."""
        try:
            self.runs.follow(record, until)
        except OrchestratorError as error:
            if not self._is_long_over(record):
                raise
            return f"what follows the run was not done: {error}"[:MOST_REASON]
        return None

    def _unread(self, batch: Batch, record: RunRecord, until: float) -> str | None:
        """Tell what the run has not read; a manifest that is missing for long has listed nothing."""
        try:
            return self.runs.unread(batch, record, until)
        except OrchestratorError as error:
            if not self._is_long_over(record):
                raise
            return str(error)[:MOST_REASON]

    def _is_long_over(self, record: RunRecord) -> bool:
        return record.ended_at is not None and self.clock.now() >= record.ended_at + PATIENCE_S

    def _outcome(self, batch: Batch, record: RunRecord, until: float) -> tuple[Outcome, str | None] | None:
        """Tell what becomes of a batch by its run; None where that goes on.

        Where the objects' own job did not fail, but by the end of its cluster, it is not their fault, but that of the
        cluster, of a later job or of who has cancelled: they are given back.
        """
        reason = (record.reason or str(record.state))[:MOST_REASON]
        if record.state is State.SUCCEEDED:
            unread = self._unread(batch, record, until)
            return (Outcome.DONE, None) if unread is None else (Outcome.FAILED, unread)
        if record.state is State.CANCELLED:
            return Outcome.RETURNED, reason
        if record.state is State.FAILED:
            job = record.jobs.get(self.job)
            has_failed = job is not None and job.state is State.FAILED and job.step_id is not None
            is_own = has_failed and job is not None and not job.is_lost
            return (Outcome.FAILED if is_own else Outcome.RETURNED), reason
        return None


def told_of(error: OrchestratorError) -> str:
    """Say in a line what keeps a turn from going on."""
    return str(error).splitlines()[0]
