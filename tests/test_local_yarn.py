"""The embedded EMR on real HDFS and YARN: jobs on a cluster's nodes, and nodes that die under them."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest

from ingestion.devices.plan import Plan, Rates
from ingestion.devices.reasons import spread_evenly
from ingestion.devices.running import delivery_of
from ingestion.devices.synthetic import simulate
from local_aws.emr.entities import Instance
from local_aws.server import Engine, Settings
from orchestrator.packaging import archive
from scripts import jars
from tests.conftest import ROOT, need
from tests.jobs.running import query
from tests.local_aws.embedded import FAST, Embedded, embedded, spark_step
from tests.local_aws.emr.launching import fleet
from tests.local_aws.hadoop.yarn_watch import Watch

pytestmark = pytest.mark.spark
BUCKET: Final = "on-yarn"
LONGEST_S: Final = 600.0
RATES: Final = Rates(late=0.05, duplicate=0.05, correction=0.02, unknown_field=0, out_of_order=0, glue=0.1)
PLAN: Final = Plan(5, 20, 3000, datetime(2024, 3, 1, tzinfo=UTC), 72.0, RATES, spread_evenly(60, 20))
# What runs once, on few rows, is compiled well for nothing.
QUICK: Final = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
LIGHT: Final = (
    *("--driver-memory", "640m", "--executor-memory", "640m", "--conf", "spark.sql.shuffle.partitions=2"),
    *("--conf", f"spark.driver.extraJavaOptions={' '.join(QUICK)}"),
    *("--conf", f"spark.executor.extraJavaOptions={' '.join(QUICK)}"),
)
# As Spark 3.5 has it; Spark 4 writes several files, and packs them.
PLAIN_LOG: Final = (
    *("--conf", "spark.eventLog.compress=false"),
    *("--conf", "spark.eventLog.rolling.enabled=false"),
)
# Two executors that stay: with the application master beside it only one of 1.4 GiB fits on the core node.
TWO: Final = (
    *("--executor-memory", "1g"),
    *("--conf", "spark.dynamicAllocation.enabled=false", "--num-executors", "2"),
    *PLAIN_LOG,
)
LABELS: Final = {
    "Classification": "yarn-site",
    "Properties": {
        "yarn.node-labels.enabled": "true",
        "yarn.node-labels.am.default-node-label-expression": "ON_DEMAND",
    },
}


@dataclass(frozen=True)
class Road:
    """A cluster of one core node on demand and one task node on Spot, the raw data, and what is in it."""

    aws: Embedded
    cluster: str
    rows: Mapping[str, int]
    dates: Mapping[str, int]

    def run(self, step: dict[str, Any]) -> str:
        """Add a step and return its id."""
        return self.aws.add_step(self.cluster, step)

    def complete(self, step: str) -> None:
        """Wait for the good end of a step: a machine that others use too takes minutes for it."""

        def state() -> str:
            found = self.aws.cluster(self.cluster).step(step)
            return found.status.state if found else "?"

        assert self.aws.aws.until(lambda: state() not in ("PENDING", "RUNNING"), LONGEST_S)
        assert state() == "COMPLETED"

    def watch(self, step: str) -> Watch:
        """Look at a step's application."""
        runner = self.aws.aws.emr.world.runner
        folder = self.aws.data / "clusters" / self.cluster / "steps" / step
        return Watch(runner.hadoop.of(self.aws.cluster(self.cluster)), folder)  # type: ignore[attr-defined]  # its engine is YARN

    def lose(self, instance: Instance) -> None:
        """Break an instance without notice."""
        self.aws.aws.perform(lambda: self.aws.aws.emr.lose(instance))

    def assert_right(self, name: str, folder: Path, place: str | None = None) -> None:
        """Hold a run's manifest and its table against the truth."""
        found = self.aws.s3.get_object(Bucket=BUCKET, Key=f"{name}/manifest.json")["Body"].read()
        assert json.loads(found)["rows"] == self.rows
        prefix = f"{place or name + '/table'}/"
        files = [key for key in self.aws.keys(BUCKET, prefix) if not key.endswith("/")]  # no marks of folders
        for key in files:
            path = folder / key.removeprefix(prefix)
            path.parent.mkdir(parents=True, exist_ok=True)
            self.aws.s3.download_file(BUCKET, key, str(path))
        dates = query(
            "SELECT event_date::VARCHAR, count(*) FROM files GROUP BY 1", f"{folder}/event_date=*/*.parquet"
        )
        assert dict(dates) == self.dates


