"""Attempts as processes, with a Spark that is a shell script, over HTTP."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import urllib3

from benchmarks.serverless_chaos.requests import job_run_request
from local_aws.clients import client
from local_aws.running.job_runner import log_folder
from local_aws.server import Settings
from local_aws.serverless.entities import JobRun
from local_aws.serverless.world import Durations
from tests.local_aws.embedded import FAST, Embedded, embedded
from tests.local_aws.running import checkout
from tests.local_aws.running.test_real_runner import processes

_NUMBERS = count(1)


class Desk:
    """An embedded AWS with an application, whose job runs are a shell script's."""

    def __init__(self, aws: Embedded) -> None:
        """Create the application."""
        self.aws, self.serverless = aws, aws.aws.serverless
        self.serverless.quotas, self.serverless.world.vcpus = None, 400
        self.client: Any = client(aws.aws.url, "emr-serverless")
        self.bucket = "job-runner"
        aws.s3.create_bucket(Bucket=self.bucket)
        made = self.client.create_application(releaseLabel="emr-7.14.0", type="SPARK")
        self.application: str = made["applicationId"]
        application = self.serverless.service.account.applications[self.application]
        aws.until(lambda: application.state == "CREATED")

    def start(self, what: str, **further: Any) -> str:
        """Start a job run."""
        monitoring = {"s3MonitoringConfiguration": {"logUri": f"s3://{self.bucket}/logs/"}}
        request = job_run_request(
            self.application,
            f"t{next(_NUMBERS)}",
            parameters=None,
            configurationOverrides={"monitoringConfiguration": monitoring},
            **further,
        )
        request["jobDriver"]["sparkSubmit"]["entryPointArguments"] = [what]
        return str(self.client.start_job_run(**request)["jobRunId"])

    def until(self, run: str, state: str) -> Any:
        """Wait until a job run is in a state, and return it as it is shown."""
        job_run = self.serverless.service.account.job_runs[run]
        self.aws.until(lambda: job_run.state == state)
        return self.client.get_job_run(applicationId=self.application, jobRunId=run)["jobRun"]

    def log(self, run: str, name: str) -> str:
        """Return a log, once it is there."""
        return self.aws.log(self.bucket, f"logs/applications/{self.application}/jobs/{run}/{name}.gz")

    def folder(self, run: str) -> Path:
        """Return where a job run's processes are."""
        return self.aws.data / "clusters" / "applications" / self.application / "jobs" / run


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("aws")
    root = checkout.make(folder / "checkout")
    settings = Settings(
        log_delay_s=0,
        durations=FAST,
        serverless=Durations().faster(1000),
        memory_mib=3000,
        checkout=root,
    )
    with embedded(folder / "data", settings) as aws:
        made = Desk(aws)
        yield made
        made.client.close()


def test_a_job_run_leaves_its_drivers_logs(desk: Desk) -> None:
    run = desk.start("ok")
    shown = desk.until(run, "SUCCESS")
    assert shown["totalExecutionDurationSeconds"] >= 1
    assert desk.log(run, "SPARK_DRIVER/stdout").startswith("args: --master local[*] ")
    assert desk.log(run, "SPARK_DRIVER/stderr") == ""


def test_a_dashboard_shows_what_the_driver_wrote(desk: Desk) -> None:
    run = desk.start("fail")
    desk.until(run, "FAILED")
    url = desk.client.get_dashboard_for_job_run(applicationId=desk.application, jobRunId=run)["url"]
    told = urllib3.request("GET", url).data.decode()
    assert "== stdout\nargs: " in told
    assert "java.lang.Exception: wanted" in told
    for wrong in (f"{url}9", url.replace(run, "00none"), f"{url}/x"):
        answer = urllib3.request("GET", wrong)
        assert "wanted" not in answer.data.decode()
    assert urllib3.request("GET", url.replace(run, "00none")).status == 404


