"""An embedded EMR on YARN with raw data and one cluster, on which device_readings runs again and again."""

import hashlib
import json
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Any, Final

import duckdb

from benchmarks.emr_chaos.requests import fleet, launch_request
from benchmarks.running.local_spark import FIRST_COMPILER, INTERPRETED
from ingestion.devices.plan import Plan, Rates
from ingestion.devices.reasons import spread_evenly
from ingestion.devices.running import delivery_of
from ingestion.devices.synthetic import simulate
from local_aws.clients import client
from local_aws.emr.world import Durations
from local_aws.hadoop.yarn_work import applications
from local_aws.server import Engine, LocalAws, Settings
from orchestrator.packaging import archive

ROOT: Final = Path(__file__).resolve().parents[2]
BUCKET: Final = "yarn-kills"
_RATES: Final = Rates(late=0.05, duplicate=0.05, correction=0.02, unknown_field=0, out_of_order=0, glue=0.1)
_PLAN: Final = Plan(5, 20, 3000, datetime(2024, 3, 1, tzinfo=UTC), 72.0, _RATES, spread_evenly(60, 20))
_FAST: Final = Durations().faster(1000)
_LOOK_AGAIN_S: Final = 0.1
_LONGEST_S: Final = 900.0
_ENDS: Final = frozenset({"COMPLETED", "FAILED", "CANCELLED", "INTERRUPTED"})
_OPTIONS: Final = (
    *("--deploy-mode", "cluster", "--num-executors", "2"),
    *("--conf", "spark.dynamicAllocation.enabled=false", "--conf", "spark.sql.shuffle.partitions=4"),
    *("--conf", "spark.eventLog.enabled=false"),
    # Their drivers and executors live for seconds.
    *("--conf", f"spark.driver.extraJavaOptions={FIRST_COMPILER}"),
    *("--conf", f"spark.executor.extraJavaOptions={FIRST_COMPILER}"),
    *(part for name, value in INTERPRETED.items() for part in ("--conf", f"{name}={value}")),
)


@dataclass(frozen=True)
class Run:
    """How a run ended: its step's state, its seconds, and a digest of its table and counts."""

    state: str
    seconds: float
    digest: str


class Rig:
    """The server, the cluster and the data; closed when it is left."""

    def __init__(self, folder: Path, release: str) -> None:
        """Start it."""
        self._folder = folder
        self._aws = LocalAws(folder / "aws", Settings(durations=_FAST, engine=Engine.YARN))
        self._aws.emr.quotas = None
        self._s3, self._emr = client(self._aws.url, "s3"), client(self._aws.url, "emr")
        self._upload()
        nodes = [fleet("MASTER", 1), fleet("CORE", 1), fleet("TASK", spot=1)]
        request = launch_request(fleets=nodes, ReleaseLabel=release)
        self._cluster = str(self._emr.run_job_flow(**request)["JobFlowId"])

    def __enter__(self) -> "Rig":
        """Give it."""
        return self

    def __exit__(self, *_: object) -> None:
        """End it."""
        self._aws.close()

    def run(self, name: str, meanwhile: Callable[[str, threading.Event], None] | None = None) -> Run:
        """Run the job into a table of its own; `meanwhile` is called with its application, and what tells its end."""
        step = self._emr.add_job_flow_steps(JobFlowId=self._cluster, Steps=[_step(name)])["StepIds"][0]
        ended = threading.Event()
        thread = threading.Thread(target=self._beside, args=(step, meanwhile, ended))
        began = monotonic()
        thread.start()
        self._aws.until(lambda: self._state(step) in _ENDS, _LONGEST_S)
        ended.set()
        thread.join()
        state = self._state(step)
        return Run(state, monotonic() - began, self._digest(name) if state == "COMPLETED" else "")

    def _beside(
        self, step: str, meanwhile: Callable[[str, threading.Event], None] | None, ended: threading.Event
    ) -> None:
        folder = self._folder / "aws" / "clusters" / self._cluster / "steps" / step
        while meanwhile and not ended.wait(_LOOK_AGAIN_S):
            if found := applications(folder):
                meanwhile(found[0], ended)
                return

    def _state(self, step: str) -> str:
        found = self._aws.emr.cluster(self._cluster).step(step)
        return found.status.state if found else "INTERRUPTED"

    def _upload(self) -> None:
        raw = self._folder / "raw"
        simulate(_PLAN, delivery_of(raw, 300, {}))
        self._s3.create_bucket(Bucket=BUCKET)
        for path in raw.rglob("*"):
            if path.is_file():
                self._s3.upload_file(str(path), BUCKET, f"raw/{path.relative_to(raw).as_posix()}")
        made = archive.build(ROOT, self._folder / "dist")
        self._s3.upload_file(str(made), BUCKET, "code/job_suite.zip")
        self._s3.upload_file(str(ROOT / "jobs/device_readings.py"), BUCKET, "code/device_readings.py")

    def _digest(self, name: str) -> str:
        """Return a digest of a table's rows and the manifest's counts."""
        folder = self._folder / "tables" / name
        pages = self._s3.get_paginator("list_objects_v2").paginate(
            Bucket=BUCKET, Prefix=f"{name}/table/event_date"
        )
        for key in [found["Key"] for page in pages for found in page.get("Contents", [])]:
            path = folder / key.removeprefix(f"{name}/table/")
            path.parent.mkdir(parents=True, exist_ok=True)
            self._s3.download_file(BUCKET, key, str(path))
        files = f"read_parquet('{folder}/*/*.parquet', hive_partitioning=true)"
        with duckdb.connect() as database:
            database.execute("SET TimeZone = 'UTC'")
            rows = database.execute(f"SELECT * FROM {files} ORDER BY ALL").fetchall()  # noqa: S608 - our own folder
        manifest = self._s3.get_object(Bucket=BUCKET, Key=f"{name}/manifest.json")["Body"].read()
        return digest(rows, json.loads(manifest)["rows"])


def digest(rows: Sequence[tuple[Any, ...]], counts: Mapping[str, Any]) -> str:
    """Return a digest of a table's rows and a manifest's counts, these in the order of their names too."""
    return hashlib.sha256(repr((rows, counts)).encode()).hexdigest()


def _step(name: str) -> Any:
    place, code = f"s3://{BUCKET}/{name}", f"s3://{BUCKET}/code"
    words = [
        *("spark-submit", *_OPTIONS, "--py-files", f"{code}/job_suite.zip", f"{code}/device_readings.py"),
        *(
            "--input",
            f"s3://{BUCKET}/raw",
            "--output",
            f"{place}/table",
            "--quarantine",
            f"{place}/quarantine",
        ),
        *("--manifest", f"{place}/manifest.json", "--run-id", "the-run", "--reader", "portable"),
    ]
    jar = {"Jar": "command-runner.jar", "Args": words}
    return {"Name": name, "ActionOnFailure": "CONTINUE", "HadoopJarStep": jar}