@pytest.fixture(scope="module")
def road(tmp_path_factory: pytest.TempPathFactory, jar_properties: dict[str, str]) -> Iterator[Road]:
    need(jar_properties)
    folder = tmp_path_factory.mktemp("yarn")
    truth = simulate(PLAN, delivery_of(folder / "raw", 300, {}))
    settings = Settings(durations=FAST, log_delay_s=0, engine=Engine.YARN)
    with embedded(folder / "aws", settings) as aws:
        aws.s3.create_bucket(Bucket=BUCKET)
        for path in (folder / "raw").rglob("*"):
            if path.is_file():
                aws.s3.upload_file(str(path), BUCKET, f"raw/{path.relative_to(folder / 'raw').as_posix()}")
        aws.s3.upload_file(str(archive.build(ROOT, folder / "dist")), BUCKET, "code/job_suite.zip")
        aws.s3.upload_file(str(ROOT / "jobs/device_readings.py"), BUCKET, "code/device_readings.py")
        cluster = aws.launch(
            ReleaseLabel=jars.running_release(),
            LogUri=f"s3://{BUCKET}/logs/",
            fleets=[fleet("MASTER", 1), fleet("CORE", 1), fleet("TASK", spot=1)],
            Configurations=[LABELS],
        )
        aws.until_state(cluster, "WAITING")
        dates = {date: change.inserted for date, change in truth.event_dates.items()}
        yield Road(aws, cluster, msgspec.to_builtins(truth.rows), dates)


def readings(name: str, *options: str, raw: str = f"s3://{BUCKET}/raw", table: str | None = None) -> Any:
    """Ask for device_readings in cluster mode, from the zip."""
    where = f"s3://{BUCKET}/{name}"
    return spark_step(
        name,
        *("--deploy-mode", "cluster", *LIGHT, *options),
        *("--py-files", f"s3://{BUCKET}/code/job_suite.zip", f"s3://{BUCKET}/code/device_readings.py"),
        *("--input", raw, "--output", table or f"{where}/table", "--quarantine", f"{where}/quarantine"),
        *("--manifest", f"{where}/manifest.json", "--reader", "portable"),
    )


def copy(name: str, src: str, dest: str) -> Any:
    jar = {"Jar": "command-runner.jar", "Args": ["s3-dist-cp", f"--src={src}", f"--dest={dest}"]}
    return {"Name": name, "ActionOnFailure": "CONTINUE", "HadoopJarStep": jar}


def test_a_job_in_cluster_mode_reads_and_writes_hdfs(road: Road, tmp_path: Path) -> None:
    steps = [
        copy("in", f"s3://{BUCKET}/raw", "hdfs:///raw"),
        readings("hdfs", raw="hdfs:///raw", table="hdfs:///table"),
        copy("out", "hdfs:///table", f"s3://{BUCKET}/copied"),
    ]
    ids = [road.run(step) for step in steps]
    for step in ids:
        road.complete(step)
    road.assert_right("hdfs", tmp_path, "copied")
    prefix, wanted = f"logs/{road.cluster}/containers/application_", {"stderr.gz", "stdout.gz"}
    road.aws.until(lambda: {key.rpartition("/")[2] for key in road.aws.keys(BUCKET, prefix)} == wanted)


def test_what_a_lost_node_had_shuffled_is_computed_again(road: Road, tmp_path: Path) -> None:
    step = road.run(readings("executor", *TWO))
    watch = road.watch(step)
    (lost,) = watch.hosts_of_read_shuffles(but_not=watch.master())
    road.lose(lost)
    road.complete(step)
    road.assert_right("executor", tmp_path)
    assert watch.recomputed() > 0


def test_an_application_whose_masters_node_is_lost_is_tried_again(road: Road, tmp_path: Path) -> None:
    on_spot = (*PLAIN_LOG, "--conf", "spark.yarn.am.nodeLabelExpression=SPOT")
    step = road.run(readings("master", *on_spot))
    watch = road.watch(step)
    master = watch.master()
    assert master.market == "SPOT"
    road.lose(master)
    road.complete(step)
    road.assert_right("master", tmp_path)
    assert watch.attempts() == 2


@pytest.mark.one_release
def test_a_node_that_is_to_go_is_drained_first(road: Road) -> None:
    tasks = road.aws.cluster(road.cluster).collection("TASK")
    assert tasks is not None

    def resize(spot: int) -> None:
        road.aws.until(lambda: tasks.status.state == "RUNNING")
        change: Any = {"InstanceFleetId": tasks.id, "TargetSpotCapacity": spot, "TargetOnDemandCapacity": 0}
        road.aws.emr.modify_instance_fleet(ClusterId=road.cluster, InstanceFleet=change)

    step = road.run(copy("ready", f"s3://{BUCKET}/raw", "hdfs:///ready"))
    road.complete(step)
    (leaving,), hadoop = tasks.live, road.watch(step).hadoop
    (host,) = [one for one in hadoop.rest.running_nodes() if hadoop.node_of(one) is leaving]
    resize(0)
    try:
        road.aws.until(lambda: not leaving.is_live)
        assert leaving.status.message == "Instance was terminated."
        assert host not in hadoop.rest.live_nodes()
        assert f"<name>{host}</name>" in (hadoop.launcher.conf / "yarn.exclude.xml").read_text()
    finally:
        resize(1)
        road.aws.until(lambda: len(tasks.live) == 1 and tasks.status.state == "RUNNING")
