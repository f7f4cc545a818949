"""The operations on job runs; their lives are tested with `job_run_lives`."""

import pytest

from benchmarks.serverless_chaos.requests import job_run_request
from local_aws.serverless import guesses
from local_aws.serverless.simulated_runner import AttemptPlan
from tests.local_aws.serverless.laptop import HOUR, MINUTE, Laptop


def test_a_token_starts_one_job_run_for_ever() -> None:
    laptop = Laptop()
    request = job_run_request(laptop.started(), "t", tags={"a": "b"})
    first = laptop.call("StartJobRun", **request)
    laptop.advance(5 * HOUR)
    assert laptop.application(request["applicationId"]).state == "STOPPED"
    assert laptop.call("StartJobRun", **request) == first
    told = laptop.refused("StartJobRun", **{**request, "name": "other"})
    assert told == ("ConflictException", guesses.TOKEN_CONFLICT)
    assert list(laptop.account.job_runs) == [first["jobRunId"]]
    assert laptop.application(request["applicationId"]).state == "STOPPED"


def test_another_applications_token_is_another() -> None:
    laptop = Laptop()
    runs = {
        laptop.call("StartJobRun", **job_run_request(laptop.started(), "t"))["jobRunId"] for _ in range(2)
    }
    assert len(runs) == 2


def test_an_application_that_does_not_start_itself_takes_none() -> None:
    laptop = Laptop()
    made = laptop.create(autoStartConfiguration={"enabled": False})
    told = laptop.refused("StartJobRun", **job_run_request(made))
    assert told == ("ValidationException", guesses.NOT_STARTED.format(state="CREATED"))
    laptop.call("StartApplication", applicationId=made)
    laptop.call("StartJobRun", **job_run_request(made))


@pytest.mark.parametrize("state", ["CREATING", "STOPPING", "TERMINATED"])
def test_an_application_that_is_not_there_yet_or_no_longer_takes_none(state: str) -> None:
    laptop = Laptop()
    made = laptop.started() if state == "STOPPING" else laptop.create()
    if state == "STOPPING":
        laptop.call("StopApplication", applicationId=made)
    elif state == "TERMINATED":
        laptop.call("DeleteApplication", applicationId=made)
    else:
        laptop.application(made).state = state
    told = laptop.refused("StartJobRun", **job_run_request(made))
    assert told == ("ValidationException", guesses.ENDING.format(state=state))


def test_a_job_run_keeps_the_release_and_configurations_of_its_submission() -> None:
    laptop = Laptop()
    told = [{"classification": "spark-defaults", "properties": {"a": "b"}}]
    made = laptop.create(runtimeConfiguration=told)
    run = laptop.run(made, seconds=5 * HOUR)
    laptop.call("UpdateApplication", applicationId=made, clientToken="u", releaseLabel="emr-7.13.0")
    assert laptop.job_run(run).configurations == told
    assert laptop.call("GetJobRun", **laptop.named(run))["jobRun"]["releaseLabel"] == "emr-7.14.0"


def test_job_runs_are_listed_by_time_state_and_mode() -> None:
    laptop = Laptop(AttemptPlan("bad", exit_code=1))
    made, other = laptop.started(), laptop.started()
    laptop.run(other)
    bad = laptop.run(made, "bad", 10 * MINUTE)
    good = laptop.run(made, "good", mode="STREAMING")
    between = laptop.job_run(good).created_at / 1000

    def listed(**request: object) -> list[str]:
        return [one["id"] for one in laptop.call("ListJobRuns", applicationId=made, **request)["jobRuns"]]

    assert listed() == [good, bad]
    assert listed(createdAtAfter=between) == [good]
    assert listed(createdAtBefore=between - 1) == [bad]
    assert listed(mode="STREAMING") == [good]
    laptop.advance(HOUR)
    assert listed(states=["FAILED", "SUCCESS"]) == [bad, good]
    assert listed(states=["RUNNING"]) == []
    first = laptop.call("ListJobRuns", applicationId=made, maxResults=1)
    assert listed(maxResults=1, nextToken=first["nextToken"]) == [bad]


def test_one_that_has_ended_is_not_cancelled() -> None:
    laptop = Laptop()
    run = laptop.run(laptop.started(), seconds=HOUR)
    told = laptop.refused("CancelJobRun", **laptop.named(run))
    assert told == ("ValidationException", guesses.CANNOT_CANCEL.format(id=run, state="SUCCESS"))


def test_an_attempt_that_is_not_there_is_not_found() -> None:
    laptop = Laptop()
    run = laptop.run(laptop.started())
    told = laptop.refused("GetJobRun", **laptop.named(run), attempt=2)
    assert told == ("ResourceNotFoundException", guesses.NO_ATTEMPT.format(attempt=2, id=run))


def test_a_dashboard_is_there_once_it_runs() -> None:
    laptop = Laptop()
    run = laptop.run(laptop.started())
    code, message = laptop.refused("GetDashboardForJobRun", **laptop.named(run))
    assert (code, message) == (
        "ValidationException",
        guesses.NO_DASHBOARD.format(id=run, state="SUBMITTED"),
    )
    laptop.advance(4 * MINUTE)
    url = laptop.call("GetDashboardForJobRun", **laptop.named(run))["url"]
    assert url.endswith(f"/{laptop.job_run(run).application_id}/{run}/1")


def test_streaming_has_grace_by_default() -> None:
    laptop = Laptop(AttemptPlan("", minutes=(600, 600)))
    made = laptop.started()
    runs = [laptop.run(made, mode=mode) for mode in ("BATCH", "STREAMING")]
    laptop.advance(5 * MINUTE)
    for run in runs:
        laptop.call("CancelJobRun", **laptop.named(run))
    laptop.advance(1)
    assert laptop.states(*runs) == ["CANCELLED", "CANCELLING"]
