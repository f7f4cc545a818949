"""Each law can be broken."""

from typing import Any

import pytest

from benchmarks.emr_chaos.laws import BrokenLawError
from benchmarks.serverless_chaos.chaos import Chaos
from local_aws.serverless.entities import Application, Attempt, JobRun


@pytest.fixture
def chaos() -> Chaos:
    """Give an application that runs one job at a time, another being queued, and see that no law is broken by it."""
    made = Chaos("a")
    started: list[tuple[Any, ...]] = [("create", 6, ""), ("advance", 5), ("start", 0), ("advance", 120)]
    for what, *given in [*started, ("run", 0, "long", 0, ""), ("advance", 300), ("run", 0, "long", 0, "")]:
        made.do(str(what), *given)
        made.laws.check()
    made.do("advance", 5)
    made.laws.check()
    assert [one.state for one in runs_of(made)] == ["RUNNING", "QUEUED"]
    return made


def application_of(chaos: Chaos) -> Application:
    return next(iter(chaos.account.applications.values()))


def runs_of(chaos: Chaos) -> list[JobRun]:
    return list(chaos.account.job_runs.values())


def test_a_state_that_cannot_follow_is_named(chaos: Chaos) -> None:
    run = runs_of(chaos)[0].id
    chaos.serverless.world.say(run, "SCHEDULED")
    with pytest.raises(BrokenLawError, match=f"{run}: RUNNING to SCHEDULED"):
        chaos.laws.check()


def test_an_attempt_that_is_begun_twice_is_named(chaos: Chaos) -> None:
    chaos.runner.begun *= 2
    with pytest.raises(BrokenLawError, match="an attempt was begun twice"):
        chaos.laws.check()


def test_an_attempt_that_nobody_knows_is_named(chaos: Chaos) -> None:
    chaos.runner.begun.append((runs_of(chaos)[0].id, 2))
    with pytest.raises(BrokenLawError, match=r"attempts \[1\], begun \[1, 2\]"):
        chaos.laws.check()


def test_attempts_at_once_are_named(chaos: Chaos) -> None:
    runs_of(chaos)[0].attempts.append(Attempt(2, 0, 0, "RUNNING", "x"))
    with pytest.raises(BrokenLawError, match=r"attempts \[1, 2\] run at once"):
        chaos.laws.check()


def test_more_than_the_account_or_an_application_may_have_is_named(chaos: Chaos) -> None:
    chaos.serverless.world.vcpus = 1
    with pytest.raises(BrokenLawError, match="2 vCPUs are used of 1"):
        chaos.laws.check()
    application_of(chaos).request["maximumCapacity"] = {"cpu": "1", "memory": "100"}
    with pytest.raises(BrokenLawError, match=r"has more \['cpu'\] than it may have"):
        chaos.laws.check()


def test_more_job_runs_at_once_than_there_may_be_are_named(chaos: Chaos) -> None:
    runs_of(chaos)[1].is_admitted = True
    with pytest.raises(BrokenLawError, match="2 job runs at once, at most 1"):
        chaos.laws.check()


def test_one_that_is_queued_without_need_is_named(chaos: Chaos) -> None:
    application_of(chaos).request["schedulerConfiguration"]["maxConcurrentRuns"] = 2
    with pytest.raises(BrokenLawError, match="is queued, and could run"):
        chaos.laws.check()


def test_job_runs_of_an_application_that_is_stopped_are_named(chaos: Chaos) -> None:
    application_of(chaos).state = "STOPPED"
    with pytest.raises(BrokenLawError, match="is STOPPED, and has job runs"):
        chaos.laws.check()


def test_what_holds_workers_after_its_end_is_named(chaos: Chaos) -> None:
    runs_of(chaos)[0].state = "SUCCESS"
    with pytest.raises(BrokenLawError, match="has ended, and holds workers"):
        chaos.laws.check()


def test_times_out_of_order_are_named(chaos: Chaos) -> None:
    runs_of(chaos)[0].started_at = 0
    with pytest.raises(BrokenLawError, match="times out of order"):
        chaos.laws.check()


def test_what_is_under_way_for_ever_is_named(chaos: Chaos) -> None:
    with pytest.raises(BrokenLawError, match="still under way"):
        chaos.laws.check_settled()
    chaos.serverless.advance(14 * 86400)
    chaos.laws.check_settled()
    application_of(chaos).state = "STOPPING"
    with pytest.raises(BrokenLawError, match="STOPPING for ever"):
        chaos.laws.check_settled()


def test_one_that_waits_for_what_another_keeps_breaks_no_law() -> None:
    chaos = Chaos("a")
    kept = {"initialCapacity": {"DRIVER": {"workerCount": 4}}, "autoStopConfiguration": {"enabled": False}}
    made: list[tuple[Any, ...]] = [("create", 0, ""), ("create", 0, ""), ("advance", 5)]
    for what, *given in made:
        chaos.do(what, *given)
    application_of(chaos).request |= kept
    for what, *given in [("start", 0), ("start", 1), ("advance", 120), ("run", 1, "good", 4, "")]:
        chaos.do(str(what), *given)
    run = runs_of(chaos)[0]
    run.request["executionTimeoutMinutes"] = 0
    chaos.serverless.advance(14 * 86400)
    assert run.state == "PENDING"
    chaos.laws.check_settled()
