"""What all tests share: one Spark session a worker, the real data, and how hypothesis searches."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from pyspark.sql import SparkSession

from benchmarks.running.local_spark import FIRST_COMPILER, INTERPRETED, LOCAL
from jobs.common import session as job_session
from local_aws.s3_server import S3Server
from scripts import jars

ROOT = Path(__file__).resolve().parents[1]
IS_CI = bool(os.environ.get("CI"))

# For every JVM that spark-submit starts, the session's too: what runs once, on few rows, is compiled well for nothing.
# With its first compiler alone a JVM keeps 48 MiB for machine code, which the whole suite fills.
# Of classes that Spark has released, each JVM would verify ten thousand again.
os.environ["SPARK_SUBMIT_OPTS"] = (
    f"{FIRST_COMPILER} -XX:ReservedCodeCacheSize=256m "
    "-XX:+UnlockDiagnosticVMOptions -XX:-BytecodeVerificationRemote"
)

# In CI the same commit is judged by the same examples; on a laptop each run looks at others.
settings.register_profile("house", deadline=None, derandomize=IS_CI, print_blob=True)
settings.load_profile("house")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what asks for the Spark session, which is what another Spark could change: nobody has to think of it.

    Tests of the whole project come first: they take long, and the other worker does the rest meanwhile. Then files that
    do not use the session, which takes memory from its first use on; then whole jobs, so that the last files are small
    and both workers end together.
    """
    for item in items:
        if isinstance(item, pytest.Function) and "spark" in item.fixturenames:
            item.add_marker("spark")
    on_spark = {item.path for item in items if item.get_closest_marker("spark")}
    items.sort(
        key=lambda item: (
            item.path.parent != ROOT / "tests",
            item.path in on_spark,
            item.path.parent != ROOT / "tests" / "jobs",
        )
    )


# What S3A waits before it tries again: half a second and more, but for tests. (The SDK's own waits are fixed.)
_IMPATIENT = {
    "fs.s3a.retry.interval": "5ms",
    "fs.s3a.retry.throttle.interval": "5ms",
}


@pytest.fixture(scope="session")
def jar_properties() -> dict[str, str]:
    """Fetch what Delta tables and s3:// need; a laptop may go without it, CI may not."""
    try:
        return jars.properties(("delta", "s3"))
    except jars.JarsError as fault:
        if IS_CI:
            pytest.fail(str(fault))
        return {}


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory, jar_properties: dict[str, str]) -> Iterator[SparkSession]:
    """Start the one Spark session of the whole run, with what jobs set themselves, such as UTC."""
    scratch = tmp_path_factory.mktemp("spark")
    options = {
        **LOCAL,
        **jar_properties,
        # Delta lays its log out for large tables: fifty tasks a look.
        "spark.databricks.delta.snapshotPartitions": "2",
        "spark.driver.memory": "2g",
        # A machine that slept for two minutes would count its one executor as lost, and wait for it for ever.
        "spark.storage.blockManagerHeartbeatTimeoutMs": "36000000",
        "spark.python.daemon.module": "tests.python_daemon",
        "spark.executorEnv.PYTHONPATH": str(ROOT),
        "spark.local.dir": str(scratch / "local"),
        "spark.sql.shuffle.partitions": "2",
        "spark.sql.warehouse.dir": str(scratch / "warehouse"),
    }
    session = job_session.build("tests", options, with_delta=bool(jar_properties))
    session.sparkContext.setLogLevel("ERROR")
    yield session
    gateway = session.sparkContext._gateway
    assert gateway is not None
    code = gateway.proc.poll()
    assert code is None, f"Spark's JVM had ended before its session did, with exit code {code}"
    session.stop()


@pytest.fixture(scope="module")
def interpreted(spark: SparkSession) -> Iterator[None]:
    """Let Spark interpret expressions: code for a plan that runs once on a few rows takes longer than it gives.

    Whole jobs are tested with the code that Spark generates too, as they run elsewhere.
    """
    with job_session.settings(spark, INTERPRETED):
        yield


@pytest.fixture(scope="session")
def delta(spark: SparkSession, jar_properties: dict[str, str]) -> SparkSession:
    """Give the session to a test that needs Delta; without its jars the test is skipped."""
    need(jar_properties)
    return spark


@pytest.fixture(scope="session")
def s3(spark: SparkSession, jar_properties: dict[str, str]) -> Iterator[S3Server]:
    """Start the S3 server that s3:// means in the session; without S3A's jars the test is skipped."""
    need(jar_properties)
    server = S3Server()
    conf = spark._jsc.hadoopConfiguration()
    for name, value in {**server.hadoop_settings(), **_IMPATIENT}.items():
        conf.set(name, value)
    yield server
    server.close()


@pytest.fixture
def bucket(spark: SparkSession, s3: S3Server) -> Iterator[str]:
    """Make a bucket for one test, and let go of S3A's client for it afterwards."""
    name = s3.new_bucket()
    yield name
    conf = spark._jsc.hadoopConfiguration()
    assert spark._jvm is not None
    spark._jvm.org.apache.hadoop.fs.Path(f"s3://{name}/").getFileSystem(conf).close()


def need(jar_properties: dict[str, str]) -> None:
    """Skip a test that needs jars where there are none."""
    if not jar_properties:
        pytest.skip(
            "expected the jars of Delta and S3A, could not fetch them: scripts/jars delta s3 says why"
        )


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Find the real data."""
    return find_shared_data()


def find_shared_data() -> Path:
    """Find the folder beside the checkout; a laptop may go without it, CI may not."""
    data = ROOT.parent / "shared" / "data"
    if not data.is_dir():
        message = f"{data}: expected the real data there, found no such folder"
        if IS_CI:
            pytest.fail(message)
        pytest.skip(message)
    return data
