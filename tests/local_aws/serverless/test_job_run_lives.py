"""The lives of job runs."""

from typing import Any

import pytest

from benchmarks.serverless_chaos.requests import SMALL, worker
from local_aws.serverless import guesses
from local_aws.serverless.simulated_runner import AttemptPlan
from local_aws.serverless.world import Outcome
from tests.local_aws.serverless.laptop import HOUR, MINUTE, Laptop

LONG = AttemptPlan("long", minutes=(600, 600))


def test_a_job_run_goes_its_way() -> None:
    laptop = Laptop()
    run = laptop.run(laptop.started(), seconds=HOUR)
    assert laptop.history(run) == ["SUBMITTED", "PENDING", "SCHEDULED", "RUNNING", "SUCCESS"]
    assert laptop.runner.begun == [(run, 1)]


@pytest.mark.parametrize("state", ["CREATED", "STOPPED"])
def test_a_job_run_starts_its_application(state: str) -> None:
    laptop = Laptop()
    made = laptop.create() if state == "CREATED" else laptop.started()
    if state == "STOPPED":
        laptop.advance(HOUR)
    assert laptop.application(made).state == state
    run = laptop.run(made)
    assert laptop.application(made).state == "STARTING"
    laptop.advance(3)
    assert laptop.states(run) == ["SUBMITTED"]
    laptop.advance(HOUR)
    assert laptop.states(run) == ["SUCCESS"]


def test_one_whose_application_finds_no_room_fails() -> None:
    laptop = Laptop()
    made = laptop.create(initialCapacity={"DRIVER": worker(4, 16, 5)})
    run = laptop.run(made, seconds=MINUTE)
    assert (laptop.states(run), laptop.job_run(run).details) == (["FAILED"], guesses.NO_VCPUS)
    assert laptop.application(made).state == "CREATED"


def test_a_job_run_that_fails_tells_its_exit_code() -> None:
    laptop = Laptop(AttemptPlan("bad", exit_code=3))
    run = laptop.run(laptop.started(), "bad", HOUR)
    assert laptop.states(run) == ["FAILED"]
    assert "ExitCode: 3. Last few exceptions: planned" in laptop.job_run(run).details
    assert laptop.runner.begun == [(run, 1)]


def test_workers_are_waited_for_in_order() -> None:
    laptop = Laptop(AttemptPlan("", minutes=(60, 60)))
    made = laptop.started()
    # Each of the first takes all 16 vCPUs of the account.
    first, second = (laptop.run(made, parameters=None) for _ in range(2))
    laptop.advance(30 * MINUTE)
    assert laptop.states(first, second) == ["RUNNING", "PENDING"]
    laptop.advance(HOUR)
    assert laptop.states(first, second) == ["SUCCESS", "RUNNING"]
    laptop.advance(HOUR)
    assert laptop.states(second) == ["SUCCESS"]


def test_a_higher_quota_lets_both_run() -> None:
    laptop = Laptop(AttemptPlan("", minutes=(60, 60)))
    laptop.world.vcpus = 32
    made = laptop.started()
    runs = [laptop.run(made, parameters=None) for _ in range(2)]
    laptop.advance(30 * MINUTE)
    assert laptop.states(*runs) == ["RUNNING", "RUNNING"]


@pytest.mark.parametrize(
    ("parameters", "further", "message"),
    [
        (f"{SMALL} --num-executors 40", {}, guesses.NO_VCPUS),
        (
            SMALL,
            {"maximumCapacity": {"cpu": "1 vCPU", "memory": "100 GB"}},
            guesses.NO_CAPACITY.format(what="cpu"),
        ),
        ("--conf spark.driver.cores=3", {}, "expected a worker of 1, 2, 4, 8, 16 or 32 vCPU"),
        ("--conf 'x", {}, "No closing quotation"),
    ],
)
def test_one_that_could_never_run_fails_at_once(
    parameters: str, further: dict[str, Any], message: str
) -> None:
    laptop = Laptop()
    run = laptop.run(laptop.started(**further), parameters=parameters, seconds=5)
    assert laptop.history(run) == ["SUBMITTED", "FAILED"]
    assert message in laptop.job_run(run).details


