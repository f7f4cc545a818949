"""The orchestrator from end to end on the embedded AWS: its commands as processes, real Spark, s3:// in and out."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest

from ingestion.devices.plan import Plan, Rates
from ingestion.devices.reasons import spread_evenly
from ingestion.devices.running import delivery_of
from ingestion.devices.synthetic import simulate
from ingestion.devices.truth import Truth
from local_aws.server import Settings
from scripts import jars
from tests.conftest import ROOT, need
from tests.local_aws.embedded import ENDED, FAST, Embedded, embedded

pytestmark = pytest.mark.spark
RATES: Final = Rates(late=0.05, duplicate=0.05, correction=0.02, unknown_field=0, out_of_order=0, glue=0.1)
CLUSTER: Final = """
extends: {file}
variables: {{release: {release}}}
Configurations:
  - {{Classification: spark-defaults, Properties: {{spark.sql.shuffle.partitions: "2", spark.driver.memory: 1g}}}}
"""
NO_TABLE: Final = """
name: failing
jobs:
  readings_hourly:
    entry_point: jobs/readings_hourly.py
    inputs: ["s3://lake/no-such-table/"]
    pin_inputs: false
    output: s3://lake/failing/readings_hourly
    retries: 2
"""
ALONE: Final = """
name: alone
jobs:
  device_readings:
    entry_point: jobs/device_readings.py
    inputs: ["s3://lake/raw/"]
    output: s3://lake/alone/device_readings
    quarantine: s3://lake/alone/quarantine
