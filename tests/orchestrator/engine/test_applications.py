"""Runs on an application of EMR Serverless: what is launched, waited for, cancelled, tried again, and reaped."""

import itertools
from collections.abc import Callable
from functools import partial
from typing import Any

import msgspec
import pytest

from benchmarks.orchestrator_chaos.calls import Fault, Place
from benchmarks.orchestrator_chaos.scenarios import (
    cancel_command,
    launch_command,
    read_record,
    run_command,
    start_command,
)
from benchmarks.orchestrator_chaos.search import Schedule, Tally, play
from benchmarks.orchestrator_chaos.simulation import (
    Simulation,
    plan_of,
    planned_application,
    planned_job_run,
)
from local_aws.emr.faults import CallFault
from local_aws.serverless.simulated_runner import AttemptPlan, SimulatedRunner
from orchestrator.engine import shared
from orchestrator.engine.deeds import StepDeed
from orchestrator.engine.edge import Edge
from orchestrator.engine.records import State
from orchestrator.identity import Token, digest
from orchestrator.ownership import Ownership
from orchestrator.plans import Plan, PlannedCluster, step_of
from orchestrator.reaping.deciding import Rule
from orchestrator.verbs.list_clusters import list_clusters
from orchestrator.verbs.reap import Reaper
from orchestrator.verbs.status import status
from orchestrator.verbs.terminate import targets, terminate

OWNER = "mine"
HOUR = 3600.0


def simulation(*plans: AttemptPlan) -> Simulation:
    made = Simulation()
    made.open_serverless()
    assert made.serverless is not None
    runner = made.serverless.world.runner
    assert isinstance(runner, SimulatedRunner)
    runner.plans[:0] = plans
    return made


def owned_application(name: str = "app", **limits: Any) -> PlannedCluster:
    planned = planned_application(name)
    tags = {each["Key"]: each["Value"] for each in Ownership(OWNER, None, **limits).tags()}
    return msgspec.structs.replace(planned, request={**(planned.request or {}), "tags": tags})


def plan(*, retries: int = 0, **further: Any) -> Plan:
    job = planned_job_run("a", "run", "s3://lake/a", retries=retries, **further)
    return plan_of("run", [job], owned_application(idle_timeout_s=600))


def play_one(where: Simulation, command: Callable[[Edge], object]) -> Any:
    actor = where.actor("user", command)
    where.play([actor])
    if actor.error is not None:
        raise actor.error
    return actor.result


def job_runs(where: Simulation) -> list[tuple[str, str]]:
    assert where.serverless is not None
    return [
        (str(one.request["clientToken"]) if "clientToken" in one.request else "", one.state)
        for one in where.serverless.service.account.job_runs.values()
    ]


def test_the_same_launch_again_finds_the_application() -> None:
    where = simulation()
    first = play_one(where, partial(launch_command, planned_application("app")))
    assert play_one(where, partial(launch_command, planned_application("app"))) == first
    assert play_one(where, partial(launch_command, planned_application("other"))) != first


def test_one_that_was_deleted_is_followed_by_the_next_in_its_row() -> None:
    where = simulation()
    planned = owned_application()
    first = play_one(where, partial(launch_command, planned))
    play_one(where, lambda edge: edge.emr.terminate([first], edge.clock.now() + HOUR))
    assert play_one(where, partial(launch_command, planned)) != first
    assert where.serverless is not None
    names = [str(each.request["name"]) for each in where.serverless.service.account.applications.values()]
    assert names == [f"app/{Token(digest('application', 'app'), number)}" for number in (1, 2)]


def test_a_job_run_that_fails_is_tried_again_with_the_next_token_as_often_as_it_may() -> None:
    where = simulation(AttemptPlan("a .*-1[)]$", (1, 2), exit_code=1))
    record = play_one(where, partial(run_command, plan(retries=1)))
    assert (record.state, record.jobs["a"].attempt) == (State.SUCCEEDED, 2)
    assert [state for _, state in job_runs(where)] == ["FAILED", "SUCCESS"]


def test_one_that_runs_for_too_long_is_cancelled_and_has_failed() -> None:
    where = simulation(AttemptPlan("", (600, 600)))
    record = play_one(where, partial(run_command, plan(retries=0, time_limit_s=600.0)))
    assert record.state is State.FAILED
    assert "TIME_LIMIT: still running after 10 minutes" in str(record.reason)
    assert [state for _, state in job_runs(where)] == ["CANCELLED"]