def test_the_maximum_capacity_holds_one_back() -> None:
    laptop = Laptop(AttemptPlan("", minutes=(60, 60)))
    made = laptop.started(maximumCapacity={"cpu": "3 vCPU", "memory": "100 GB"})
    runs = [laptop.run(made) for _ in range(2)]
    laptop.advance(30 * MINUTE)
    assert laptop.states(*runs) == ["RUNNING", "PENDING"]


def test_pre_initialised_workers_make_the_beginning_short() -> None:
    laptop = Laptop()
    pool = {"DRIVER": worker(1, 4), "EXECUTOR": worker(1, 4)}
    warm, cold = laptop.started(initialCapacity=pool), laptop.started()
    runs = [laptop.run(made) for made in (warm, cold)]
    laptop.advance(6)
    assert laptop.states(*runs) == ["RUNNING", "SCHEDULED"]
    laptop.advance(2 * MINUTE)
    assert laptop.states(runs[1]) == ["RUNNING"]


def test_job_runs_beyond_the_concurrency_are_queued() -> None:
    laptop = Laptop(AttemptPlan("", minutes=(60, 60)))
    made = laptop.started(schedulerConfiguration={"maxConcurrentRuns": 1})
    first, second, third = (laptop.run(made, seconds=5) for _ in range(3))
    laptop.advance(10 * MINUTE)
    assert laptop.states(first, second, third) == ["RUNNING", "QUEUED", "QUEUED"]
    laptop.advance(HOUR)
    assert laptop.states(first, second, third) == ["SUCCESS", "RUNNING", "QUEUED"]
    shown = laptop.call("GetJobRun", **laptop.named(second))["jobRun"]
    assert shown["queuedDurationMilliseconds"] == laptop.job_run(second).queued_for > 3_000_000


def test_a_queue_has_a_time_out() -> None:
    laptop = Laptop(LONG)
    made = laptop.started(schedulerConfiguration={"maxConcurrentRuns": 1, "queueTimeoutMinutes": 15})
    laptop.run(made, "long", 5)
    waiting = laptop.run(made, "long", 16 * MINUTE)
    assert laptop.history(waiting) == ["SUBMITTED", "QUEUED", "CANCELLING", "CANCELLED"]
    assert laptop.job_run(waiting).details == guesses.QUEUE_TIMED_OUT.format(minutes=15)


@pytest.mark.parametrize(
    ("further", "minutes"), [({}, None), ({"executionTimeoutMinutes": 30}, 30), ({"mode": "STREAMING"}, None)]
)
def test_a_job_run_has_a_time_out(further: dict[str, Any], minutes: int | None) -> None:
    laptop = Laptop(LONG)
    run = laptop.run(laptop.started(), "long", 31 * MINUTE, **further)
    if minutes is None:
        assert laptop.states(run) == ["RUNNING"]
        laptop.advance(12 * HOUR)
        assert laptop.states(run) == ["SUCCESS"]
        return
    assert laptop.history(run)[-2:] == ["CANCELLING", "CANCELLED"]
    assert laptop.job_run(run).details == guesses.TIMED_OUT.format(minutes=minutes)


def test_by_default_the_time_out_is_twelve_hours() -> None:
    laptop = Laptop(AttemptPlan("", minutes=(2000, 2000)))
    made = laptop.started()
    run, stream = laptop.run(made), laptop.run(made, mode="STREAMING")
    laptop.advance(12 * HOUR + 10)
    assert laptop.states(run, stream) == ["CANCELLED", "RUNNING"]


def test_an_attempt_that_fails_is_followed_by_another() -> None:
    laptop = Laptop(AttemptPlan("", exit_code=1, times=2))
    run = laptop.run(laptop.started(), seconds=3 * HOUR, retryPolicy={"maxAttempts": 3})
    assert laptop.states(run) == ["SUCCESS"]
    assert [one.state for one in laptop.job_run(run).attempts] == ["FAILED", "FAILED", "SUCCESS"]
    assert laptop.runner.begun == [(run, 1), (run, 2), (run, 3)]
    assert laptop.history(run)[3:6] == ["RUNNING", "PENDING", "SCHEDULED"]


