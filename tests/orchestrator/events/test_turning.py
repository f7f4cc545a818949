"""Turns: batches are cut when they are due, looked after, and closed by their runs."""

import itertools
import random
from collections.abc import Sequence

import pytest
from msgspec.structs import replace

from benchmarks.orchestrator_chaos.memory_s3 import MemoryS3
from benchmarks.orchestrator_chaos.simulation import own_cluster, plan_of, planned_job
from ingestion.s3_events.model import ObjectEvent
from orchestrator.aws.store import S3Store
from orchestrator.engine.records import JobRecord, RunRecord, State
from orchestrator.errors import FailedError, OrchestratorError, RefusedError
from orchestrator.events.pausing import FIRST_S, PATIENCE, Pauses
from orchestrator.events.turning import PATIENCE_S, Turn, Turning, told_of
from orchestrator.ledger.counting import State as Standing
from orchestrator.ledger.cutting import Policy
from orchestrator.ledger.documents import Batch, Outcome
from orchestrator.ledger.ledger import Ledger
from tests.orchestrator.events.pretended import BEGINNING, Clock, event

UNTIL = BEGINNING + 10**6
AT_ONCE = Policy(max_wait_minutes=0.0, max_attempts=2)
JOBS = [planned_job("readings", "nightly", "s3://lake/t", action="TERMINATE_CLUSTER")]
PLAN = plan_of("nightly", JOBS, own_cluster("nightly", JOBS))


class Runs:
    """Runs whose records are given."""

    def __init__(self, *records: RunRecord | None) -> None:
        """Give them one after the other."""
        self.records = list(records)
        self.advanced: list[int] = []
        self.followed: list[str] = []
        self.left: str | None = None
        self.missing: OrchestratorError | None = None
        self.fault: Exception | None = None

    def advance(self, batch: Batch, until: float, /) -> RunRecord | None:
        """Return the next record."""
        del until
        self.advanced.append(batch.number)
        return self.records.pop(0)

    def unread(self, batch: Batch, record: RunRecord, until: float, /) -> str | None:
        """Return what is left."""
        del batch, record, until
        if self.missing:
            raise self.missing
        return self.left

    def follow(self, record: RunRecord, until: float, /) -> None:
        """Note it."""
        del until
        if self.fault:
            raise self.fault
        self.followed.append(record.run_id)


def record(
    state: State, *, has_failed_step: bool = False, reason: str | None = None, is_lost: bool = False
) -> RunRecord:
    job = JobRecord(state=State.FAILED, step_id="s-1", is_lost=is_lost) if has_failed_step else JobRecord()
    return RunRecord(
        plan=PLAN, state=state, nonce="n", began_at=BEGINNING, jobs={"readings": job}, reason=reason
    )


SUCCEEDED, RUNNING = record(State.SUCCEEDED), record(State.RUNNING)


class World:
    """A ledger in memory, and who takes turns with it."""

    def __init__(self, runs: Runs, *events: ObjectEvent) -> None:
        """Record events."""
        self.clock, self.runs, numbers = Clock(), runs, itertools.count()
        store = S3Store(MemoryS3(), "state", self.clock, draws=random.Random(1))  # noqa: S311 - repeatable, no secret

        def nonce() -> str:
            return str(next(numbers))

        self.ledger = Ledger(store, "p", self.clock, nonce)
        self.ledger.record(events, UNTIL)
        pauses = Pauses(store, "p", self.clock, nonce)
        self.turning = Turning("readings", self.ledger, runs, pauses, self.clock)

    def turn(self, policy: Policy = AT_ONCE) -> Turn:
        """Take a turn."""
        return self.turning.turn(policy, UNTIL)

    def counts(self) -> dict[Standing, int]:
        """Count objects by how they stand."""
        counts = self.ledger.status(UNTIL).counts
        return {state: count.objects for state, count in counts.items() if count.objects}


def test_a_batch_is_cut_when_it_is_due_and_closed_when_its_run_has_succeeded() -> None:
    world = World(Runs(RUNNING, RUNNING, SUCCEEDED), event("a"), event("b"))
    patient = Policy(max_wait_minutes=15.0)
    assert world.turn(patient).is_idle
    world.clock.sleep(15 * 60)
    turn = world.turn(patient)
    assert turn.cut is not None
    assert (turn.open, turn.closed) == ([1], [])
    assert world.turn(patient).open == [1]
    [closed] = world.turn(patient).closed
    assert (closed.batch.number, closed.outcome, closed.run_id) == (1, Outcome.DONE, PLAN.run_id)
    assert world.runs.followed == [PLAN.run_id]
    assert world.counts() == {Standing.DONE: 2}
    assert world.turn(patient).is_idle


def test_one_batch_is_open_at_a_time() -> None:
    world = World(Runs(RUNNING, RUNNING), event("a"))
    world.turn()
    world.ledger.record([event("b")], UNTIL)
    assert world.turn().cut is None
    assert world.runs.advanced == [1, 1]


def test_a_run_that_could_not_begin_leaves_its_batch_open_and_counts_against_nobody() -> None:
    world = World(Runs(None, None, SUCCEEDED), event("a"))
    assert world.turn().open == [1]
    assert world.turn().open == [1]
    assert world.turn().closed[0].outcome is Outcome.DONE


