"""Commands on the embedded EMR Serverless, job runs of which only take their time."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from local_aws.api.errors import AwsError
from orchestrator.cli import app
from orchestrator.plans import decode
from tests.orchestrator.commands.conftest import Shop
from tests.orchestrator.commands.eventful import Eventful

APPLICATION = """
target: serverless
variables: {bucket: null}
name: app
releaseLabel: emr-7.14.0
type: SPARK
architecture: ARM64
maximumCapacity: {cpu: 64 vCPU, memory: 256 GB}
monitoringConfiguration: {s3MonitoringConfiguration: {logUri: "s3://${bucket}/logs/"}}
job_run: {executionRoleArn: "arn:aws:iam::123456789012:role/jobs"}
"""


@pytest.fixture
def room(shop: Shop, tmp_path: Path) -> Iterator[Shop]:
    """Give a shop with an application's file; what was made of it is ended, for the next test has the same name."""
    (tmp_path / "app.yaml").write_text(APPLICATION)
    yield shop
    for one in applications(shop):
        shop.told("terminate", one.id, "--yes")


def applications(room: Shop) -> list[Any]:
    """Return those that are this test's and not deleted."""
    return [
        one
        for one in room.aws.aws.serverless.service.account.applications.values()
        if one.state != "TERMINATED" and one.tags["emr-job-suite:owner"] == room.bucket
    ]


def test_a_plan_says_what_would_be_created_and_bounds_it(room: Shop) -> None:
    rows = room.told("plan", "two.yaml", "--cluster", "app.yaml")["jobs"]
    assert [row["name"] for row in rows] == ["readings", "hourly"]
    asked = ("plan", "two.yaml", "--cluster", "app.yaml", "--minutes", "30")
    shown = room.run(*asked, "--out", "plan.json").stdout
    assert "create application" in shown
    assert "the application of app.yaml; emr-7.14.0; ARM64; at most 64 vCPU, 256 GB " in shown
    # Four workers of 4 vCPUs and 16 GB for each of two jobs, of half an hour each.
    assert (
        "readings from $0.97 an hour; hourly from $0.97 an hour; the application at most $3.88 an hour"
        in shown
    )
    assert (
        "with 30 minutes a job at least $0.97, at most $3.88; prices of us-east-1 as of 2023-02-03" in shown
    )
    told = room.told(*asked)["dollars"]
    assert (round(told["least_dollars"], 2), told["region"]) == (0.97, "us-east-1")
    assert "up to 0 retries: device_readings.py --run-id=r" in shown
    assert decode("plan.json", (room.folder / "plan.json").read_bytes()).cluster.request is not None
    assert applications(room) == []


def test_a_plan_is_carried_out_told_and_ended(room: Shop) -> None:
    room.run("plan", "two.yaml", "--cluster", "app.yaml", "--out", "plan.json")
    ran = room.run("run", "plan.json", "-o", "json")
    done = json.loads(ran.stdout)
    assert done["state"] == "succeeded"
    # A minute of four workers of 4 vCPUs for each of two jobs.
    assert "for 2 job runs; $0.03 by the prices of us-east-1 as of 2023-02-03" in ran.stderr
    assert done["billed"]["vcpu_hours"] == pytest.approx(16 * 2 / 60, abs=0.002)
    assert (done["billed"]["job_runs"], done["billed"]["open"]) == (2, [])
    status = room.told("status", done["run_id"])
    assert status["billed"] == done["billed"]
    assert sum(job["billed"]["dollars"] for job in status["jobs"]) == pytest.approx(done["billed"]["dollars"])
    (application,) = applications(room)
    assert {job["cluster_id"] for job in done["jobs"]} == {application.id}
    launched = room.told("launch", "app.yaml")[0]
    assert (launched["cluster_id"], launched["is_new"]) == (application.id, False)
    assert application.tags["emr-job-suite:owner"] == room.bucket
    named = room.run("run", "two.yaml", "--cluster", application.id)
    assert named.exit_code == 2
    assert "whose file says what its job runs have" in named.stderr
    step = done["jobs"][0]["step_id"]
    assert room.told("logs", step, "--cluster", application.id) == []
    again = room.told("cancel", step, "--cluster", application.id)
    assert [each["action"] for each in again] == ["has ended"]
    assert room.told("terminate", application.id)[0]["action"] == "would end"
    assert room.told("terminate", "app", "--yes")[0]["action"] == "is ending"
    assert applications(room) == []