"""


@dataclass(frozen=True)
class Shop:
    """An embedded AWS, a folder with files, and the messages that the bucket `lake` holds."""

    aws: Embedded
    folder: Path
    truth: Truth
    _begun: list[subprocess.Popen[str]] = field(default_factory=list)

    def close(self) -> None:
        """End what a test that failed has left."""
        for process in self._begun:
            with process:
                process.kill()

    @property
    def environment(self) -> dict[str, str]:
        keys = dict.fromkeys(("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"), "local")
        paths = {"PYTHONPATH": str(ROOT), "AWS_ENDPOINT_URL": self.aws.aws.url, "AWS_REGION": "us-east-1"}
        return {**os.environ, **keys, **paths}

    def begin(self, *arguments: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "orchestrator", *arguments, "--local"]
        process = subprocess.Popen(
            command,
            cwd=self.folder,
            env=self.environment,
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self._begun.append(process)
        return process

    def call(self, *arguments: str, exit_code: int = 0) -> tuple[str, str]:
        return ended(self.begin(*arguments), exit_code)

    def json(self, *arguments: str, exit_code: int = 0) -> Any:
        return json.loads(self.call(*arguments, "-o", "json", exit_code=exit_code)[0])

    def manifest(self, uri: str) -> Any:
        bucket, _, key = uri.removeprefix("s3://").partition("/")
        return json.loads(self.aws.s3.get_object(Bucket=bucket, Key=key)["Body"].read())

    def clusters(self, name: str) -> list[Mapping[str, Any]]:
        return [each for each in self.aws.emr.list_clusters()["Clusters"] if name in each["Name"]]


def ended(process: subprocess.Popen[str], exit_code: int = 0) -> tuple[str, str]:
    """Return what a command has written, once it has ended, with that exit code."""
    out, err = process.communicate(timeout=400)
    assert process.returncode == exit_code, err
    return out, err


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, jar_properties: dict[str, str]) -> Iterator[Shop]:
    need(jar_properties)
    folder = tmp_path_factory.mktemp("shop")
    plan = Plan(5, 20, 3000, datetime(2024, 3, 1, tzinfo=UTC), 72.0, RATES, spread_evenly(60, 20))
    truth = simulate(plan, delivery_of(folder / "raw", 300, {}))
    for kind in ("job_specific", "long_running"):
        file = os.path.relpath(ROOT / f"cluster_configs/{kind}.yaml", folder)
        text = CLUSTER.format(file=file, release=jars.running_release())
        (folder / f"{kind}.yaml").write_text(text)
    with embedded(tmp_path_factory.mktemp("aws"), Settings(durations=FAST, log_delay_s=0)) as aws:
        aws.s3.create_bucket(Bucket="lake")
        for path in (folder / "raw").rglob("*.gz"):
            aws.s3.upload_file(str(path), "lake", f"raw/{path.relative_to(folder / 'raw').as_posix()}")
        with closing(Shop(aws, folder, truth)) as made:
            yield made


@pytest.mark.one_release
def test_a_pipeline_runs_on_a_cluster_of_its_own_and_not_again(shop: Shop) -> None:
    arguments = ("readings", "--cluster", "job_specific.yaml", "--var", "lake=lake")
    shop.call("plan", *arguments, "--out", "plan.json")
    planned = json.loads((shop.folder / "plan.json").read_text())
    found = shop.json("run", "plan.json")
    assert found["state"] == "succeeded"
    jobs = {job["job"]: job for job in found["jobs"]}
    manifest = shop.manifest(jobs["device_readings"]["manifest"])
    assert manifest["rows"] == msgspec.to_builtins(shop.truth.rows)
    assert manifest["run_id"] == jobs["device_readings"]["run_id"]
    hourly = shop.manifest(jobs["readings_hourly"]["manifest"])
    assert hourly["rows"]["source_rows"] == shop.truth.rows.inserted
    cluster = shop.aws.cluster(found["cluster_id"])
    sent = {name: value for name, value in cluster.request.items() if name in planned["cluster"]["request"]}
    assert sent == planned["cluster"]["request"]
    assert (cluster.status.state, cluster.status.code) == ("TERMINATED", "ALL_STEPS_COMPLETED")
    again = shop.json("run", *arguments)
    assert (again["run_id"], again["state"]) == (found["run_id"], "succeeded")
    assert len(shop.clusters("job-specific readings")) == 1


@pytest.mark.one_release
def test_a_pipeline_runs_on_a_long_running_cluster_while_the_laptop_is_closed_and_opened(shop: Shop) -> None:
    launched = shop.json("launch", "long_running.yaml")[0]
    assert shop.json("launch", "long_running.yaml")[0] == {**launched, "is_new": False}
    arguments = (
        "run",
        "readings",
        "--cluster",
        launched["cluster_id"],
        "--var",
        "lake=lake",
        "--key",
        "long",
    )
    closed = shop.begin(*arguments)
    cluster = shop.aws.cluster(launched["cluster_id"])
    shop.aws.until(lambda: bool(cluster.steps))
    os.kill(closed.pid, signal.SIGKILL)
    closed.communicate()
    run_id = shop.json("status")[0]["run_id"]
    found = shop.json("run", "--attach", run_id)
    assert [job["state"] for job in found["jobs"]] == ["succeeded", "succeeded"]
    assert [step.status.state for step in cluster.steps] == ["COMPLETED", "COMPLETED"]
    shop.aws.emr.terminate_job_flows(JobFlowIds=[launched["cluster_id"]])
    shop.aws.until_state(launched["cluster_id"], *ENDED)


@pytest.mark.one_release
def test_a_job_that_fails_is_reported_with_its_reason_its_log_and_what_to_do(shop: Shop) -> None:
    (shop.folder / "failing.yaml").write_text(NO_TABLE)
    out, err = shop.call("run", "failing.yaml", "--cluster", "job_specific.yaml", "-o", "json", exit_code=1)
    found = json.loads(out)
    (job,) = found["jobs"]
    assert (found["state"], job["state"], job["attempt"]) == ("failed", "failed", 1)
    (failed,) = found["failed"]
    assert any("no-such-table" in line for line in failed["lines"]), out + err
    assert failed["logs"].startswith(f"s3://emr-job-suite/logs/{job['cluster_id']}/steps/{job['step_id']}")
    assert failed["next_step"] == "the job's arguments are wrong (exit 2): its stderr says which"
    assert "job readings_hourly failed: " in err
    assert f"Error: run {found['run_id']} failed: job readings_hourly: " in err
    assert "no-such-table" in shop.call("logs", job["step_id"], "--cluster", job["cluster_id"])[0]


@pytest.mark.one_release
def test_a_run_is_let_go_cancelled_and_run_again(shop: Shop) -> None:
    (shop.folder / "alone.yaml").write_text(ALONE)
    arguments = ("run", "alone.yaml", "--cluster", "job_specific.yaml")
    begun = shop.json(*arguments, "--detach")
    assert begun["state"] == "running"
    shop.aws.until_state(begun["cluster_id"], "RUNNING")
    assert shop.json("status", begun["run_id"])["jobs"][0]["state"] == "running"
    cancelled = shop.json("cancel", begun["run_id"])
    assert (cancelled["state"], cancelled["jobs"][0]["state"]) == ("cancelled", "cancelled")
    assert shop.aws.cluster(begun["cluster_id"]).status.state == "TERMINATED"
    again = shop.json(*arguments)
    assert (again["run_id"], again["state"], again["jobs"][0]["attempt"]) == (begun["run_id"], "succeeded", 3)
    assert shop.manifest(again["jobs"][0]["manifest"])["rows"] == msgspec.to_builtins(shop.truth.rows)


@pytest.mark.one_release
def test_ctrl_c_lets_a_run_go_and_says_how_to_come_back(shop: Shop) -> None:
    (shop.folder / "alone.yaml").write_text(ALONE)
    waiting = shop.begin("run", "alone.yaml", "--cluster", "job_specific.yaml", "--key", "ctrl-c")
    shop.aws.until(lambda: len(shop.aws.aws.emr.world.clusters) > 0 and _runs_alone(shop))
    waiting.send_signal(signal.SIGINT)
    _, err = waiting.communicate(timeout=60)
    assert waiting.returncode == 130
    found = re.search(r"run (\w+) goes on; wait for it again: orchestrator run --attach \1", err)
    assert found
    late = shop.call("run", "--attach", found[1], "--timeout", "0.1", "--on-timeout", "cancel", exit_code=4)[
        1
    ]
    assert "not over in time, and cancelled" in late
    assert shop.json("status", found[1])["state"] == "cancelled"


def _runs_alone(shop: Shop) -> bool:
    clusters = shop.aws.aws.emr.world.clusters.values()
    return any("alone" in str(one.request["Name"]) and one.status.state == "RUNNING" for one in clusters)