def test_what_fails_is_tried_in_halves_and_is_dead_in_the_end_with_its_reason() -> None:
    failed = record(State.FAILED, has_failed_step=True, reason="job readings: bad data")
    world = World(Runs(failed, failed, SUCCEEDED), event("a"), event("b"))
    sizes: list[int] = []
    for _ in range(3):
        sizes += [len(each.batch.items) for each in world.turn().closed]
    assert sizes == [2, 1, 1]
    assert world.counts() == {Standing.DONE: 1, Standing.DEAD: 1}
    [dead] = world.ledger.status(UNTIL).dead
    assert dead.reason == "job readings: bad data"


@pytest.mark.parametrize(
    "given_back",
    [
        record(State.FAILED, reason="cluster j-1: no capacity"),
        record(State.FAILED, has_failed_step=True, is_lost=True),
        record(State.CANCELLED),
        replace(
            record(State.FAILED, reason="job hours: Unknown Error."),
            jobs={
                "readings": JobRecord(state=State.SUCCEEDED, step_id="s-1"),
                "hours": JobRecord(state=State.FAILED, step_id="s-2"),
            },
        ),
    ],
    ids=["no capacity", "a lost cluster", "cancelled", "a later job"],
)
def test_what_is_not_the_objects_fault_is_given_back_and_paused_for(given_back: RunRecord) -> None:
    world = World(Runs(given_back, SUCCEEDED), event("a"))
    [closed] = world.turn().closed
    assert closed.outcome is Outcome.RETURNED
    assert world.turn().is_idle, "a pause"
    world.clock.sleep(FIRST_S)
    [closed] = world.turn().closed
    assert (closed.outcome, closed.batch.items[0].failures) == (Outcome.DONE, 0)


def test_a_run_whose_manifest_does_not_list_all_objects_has_failed() -> None:
    runs = Runs(SUCCEEDED)
    runs.left = "the manifest lists 1 objects, and not 1 of the batch"
    world = World(runs, event("a"), event("b"))
    [closed] = world.turn().closed
    assert (closed.outcome, closed.reason) == (Outcome.FAILED, runs.left)
    assert runs.followed == []


def test_a_batch_is_closed_after_what_follows_it_was_done() -> None:
    runs = Runs(SUCCEEDED, SUCCEEDED)
    runs.fault = RefusedError("SQS: no\nmore")
    world = World(runs, event("a"))
    with pytest.raises(RefusedError) as fault:
        world.turn()
    assert told_of(fault.value) == "SQS: no"
    runs.fault = None
    assert world.turn().closed[0].outcome is Outcome.DONE


def test_batches_that_fail_one_after_the_other_pause_as_it_may_be_the_job() -> None:
    failed = record(State.FAILED, has_failed_step=True, reason="job readings: no module")
    world = World(Runs(*[failed] * 8), *(event(str(number)) for number in range(16)))
    patient = Policy(max_wait_minutes=0.0, max_attempts=100)
    for _ in range(PATIENCE):
        assert [each.outcome for each in world.turn(patient).closed] == [Outcome.FAILED]
    for pause_s in (FIRST_S, 2 * FIRST_S):
        assert [each.outcome for each in world.turn(patient).closed] == [Outcome.FAILED]
        assert world.turn(patient).is_idle, "a pause"
        world.clock.sleep(pause_s)


@pytest.mark.parametrize(
    ("what", "outcome", "reason"),
    [
        ("follows", Outcome.DONE, "what follows the run was not done: SQS: no queue"),
        ("manifest", Outcome.FAILED, "s3://lake/m.json: expected the manifest"),
    ],
)
def test_what_cannot_be_done_after_a_run_holds_up_the_pipeline_for_an_hour_at_most(
    what: str, outcome: Outcome, reason: str
) -> None:
    over = replace(SUCCEEDED, ended_at=BEGINNING)
    runs = Runs(over, over, None)
    if what == "follows":
        runs.fault = RefusedError("SQS: no queue")
    else:
        runs.missing = FailedError("s3://lake/m.json: expected the manifest")
    world = World(runs, event("a"))
    with pytest.raises(OrchestratorError):
        world.turn()
    world.clock.sleep(PATIENCE_S)
    [closed] = world.turn().closed
    assert (closed.outcome, closed.reason) == (outcome, reason)


def test_the_first_who_closes_a_batch_is_believed() -> None:
    world = World(Runs(SUCCEEDED), event("a"))
    batch = world.ledger.cut(AT_ONCE, UNTIL)
    assert batch is not None
    numbers: Sequence[int] = [each.number for each in world.ledger.open_batches(UNTIL)]
    assert numbers == [1]
    world.ledger.close(1, Outcome.DONE, UNTIL)
    assert world.turn().is_idle


def test_long_reasons_are_cut_short() -> None:
    failed = replace(record(State.FAILED, has_failed_step=True), reason="x" * 5000)
    [closed] = World(Runs(failed), event("a")).turn().closed
    assert closed.reason == "x" * 1000