@pytest.mark.parametrize("most", [1, 2])
def test_attempts_are_as_many_as_the_policy_says(most: int) -> None:
    laptop = Laptop(AttemptPlan("", exit_code=1))
    run = laptop.run(laptop.started(), seconds=3 * HOUR, retryPolicy={"maxAttempts": most})
    assert laptop.states(run) == ["FAILED"]
    assert len(laptop.runner.begun) == most


def test_what_cannot_be_run_at_all_is_not_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    laptop = Laptop()
    done = Outcome(1, "no such engine", is_final=True)
    monkeypatch.setattr(
        laptop.runner, "run", lambda *given: laptop.world.agenda.after(0, lambda: given[2](done))
    )
    run = laptop.run(laptop.started(), seconds=HOUR, retryPolicy={"maxAttempts": 3})
    assert (laptop.states(run), len(laptop.job_run(run).attempts)) == (["FAILED"], 1)


@pytest.mark.parametrize(("policy", "most"), [({}, 5), ({"maxFailedAttemptsPerHour": 2}, 2)])
def test_a_streaming_job_run_is_given_up_when_it_fails_too_often_in_an_hour(
    policy: dict[str, int], most: int
) -> None:
    laptop = Laptop(AttemptPlan("", minutes=(1, 1), exit_code=1))
    run = laptop.run(laptop.started(), seconds=3 * HOUR, mode="STREAMING", retryPolicy=policy)
    assert laptop.states(run) == ["FAILED"]
    assert len(laptop.runner.begun) == most


def test_a_streaming_job_run_that_seldom_fails_goes_on() -> None:
    laptop = Laptop(AttemptPlan("", minutes=(40, 40), exit_code=1))
    run = laptop.run(laptop.started(), seconds=20 * HOUR, mode="STREAMING")
    assert laptop.states(run) == ["RUNNING"]
    assert len(laptop.runner.begun) > 20


@pytest.mark.parametrize(("seconds", "before"), [(0, "SUBMITTED"), (5, "SCHEDULED"), (5 * MINUTE, "RUNNING")])
def test_a_job_run_is_cancelled_in_any_state(seconds: int, before: str) -> None:
    laptop = Laptop(LONG)
    run = laptop.run(laptop.started(), "long", seconds)
    assert laptop.states(run) == [before]
    for _ in range(2):
        laptop.call("CancelJobRun", **laptop.named(run))
    assert laptop.states(run) == ["CANCELLING"]
    laptop.advance(10)
    assert laptop.history(run)[-2:] == ["CANCELLING", "CANCELLED"]
    assert laptop.account.used().cpu == 0
    laptop.advance(20 * HOUR)
    assert laptop.states(run) == ["CANCELLED"]


def test_grace_lets_a_job_run_end_by_itself() -> None:
    laptop = Laptop(LONG)
    run = laptop.run(laptop.started(), "long", 5 * MINUTE)
    laptop.call("CancelJobRun", **laptop.named(run), shutdownGracePeriodInSeconds=60)
    laptop.advance(1)
    assert laptop.states(run) == ["CANCELLING"]
    laptop.advance(5)
    assert laptop.states(run) == ["CANCELLED"]


def test_what_does_not_end_within_its_grace_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    laptop = Laptop(LONG)
    run = laptop.run(laptop.started(), "long", 5 * MINUTE)
    forced: list[bool] = []
    stop = laptop.runner.stop

    def deaf(*given: Any, is_forced: bool) -> None:
        forced.append(is_forced)
        if is_forced:
            stop(*given, is_forced=True)

    monkeypatch.setattr(laptop.runner, "stop", deaf)
    laptop.call("CancelJobRun", **laptop.named(run), shutdownGracePeriodInSeconds=60)
    laptop.advance(59)
    assert (laptop.states(run), forced) == (["CANCELLING"], [False])
    laptop.advance(2)
    assert (laptop.states(run), forced) == (["CANCELLED"], [False, True])