def test_objects_that_have_come_are_read_by_job_runs_and_not_again(room: Shop, eventful: Eventful) -> None:
    eventful.put("raw/b.json", "raw/c.json")
    drain = ("events", "drain", "two.yaml", "--cluster", "app.yaml")
    [batch] = room.told(*drain)["batches"]
    assert (batch["objects"], batch["outcome"]) == (2, "done")
    assert eventful.read_by(batch["run_id"]) == [f"s3://{room.lake}/raw/{name}.json" for name in "bc"]
    [application] = applications(room)
    assert room.told(*drain)["batches"] == []
    eventful.put("raw/d.json")
    [later] = room.told(*drain)["batches"]
    assert eventful.read_by(later["run_id"]) == [f"s3://{room.lake}/raw/d.json"]
    account = room.aws.aws.serverless.service.account
    states = [one.state for one in account.job_runs.values() if one.application_id == application.id]
    assert (states, applications(room)) == (["SUCCESS"] * 4, [application])


def test_what_is_billed_is_not_known_where_job_runs_may_not_be_seen(
    room: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = room.told("run", "two.yaml", "--cluster", "app.yaml")
    serverless = room.aws.aws.serverless
    answer = serverless.call

    def call(name: str, request: Any) -> Any:
        if name == "GetJobRun":
            raise AwsError("AccessDeniedException", "not for you", 403)
        return answer(name, request)

    monkeypatch.setattr(serverless, "call", call)
    result = room.run("status", done["run_id"], "-o", "json")
    assert (result.exit_code, "billed" in json.loads(result.stdout)) == (0, False)
    assert "what was billed is not known: EMR Serverless GetJobRun: AccessDeniedException" in result.stderr


def test_a_file_that_was_changed_makes_no_other_application_and_is_told(room: Shop) -> None:
    room.told("launch", "app.yaml")
    (room.folder / "app.yaml").write_text(APPLICATION.replace("emr-7.14.0", "emr-spark-8.0.0"))
    result = room.run("launch", "app.yaml")
    assert result.exit_code == 0
    assert (
        "was made from another request than the file asks for now (ReleaseLabel emr-7.14.0, now emr-spark-8.0.0"
        in (result.stderr)
    )
    assert len(applications(room)) == 1


def test_validate_tells_all_that_is_wrong_with_an_application(room: Shop) -> None:
    (room.folder / "bad.yaml").write_text(
        APPLICATION.replace("SPARK", "HIVE").replace("name: app", "name: a b")
    )
    result = CliRunner().invoke(app, ["validate", "bad.yaml", "--var", "bucket=b", "-o", "json"])
    assert result.exit_code == 2
    found = json.loads(result.stdout)["files"][0]["findings"]
    assert sorted(each["path"] for each in found if each["level"] == "ERROR") == ["name", "type"]


def test_doctor_asks_for_the_role_of_the_jobs_alone(room: Shop) -> None:
    told = room.told("doctor", "--cluster", "app.yaml", "--policy")
    found = {each["Sid"]: each for each in told["Statement"]}
    assert found["PassJobRole"]["Resource"] == "arn:aws:iam::123456789012:role/jobs"
    assert "PassRoles" not in found
    assert "State" in found
    checks = {
        each["name"]: each
        for each in json.loads(room.run("doctor", "--cluster", "app.yaml", "-o", "json").stdout)
    }
    assert checks["job role"]["found"] == "the embedded EMR asks for none"
    assert "service role" not in checks
