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
from local_aws.hadoop.cluster import HadoopCluster
from local_aws.server import Engine, Settings
from orchestrator.packaging import archive
from scripts import jars
from tests.conftest import ROOT, need
from tests.jobs.running import query
from tests.local_aws.embedded import FAST, Embedded, embedded, spark_step
from tests.local_aws.emr.launching import fleet
from tests.local_aws.hadoop.yarn_watch import Watch, blocks, until

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

    @property
    def hadoop(self) -> HadoopCluster:
        """Its HDFS and YARN."""
        engine = self.aws.aws.emr.world.runner.hadoop  # type: ignore[attr-defined]  # its engine is YARN
        found: HadoopCluster = engine.of(self.aws.cluster(self.cluster))
        return found

    def watch(self, step: str) -> Watch:
        """Look at a step's application."""
        return Watch(self.hadoop, self.aws.data / "clusters" / self.cluster / "steps" / step)

    def lose(self, instance: Instance) -> None:
        """Break an instance without notice."""
        self.aws.aws.perform(lambda: self.aws.aws.emr.lose(instance))

    def interrupt(self, instance: Instance, watch: Watch) -> None:
        """Take a Spot instance back: from its notice on it takes no containers, two minutes later it is gone."""
        self.aws.aws.perform(lambda: self.aws.aws.emr.interrupt(instance))
        watch.until_it_takes_no_containers(instance)
        self.aws.put_on(121)
        assert not instance.is_live

    def resize(self, role: str, on_demand: int, spot: int) -> None:
        """Ask for another size of a fleet, once the last one is there."""
        found = self.aws.cluster(self.cluster).collection(role)
        assert found is not None
        self.aws.until(lambda: found.status.state == "RUNNING")
        change: Any = {
            "InstanceFleetId": found.id,
            "TargetSpotCapacity": spot,
            "TargetOnDemandCapacity": on_demand,
        }
        self.aws.emr.modify_instance_fleet(ClusterId=self.cluster, InstanceFleet=change)

    def live(self, role: str) -> list[Instance]:
        """Return the live instances of a fleet, in the order in which they came."""
        found = self.aws.cluster(self.cluster).collection(role)
        assert found is not None
        return found.live

    def until_size(self, role: str, size: int) -> None:
        """Wait until a fleet has so many instances that run."""
        self.aws.until(lambda: [one.status.state for one in self.live(role)] == ["RUNNING"] * size)

    def sizes(self, prefix: str) -> dict[str, int]:
        """Return the sizes of the objects below a prefix, by the rest of their keys."""
        pages = self.aws.s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=prefix)
        found = [one for page in pages for one in page["Contents"] if not one["Key"].endswith("/")]
        return {one["Key"].removeprefix(prefix): one["Size"] for one in found}

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


def test_an_application_whose_masters_node_is_interrupted_is_tried_again(road: Road, tmp_path: Path) -> None:
    on_spot = (*PLAIN_LOG, "--conf", "spark.yarn.am.nodeLabelExpression=SPOT")
    step = road.run(readings("master", *on_spot))
    watch = road.watch(step)
    master = watch.master()
    assert master.market == "SPOT"
    road.interrupt(master, watch)
    road.complete(step)
    road.assert_right("master", tmp_path)
    assert watch.attempts() == 2


@pytest.mark.one_release
def test_a_step_that_is_cancelled_leaves_nothing_on_yarn(road: Road) -> None:
    step = road.run(readings("cancelled"))
    watch = road.watch(step)
    until(lambda: not watch.hadoop.rest.has_ended(watch.application))
    road.aws.emr.cancel_steps(ClusterId=road.cluster, StepIds=[step])
    road.aws.until_step(road.cluster, step, "CANCELLED")
    assert watch.hadoop.rest.has_ended(watch.application)


@pytest.mark.one_release
def test_nodes_that_are_to_go_are_drained_first(road: Road) -> None:
    (leaving,), hadoop = road.live("TASK"), road.hadoop
    (host,) = [one for one in hadoop.rest.running_nodes() if hadoop.node_of(one) is leaving]
    road.resize("TASK", 0, 0)
    try:
        road.aws.until(lambda: not leaving.is_live)
        assert leaving.status.message == "Instance was terminated."
        assert host not in hadoop.rest.live_nodes()
        # In its place a second core node: what HDFS has there is copied before it goes.
        road.resize("CORE", 2, 0)
        road.until_size("CORE", 2)
        until(lambda: len(hadoop.rest.data_nodes()) == 2)
        road.complete(road.run(copy("in", f"s3://{BUCKET}/raw", "hdfs:///spread")))
        first, second = road.live("CORE")
        assert blocks(hadoop, second) > 0
        road.resize("CORE", 1, 0)
        road.aws.until(lambda: not second.is_live)
        assert first.is_live
        road.complete(road.run(copy("out", "hdfs:///spread", f"s3://{BUCKET}/spread")))
        assert road.sizes("spread/") == road.sizes("raw/")
    finally:
        road.resize("CORE", 1, 0)
        road.resize("TASK", 0, 1)
        road.until_size("TASK", 1)