def test_a_run_is_begun_seen_and_cancelled() -> None:
    where = simulation(AttemptPlan("", (600, 600)))
    run = plan()
    play_one(where, partial(start_command, run))
    where.emr.advance(600)
    seen = play_one(where, lambda edge: status(edge, run.run_id, edge.clock.now() + HOUR))
    assert (seen.cluster, seen.record.jobs["a"].state) == ("STARTED", State.RUNNING)
    play_one(where, partial(cancel_command, run.run_id))
    record = read_record(where, run.run_id)
    assert record is not None
    assert (record.state, record.jobs["a"].state) == (State.CANCELLED, State.CANCELLED)
    assert [state for _, state in job_runs(where)] == ["CANCELLED"]


def test_what_is_cancelled_while_somebody_waits_has_not_failed() -> None:
    # Found by the search: who waits had read the record before it said so, and the job run after its end.
    faults: dict[Place, Fault] = {("user 2", 8): Fault.CRASH_AFTER, ("user 0", 9): Fault.CRASH_BEFORE}
    schedule = Schedule("withdrawn", 4, "5/1417", list_lag_s=0, faults=faults)
    tally = Tally()
    play(schedule, tally)
    assert tally.broken == []


@pytest.mark.parametrize("fault", [Fault.CRASH_AFTER, Fault.LOST])
@pytest.mark.parametrize("has_token", [True, False])
@pytest.mark.parametrize("is_found", [True, False])
def test_the_token_and_the_look_by_name_each_hold_alone_and_without_both_a_job_run_is_there_twice(
    monkeypatch: pytest.MonkeyPatch, fault: Fault, has_token: bool, is_found: bool
) -> None:
    numbers = itertools.count()
    if not has_token:
        monkeypatch.setattr(
            shared,
            "step_of",
            lambda job, attempt: {**step_of(job, attempt), "clientToken": f"any-{next(numbers)}"},
        )
    if not is_found:
        monkeypatch.setattr(StepDeed, "find", lambda *_: [])
    if not has_token:  # as it then has to be: without a token nothing may be repeated
        monkeypatch.setattr(StepDeed, "is_repeatable", False)
    tally = Tally()
    place: Place = ("user 0", "start_job_run#0")
    play(Schedule("applied", faults={place: fault}), tally)
    is_repeated_by_the_edge = fault is Fault.LOST  # with what token ever it was made with
    is_twice = any(
        "2 times there" in line or "nobody knows" in line for _, laws in tally.broken for line in laws
    )
    assert is_twice is (not has_token and not is_found and not is_repeated_by_the_edge)


def test_throttling_and_lost_answers_of_all_calls_are_got_over() -> None:
    where = simulation()
    assert where.serverless is not None
    where.serverless.faults.script += [CallFault("throttled", 0.3, None), CallFault("lost_answer", 0.3, None)]
    record = play_one(where, partial(run_command, plan()))
    assert record.state is State.SUCCEEDED
    assert len(where.serverless.service.account.applications) == 1
    assert len(job_runs(where)) == 1


@pytest.mark.parametrize(("is_busy", "expected"), [(False, [Rule.IDLE]), (True, [])])
def test_an_application_of_ours_that_nobody_uses_is_reaped(is_busy: bool, expected: list[Rule]) -> None:
    where = simulation(AttemptPlan("a", (1, 1) if not is_busy else (600, 600)))
    play_one(where, partial(start_command, plan()))
    stranger = play_one(where, partial(launch_command, planned_application("other")))
    where.emr.advance(2 * HOUR)

    def reap(edge: Edge) -> Any:
        return Reaper(edge.emr, OWNER, edge.clock).reap(edge.clock.now() + HOUR, is_to_end=True)

    reaped = play_one(where, reap)
    assert ([each.rule for each in reaped.sentences], reaped.faults, reaped.looked_at) == (expected, (), 1)
    assert where.serverless is not None
    states = {one.id: one.state for one in where.serverless.service.account.applications.values()}
    assert states.pop(stranger) == "CREATED"
    assert list(states.values()) == (["STARTED"] if is_busy else ["TERMINATED"])


def test_applications_are_listed_and_ended_by_name_only_ours() -> None:
    where = simulation()
    ours = play_one(where, partial(launch_command, owned_application(max_lifetime_s=HOUR)))
    play_one(where, partial(launch_command, planned_application("other")))
    where.emr.advance(60)

    def rows(edge: Edge) -> Any:
        return list_clusters(edge.emr, OWNER, edge.clock.now(), edge.clock.now() + HOUR, is_wide=True)

    (row,) = play_one(where, rows)
    assert (row.id, row.name, row.state, row.lifetime_left, row.fleets) == (
        ours,
        "app",
        "CREATED",
        "59 min",
        "",
    )

    def end(edge: Edge) -> Any:
        until = edge.clock.now() + HOUR
        return terminate(
            edge.emr, targets(edge.emr, OWNER, ["app"], until, is_protection_lifted=False), until
        )

    assert play_one(where, end) == []
    assert play_one(where, rows) == []