def test_each_attempt_has_logs_of_its_own(desk: Desk) -> None:
    run = desk.start("fail", retryPolicy={"maxAttempts": 2})
    shown = desk.until(run, "FAILED")
    assert (
        shown["attempt"],
        "ExitCode: 9. Last few exceptions: java.lang.Exception: wanted" in shown["stateDetails"],
    ) == (
        2,
        True,
    )
    for number in (1, 2):
        assert "wanted" in desk.log(run, f"attempts/{number}/SPARK_DRIVER/stderr")


@pytest.mark.parametrize("grace", [0, 15])
def test_a_job_run_that_is_cancelled_ends_with_its_processes(desk: Desk, grace: int) -> None:
    run = desk.start("wait")
    desk.aws.until(lambda: len(processes(desk.folder(run))) == 2)
    desk.client.cancel_job_run(
        applicationId=desk.application, jobRunId=run, shutdownGracePeriodInSeconds=grace
    )
    desk.until(run, "CANCELLED")
    assert processes(desk.folder(run)) == []


def test_one_that_does_not_heed_is_killed_after_its_grace(desk: Desk) -> None:
    run = desk.start("deaf")
    stdout = desk.folder(run) / "attempts/1/stdout"
    desk.aws.until(lambda: stdout.exists() and "deaf now" in stdout.read_text())
    desk.client.cancel_job_run(applicationId=desk.application, jobRunId=run, shutdownGracePeriodInSeconds=600)
    assert desk.until(run, "CANCELLING")["state"] == "CANCELLING"
    desk.aws.put_on(601)
    desk.until(run, "CANCELLED")
    assert processes(desk.folder(run)) == []


def test_a_time_out_ends_it(desk: Desk) -> None:
    run = desk.start("wait", executionTimeoutMinutes=60)
    desk.aws.until(lambda: len(processes(desk.folder(run))) == 2)
    desk.aws.put_on(3601)
    assert desk.until(run, "CANCELLED")["stateDetails"] == "Job run timed out after 60 minutes."
    assert processes(desk.folder(run)) == []


def test_what_a_laptop_cannot_run_is_not_tried_again(desk: Desk) -> None:
    made = desk.client.create_application(releaseLabel="emr-7.14.0", type="HIVE")["applicationId"]
    application = desk.serverless.service.account.applications[made]
    desk.aws.until(lambda: application.state == "CREATED")
    request = job_run_request(made, "hive", retryPolicy={"maxAttempts": 3})
    request["jobDriver"] = {"hive": {"query": "s3://b/q.sql"}}
    run = desk.client.start_job_run(**request)["jobRunId"]
    job_run = desk.serverless.service.account.job_runs[run]
    desk.aws.until(lambda: job_run.has_ended)
    assert (job_run.state, len(job_run.attempts)) == ("FAILED", 1)
    assert "jobDriver: expected sparkSubmit" in job_run.details


def test_the_status_counts_applications_and_job_runs(desk: Desk) -> None:
    run = desk.start("wait")
    desk.until(run, "RUNNING")
    told = desk.aws.aws.status()
    assert told["running_job_runs"] == 1
    assert told["applications"]["STARTED"] >= 1
    desk.client.cancel_job_run(applicationId=desk.application, jobRunId=run)
    desk.until(run, "CANCELLED")


def _job_run(monitoring: dict[str, Any], **request: Any) -> JobRun:
    return JobRun("00b", "00a", request, "x", [], monitoring, "SPARK", 0, 0)


@pytest.mark.parametrize(
    ("job_run", "expected"),
    [
        (_job_run({}), None),
        (_job_run({"s3MonitoringConfiguration": {"logUri": "file:///x"}}), None),
        (
            _job_run({"s3MonitoringConfiguration": {"logUri": "s3://b"}}),
            "s3://b/applications/00a/jobs/00b/SPARK_DRIVER",
        ),
        (
            _job_run({"s3MonitoringConfiguration": {"logUri": "s3://b/x/"}}, mode="STREAMING"),
            "s3://b/x/applications/00a/jobs/00b/attempts/2/SPARK_DRIVER",
        ),
    ],
)
def test_logs_go_where_the_monitoring_configuration_says(job_run: JobRun, expected: str | None) -> None:
    assert log_folder(job_run, 2) == expected
