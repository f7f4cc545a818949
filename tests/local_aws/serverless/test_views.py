"""Applications and job runs as answers show them; that all is in the model is held by each call of a test."""

from typing import Any

from benchmarks.serverless_chaos.requests import ROLE
from local_aws.serverless.simulated_runner import AttemptPlan
from tests.local_aws.serverless.laptop import HOUR, Laptop


def test_an_application_shows_its_request_with_awss_defaults() -> None:
    laptop = Laptop()
    made = laptop.create(tags={"a": "b"}, maximumCapacity={"cpu": "8 vCPU", "memory": "32 GB"})
    shown = laptop.call("GetApplication", applicationId=made)["application"]
    arn = f"arn:aws:emr-serverless:us-east-1:123456789012:/applications/{made}"
    assert {name: shown[name] for name in shown if not name.endswith("At")} == {
        "applicationId": made,
        "name": "app",
        "arn": arn,
        "releaseLabel": "emr-7.14.0",
        "type": "Spark",
        "state": "CREATED",
        "architecture": "X86_64",
        "tags": {"a": "b"},
        "maximumCapacity": {"cpu": "8 vCPU", "memory": "32 GB"},
        "autoStartConfiguration": {"enabled": True},
        "autoStopConfiguration": {"enabled": True, "idleTimeoutMinutes": 15},
        "schedulerConfiguration": {"maxConcurrentRuns": 15, "queueTimeoutMinutes": 360},
    }
    listed = laptop.call("ListApplications")["applications"]
    assert listed[0]["id"] == made
    assert listed[0]["createdAt"] == shown["createdAt"] < shown["updatedAt"]


def test_a_job_run_that_has_ended_shows_what_it_took() -> None:
    laptop = Laptop(AttemptPlan("", minutes=(10, 10)))
    run = laptop.run(laptop.started(), seconds=HOUR, tags={"a": "b"})
    shown: dict[str, Any] = laptop.call("GetJobRun", **laptop.named(run))["jobRun"]
    assert shown["executionRole"] == ROLE
    assert shown["createdAt"] < shown["startedAt"] < shown["endedAt"] == shown["updatedAt"]
    assert shown["totalExecutionDurationSeconds"] == 600
    assert shown["billedResourceUtilization"]["vCPUHour"] == 0.333
    assert (shown["tags"], shown["attempt"], shown["name"]) == ({"a": "b"}, 1, "run")
    assert shown["jobDriver"]["sparkSubmit"]["entryPoint"] == "s3://b/job.py"
    assert "clientToken" not in shown


def test_a_job_run_that_has_not_begun_shows_no_times() -> None:
    laptop = Laptop()
    run = laptop.run(laptop.started())
    shown = laptop.call("GetJobRun", **laptop.named(run))["jobRun"]
    times = {"startedAt", "endedAt", "totalResourceUtilization", "queuedDurationMilliseconds"}
    assert not times & set(shown)


def test_each_attempt_is_shown() -> None:
    laptop = Laptop(AttemptPlan("", exit_code=1, times=1))
    run = laptop.run(laptop.started(), seconds=3 * HOUR, retryPolicy={"maxAttempts": 2})
    first = laptop.call("GetJobRun", **laptop.named(run), attempt=1)["jobRun"]
    last = laptop.call("GetJobRun", **laptop.named(run))["jobRun"]
    assert [(one["attempt"], one["state"]) for one in (first, last)] == [(1, "FAILED"), (2, "SUCCESS")]
    attempts = laptop.call("ListJobRunAttempts", **laptop.named(run))["jobRunAttempts"]
    assert [(one["attempt"], one["state"]) for one in attempts] == [(2, "SUCCESS"), (1, "FAILED")]
    assert attempts[1]["createdAt"] == attempts[1]["jobCreatedAt"] < attempts[0]["createdAt"]
