"""What orchestrators of one run write over each other, and when they stop."""

from typing import Any

import msgspec
import pytest

from benchmarks.orchestrator_chaos.simulation import (
    BOUNDS,
    DAY_S,
    Simulation,
    own_cluster,
    plan_of,
    planned_job,
)
from orchestrator.engine import leases, records
from orchestrator.engine.drive import CancelledError, Drive, OverError, Rules
from orchestrator.engine.edge import Edge
from orchestrator.engine.judging import Failure
from orchestrator.engine.leases import LostLeaseError, Tenant, key_of
from orchestrator.engine.polling import Poller
from orchestrator.engine.records import JobRecord, State
from orchestrator.errors import TimedOutError
from orchestrator.verdicts import Verdict

JOBS = [planned_job("a", "run", "s3://lake/b"), planned_job("b", "run", "s3://lake/a")]
PLAN = plan_of("run", JOBS, own_cluster("run", JOBS))


def played(what: Any) -> Any:
    simulation = Simulation()

    def user(edge: Edge) -> Any:
        until = edge.clock.now() + DAY_S
        records.begin(edge, PLAN, until)
        drive = Drive(edge, Poller(edge.emr, edge.clock), Rules(), PLAN, 1, until)
        drive.take_leases()
        return what(drive)

    actor = simulation.actor("user", user)
    simulation.play([actor])
    return actor.result if actor.error is None else actor.error


def change(drive: Drive, **changes: Any) -> None:
    records.write(
        drive.edge, PLAN.run_id, lambda record: msgspec.structs.replace(record, **changes), drive.until
    )


@pytest.mark.parametrize(
    ("standing", "told", "result"),
    [
        (JobRecord(), JobRecord(state=State.RUNNING), "told"),
        (JobRecord(state=State.RUNNING), JobRecord(state=State.FAILED), "told"),
        (JobRecord(state=State.SUCCEEDED), JobRecord(state=State.RUNNING, attempt=2), "standing"),
        (JobRecord(state=State.FAILED), JobRecord(state=State.RUNNING), "standing"),
        (JobRecord(state=State.FAILED), JobRecord(state=State.FAILED, reason="why"), "told"),
        (JobRecord(state=State.FAILED), JobRecord(attempt=2), "told"),
        (JobRecord(attempt=2), JobRecord(state=State.FAILED, attempt=1), "standing"),
    ],
)
def test_what_another_orchestrator_knows_better_stands(
    standing: JobRecord, told: JobRecord, result: str
) -> None:
    def user(drive: Drive) -> JobRecord:
        change(drive, jobs={"a": standing, "b": JobRecord()})
        return drive.note_jobs({"a": told}).jobs["a"]

    assert played(user) == {"standing": standing, "told": told}[result]


def test_a_look_holds_the_leases_and_sees_a_cancellation() -> None:
    def user(drive: Drive) -> str:
        for _ in range(10):
            drive.edge.clock.sleep(BOUNDS.lease_s / 2)
            drive.look()
        drive.guard(drive.until)
        change(drive, is_cancelled=True)
        with pytest.raises(CancelledError):
            drive.look()
        return "seen"

    assert played(user) == "seen"


def test_a_lost_lease_stops_a_run_that_goes_on_and_is_no_news_for_one_that_is_over() -> None:
    def user(drive: Drive) -> str:
        for table in drive.tables:
            leases.release(drive.edge, table, drive.tenant, drive.until)
        with pytest.raises(LostLeaseError):
            drive.guard(drive.until)
        change(drive, state=State.SUCCEEDED)
        with pytest.raises(OverError):
            drive.guard(drive.until)
        with pytest.raises(OverError):
            drive.look()
        return "seen"

    assert played(user) == "seen"


def test_a_run_that_is_over_has_given_its_tables_back() -> None:
    def user(drive: Drive) -> list[int]:
        drive.end(State.FAILED, "why")
        return [
            leases.acquire(drive.edge, table, Tenant("r2", 1), lambda _: True, drive.until)
            for table in drive.tables
        ]

    assert played(user) == [2, 2]


def test_when_the_time_is_over_the_way_back_is_told() -> None:
    error = played(lambda drive: [drive.pause() for _ in range(10**5)])
    assert isinstance(error, TimedOutError)
    assert f"orchestrator run --attach {PLAN.run_id}" in str(error)
    assert f"orchestrator cancel {PLAN.run_id}" in str(error)


@pytest.mark.parametrize(
    ("most", "allowed", "so_far", "again"),
    [(3, 1, 0, True), (3, 1, 1, False), (1, 5, 1, False), (0, 9, 0, False)],
)
def test_a_job_is_tried_again_as_often_as_both_it_and_the_verdict_allow(
    most: int, allowed: int, so_far: int, again: bool
) -> None:
    def user(drive: Drive) -> bool:
        drive.rules = Rules(lambda _: Verdict("", is_retryable=True, most_retries=most, next_step=""))
        return drive.may_retry(Failure("job a", "x", "", "j-1"), so_far, allowed)

    assert played(user) is again


def test_tables_are_asked_for_in_one_order() -> None:
    tables = played(lambda drive: drive.tables)
    assert tables == sorted(["s3://lake/a", "s3://lake/b"], key=key_of)


def test_a_run_that_was_begun_again_is_over_for_its_former_life() -> None:
    def user(drive: Drive) -> str:
        change(drive, first_attempt=3)
        drive.note(reason="late")
        with pytest.raises(OverError):
            drive.look()
        return str(records.read(drive.edge, PLAN.run_id, drive.until).reason)

    assert played(user) == "None"


def test_leases_are_held_while_another_table_is_waited_for() -> None:
    simulation = Simulation()

    def user(edge: Edge) -> list[str]:
        until = edge.clock.now() + DAY_S
        records.begin(edge, PLAN, until)
        drive = Drive(edge, Poller(edge.emr, edge.clock), Rules(), PLAN, 1, until)
        drive.take_leases()
        return drive.held

    def rival(edge: Edge) -> None:
        until = edge.clock.now() + DAY_S
        table = max((job.output for job in JOBS), key=key_of)
        leases.acquire(edge, table, Tenant("rival", 1), lambda _: False, until)
        for _ in range(20):
            edge.clock.sleep(BOUNDS.lease_s / 2)
            leases.hold(edge, table, Tenant("rival", 1), until)
        leases.release(edge, table, Tenant("rival", 1), until)

    def thief(edge: Edge) -> int:
        first = min((job.output for job in JOBS), key=key_of)
        return leases.acquire(edge, first, Tenant("thief", 1), lambda _: False, edge.clock.now() + 2000)

    actors = [
        simulation.actor("rival", rival),
        simulation.actor("user", user, begins_at=10),
        simulation.actor("thief", thief, begins_at=20),
    ]
    simulation.play(actors)
    assert [type(actor.error) for actor in actors] == [type(None), type(None), TimedOutError]
