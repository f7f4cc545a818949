"""The lives of applications."""

import pytest

from benchmarks.serverless_chaos.requests import worker
from local_aws.serverless import guesses
from local_aws.serverless.simulated_runner import AttemptPlan
from tests.local_aws.serverless.laptop import HOUR, MINUTE, Laptop

ALL = ["CREATING", "CREATED", "STARTING", "STARTED", "STOPPING", "STOPPED", "TERMINATED"]
# Which states take which operation; the rest refuse it.
TAKES = {
    "StartApplication": {"CREATED", "STARTING", "STARTED", "STOPPED"},
    "StopApplication": {"STARTING", "STARTED"},
    "DeleteApplication": {"CREATED", "STOPPED"},
}


def brought_to(laptop: Laptop, state: str) -> str:
    """Create an application and bring it into a state."""
    made = laptop.create()
    steps = {
        "STARTING": ["StartApplication"],
        "STARTED": ["StartApplication", ""],
        "STOPPING": ["StartApplication", "", "StopApplication"],
        "STOPPED": ["StartApplication", "", "StopApplication", ""],
        "TERMINATED": ["DeleteApplication"],
    }
    for step in steps.get(state, []):
        if step:
            laptop.call(step, applicationId=made)
        else:
            laptop.advance(MINUTE)
    assert laptop.application(made).state == state
    return made


def test_an_application_lives_through_all_states() -> None:
    laptop = Laptop()
    made = brought_to(laptop, "STOPPED")
    laptop.call("DeleteApplication", applicationId=made)
    assert laptop.history(made) == ALL


@pytest.mark.parametrize("state", ALL[1:])
@pytest.mark.parametrize("name", sorted(TAKES))
def test_an_operation_is_taken_in_its_states_alone(name: str, state: str) -> None:
    laptop = Laptop()
    made = brought_to(laptop, state)
    if state in TAKES[name]:
        laptop.call(name, applicationId=made)
        return
    code, message = laptop.refused(name, applicationId=made)
    assert code == "ValidationException"
    assert "Applications must be in one of the following statuses: [" in message
    assert laptop.application(made).state == state


def test_the_refusal_to_stop_has_awss_words() -> None:
    laptop = Laptop()
    told = laptop.refused("StopApplication", applicationId=laptop.create())
    words = "Application cannot be STOPPED. Applications must be in one of the following statuses: [STARTING, STARTED]"
    assert told == ("ValidationException", words)


def test_starting_twice_starts_once() -> None:
    laptop = Laptop()
    made = laptop.create()
    for _ in range(2):
        laptop.call("StartApplication", applicationId=made)
    laptop.advance(MINUTE)
    laptop.call("StartApplication", applicationId=made)
    assert laptop.history(made)[-2:] == ["STARTING", "STARTED"]


def test_one_that_is_stopped_while_it_starts_does_not_start() -> None:
    laptop = Laptop()
    made = laptop.create()
    laptop.call("StartApplication", applicationId=made)
    laptop.call("StopApplication", applicationId=made)
    laptop.advance(10 * MINUTE)
    assert laptop.history(made)[2:] == ["STARTING", "STOPPING", "STOPPED"]


def test_one_with_job_runs_is_not_stopped() -> None:
    laptop = Laptop()
    made = laptop.started()
    run = laptop.run(made)
    assert laptop.refused("StopApplication", applicationId=made) == ("ValidationException", guesses.JOBS_RUN)
    laptop.advance(HOUR)
    assert laptop.states(run) == ["SUCCESS"]


@pytest.mark.parametrize(("minutes", "told"), [(15, {}), (2, {"idleTimeoutMinutes": 2})])
def test_an_idle_application_stops_itself(minutes: int, told: dict[str, int]) -> None:
    laptop = Laptop()
    made = laptop.create(autoStopConfiguration=told)
    laptop.call("StartApplication", applicationId=made)
    laptop.advance(MINUTE)
    since = laptop.application(made).idle_since
    assert since is not None
    laptop.world.agenda.advance(since + minutes * 60_000 - 1)
    assert laptop.application(made).state == "STARTED"
    laptop.advance(MINUTE)
    assert laptop.application(made).state == "STOPPED"
    shown = laptop.call("GetApplication", applicationId=made)["application"]
    assert shown["stateDetails"] == f"Application was idle for {minutes} minutes"


def test_a_job_run_keeps_its_application_and_its_end_begins_the_time_anew() -> None:
    laptop = Laptop(AttemptPlan("run", minutes=(60, 60)))
    made = laptop.started()
    laptop.advance(13 * MINUTE)
    run = laptop.run(made, seconds=HOUR)
    assert laptop.application(made).state == "STARTED"
    laptop.advance(5 * MINUTE)
    assert laptop.states(run) == ["SUCCESS"]
    ended = laptop.job_run(run).ended_at
    assert laptop.application(made).idle_since == ended
    laptop.advance(20 * MINUTE)
    assert laptop.application(made).state == "STOPPED"


def test_one_whose_auto_stop_is_off_goes_on() -> None:
    laptop = Laptop()
    made = laptop.started(autoStopConfiguration={"enabled": False})
    laptop.advance(100 * HOUR)
    assert laptop.application(made).state == "STARTED"


def test_pre_initialised_workers_beyond_the_accounts_quota_are_refused() -> None:
    laptop = Laptop()
    first = laptop.create(initialCapacity={"DRIVER": worker(4, 16, 3)})
    second = laptop.create(initialCapacity={"DRIVER": worker(4, 16, 2)})
    laptop.call("StartApplication", applicationId=first)
    told = laptop.refused("StartApplication", applicationId=second)
    assert told == ("ServiceQuotaExceededException", guesses.NO_VCPUS)
    laptop.call("StopApplication", applicationId=first)
    laptop.advance(MINUTE)
    laptop.call("StartApplication", applicationId=second)
    laptop.advance(MINUTE)
    assert laptop.application(second).state == "STARTED"
