"""The orchestrator on the embedded EMR Serverless: its commands as processes, real Spark, s3:// in and out."""

import json
import os
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from typing import Any, Final

import msgspec
import pytest

from benchmarks.running.local_spark import INTERPRETED
from ingestion.devices.plan import Plan
from ingestion.devices.reasons import spread_evenly
from ingestion.devices.running import delivery_of
from ingestion.devices.synthetic import simulate
from local_aws.server import Settings
from local_aws.serverless.world import Durations
from scripts import jars
from tests.conftest import ROOT, need
from tests.local_aws.embedded import FAST, embedded
from tests.test_orchestrator import NO_TABLE, RATES, Shop, ended

pytestmark = [pytest.mark.spark, pytest.mark.one_release]
ROLE: Final = "arn:aws:iam::123456789012:role/jobs"
APPLICATION: Final = """
extends: {file}
variables: {{release: {release}, execution_role: "{role}"}}
job_run:
  jobDriver: {{sparkSubmit: {{sparkSubmitParameters: {parameters}}}}}
"""
# What runs once, on few rows, is neither compiled nor spread nor shown.
SMALL: Final = {
    **INTERPRETED,
    "spark.sql.shuffle.partitions": "2",
    "spark.databricks.delta.snapshotPartitions": "2",
    "spark.sql.catalogImplementation": "in-memory",
    "spark.ui.enabled": "false",
    # Of the 16 vCPUs of a new account each job run takes eight.
    "spark.executor.instances": "1",
}
PARAMETERS: Final = " ".join(f"--conf {name}={value}" for name, value in SMALL.items())
PIPELINE: Final = """
name: serverless_readings
cluster: serverless.yaml
jobs:
  device_readings:
    entry_point: jobs/device_readings.py
    inputs: ["s3://lake/raw/"]
    output: s3://lake/clean/device_readings
    quarantine: s3://lake/quarantine/device_readings
  readings_hourly:
    entry_point: jobs/readings_hourly.py
    follows: [device_readings]
    inputs: ["${jobs.device_readings.output}"]
    arguments: ["--changes-from", "${jobs.device_readings.manifest}", "--cadence-per-hour", 12]
    output: s3://lake/clean/readings_hourly
    format: delta
"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, jar_properties: dict[str, str]) -> Iterator[Shop]:
    need(jar_properties)
    folder = tmp_path_factory.mktemp("shop")
    plan = Plan(5, 20, 600, datetime(2024, 3, 1, tzinfo=UTC), 72.0, RATES, spread_evenly(60, 20))
    truth = simulate(plan, delivery_of(folder / "raw", 300, {}))
    file = os.path.relpath(ROOT / "cluster_configs/serverless.yaml", folder)
    text = APPLICATION.format(file=file, release=jars.running_release(), role=ROLE, parameters=PARAMETERS)
    (folder / "serverless.yaml").write_text(text)
    (folder / "readings.yaml").write_text(PIPELINE)
    settings = Settings(durations=FAST, serverless=Durations().faster(1000), log_delay_s=0)
    with embedded(tmp_path_factory.mktemp("aws"), settings) as aws:
        aws.s3.create_bucket(Bucket="lake")
        for path in (folder / "raw").rglob("*.gz"):
            aws.s3.upload_file(str(path), "lake", f"raw/{path.relative_to(folder / 'raw').as_posix()}")
        with closing(Shop(aws, folder, truth)) as made:
            yield made


def test_runs_share_an_application_that_each_job_run_is_told_of_and_are_not_done_again(shop: Shop) -> None:
    """Two cores run two job runs: a pipeline, and beside it one that fails, which has something to tell."""
    (shop.folder / "failing.yaml").write_text(NO_TABLE)
    beside = shop.begin("run", "failing.yaml", "--cluster", "serverless.yaml", "-o", "json")
    found = shop.json("run", "readings.yaml")
    assert found["state"] == "succeeded"
    jobs = {job["job"]: job for job in found["jobs"]}
    manifest = shop.manifest(jobs["device_readings"]["manifest"])
    assert manifest["rows"] == msgspec.to_builtins(shop.truth.rows)
    hourly = shop.manifest(jobs["readings_hourly"]["manifest"])
    assert hourly["rows"]["source_rows"] == shop.truth.rows.inserted
    failed = json.loads(ended(beside, 1)[0])
    check_failed(failed)
    account = shop.aws.aws.serverless.service.account
    (application,) = account.applications.values()
    assert {each["cluster_id"] for each in (found, failed)} == {application.id}
    job_run = jobs["device_readings"]["step_id"]
    commands = [
        ("run", "readings.yaml", "-o", "json"),
        ("launch", "serverless.yaml", "-o", "json"),
        ("list", "--wide", "-o", "json"),
        ("logs", job_run, "--cluster", application.id),
    ]
    again, launched, listed, logs = (ended(each)[0] for each in [shop.begin(*each) for each in commands])
    assert {json.loads(again)[name] for name in ("run_id", "state")} == {found["run_id"], "succeeded"}
    assert [(each["cluster_id"], each["is_new"]) for each in json.loads(launched)] == [
        (application.id, False)
    ]
    (row,) = json.loads(listed)
    assert (row["id"], row["name"], row["owner"]) == (application.id, "serverless", "emr-job-suite")
    assert f"jobs/{job_run}/SPARK_DRIVER/stderr.gz" in logs
    assert sorted(one.state for one in account.job_runs.values()) == ["FAILED", "SUCCESS", "SUCCESS"]


def check_failed(found: Any) -> None:
    """See that a run tells its reason, its log and what to do."""
    (job,) = found["jobs"]
    assert (found["state"], job["state"], job["attempt"]) == ("failed", "failed", 1)
    (failed,) = found["failed"]
    assert any("no-such-table" in line for line in failed["lines"]), failed
    place = f"applications/{job['cluster_id']}/jobs/{job['step_id']}/"
    assert failed["logs"] == f"s3://emr-job-suite/logs/{place}"
    assert failed["next_step"] == "the job's arguments are wrong (exit 2): its stderr says which"


def test_an_application_is_terminated_by_name_whatever_runs_on_it(shop: Shop) -> None:
    shop.call("terminate", "serverless", "--yes")
    assert shop.json("list") == []
    account = shop.aws.aws.serverless.service.account
    assert {one.state for one in account.applications.values()} == {"TERMINATED"}
