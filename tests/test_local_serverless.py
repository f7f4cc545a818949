"""The embedded EMR Serverless from end to end: job runs by the Spark of the release."""

import json
import shutil
import venv
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest

from benchmarks.serverless_chaos.requests import job_run_request
from ingestion.devices.plan import Plan, Rates
from ingestion.devices.reasons import spread_evenly
from ingestion.devices.running import delivery_of
from ingestion.devices.synthetic import simulate
from local_aws.clients import client
from local_aws.server import Settings
from local_aws.serverless.world import Durations
from orchestrator.packaging import archive
from scripts import jars
from tests.conftest import ROOT, need
from tests.local_aws.embedded import FAST, Embedded, embedded

pytestmark = pytest.mark.spark
BUCKET: Final = "serverless"
DELTA: Final = "/usr/share/aws/delta/lib/delta-spark.jar,/usr/share/aws/delta/lib/delta-storage.jar"
RATES: Final = Rates(late=0.05, duplicate=0.05, correction=0.02, unknown_field=0, out_of_order=0, glue=0.1)
# Fails in its first attempt, which leaves a mark; then it runs Spark, with a library that its archive brings.
PROGRAM: Final = """
import sys
from pathlib import Path

mark = Path(sys.argv[1])
if not mark.exists():
    mark.touch()
    sys.exit(7)
import brought
from pyspark.sql import SparkSession

rows = SparkSession.builder.getOrCreate().sparkContext.parallelize(range(4), 2)
print(brought.NAME, rows.map(lambda row: (row, __import__("brought").NAME)).collect()[3], sys.prefix)
"""


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory, jar_properties: dict[str, str]) -> Iterator[Embedded]:
    need(jar_properties)
    settings = Settings(durations=FAST, serverless=Durations().faster(1000), log_delay_s=0)
    with embedded(tmp_path_factory.mktemp("aws"), settings) as made:
        made.aws.serverless.quotas = None
        made.s3.create_bucket(Bucket=BUCKET)
        yield made


@pytest.fixture(scope="module")
def serverless(aws: Embedded) -> Iterator[Any]:
    made = client(aws.aws.url, "emr-serverless")
    yield made
    made.close()


@pytest.fixture(scope="module")
def application(aws: Embedded, serverless: Any) -> str:
    """Create an application of the release that runs these tests; its job runs have Delta by a configuration."""
    made: str = serverless.create_application(
        name="jobs",
        releaseLabel=jars.running_release(),
        type="SPARK",
        runtimeConfiguration=[{"classification": "spark-defaults", "properties": {"spark.jars": DELTA}}],
        monitoringConfiguration={"s3MonitoringConfiguration": {"logUri": f"s3://{BUCKET}/logs"}},
    )["applicationId"]
    known = aws.aws.serverless.service.account.applications[made]
    aws.until(lambda: known.state == "CREATED")
    return made


def run(aws: Embedded, serverless: Any, request: dict[str, Any]) -> Any:
    """Run a job to its end, and return it as it is shown then."""
    made = serverless.start_job_run(**request)["jobRunId"]
    known = aws.aws.serverless.service.account.job_runs[made]
    aws.until(lambda: known.has_ended)
    return serverless.get_job_run(applicationId=request["applicationId"], jobRunId=made)["jobRun"]


def test_device_readings_runs_as_a_job_run_on_s3(
    aws: Embedded, serverless: Any, application: str, tmp_path: Path
) -> None:
    plan = Plan(5, 20, 1000, datetime(2024, 3, 1, tzinfo=UTC), 72.0, RATES, spread_evenly(60, 20))
    truth = simulate(plan, delivery_of(tmp_path / "raw", 300, {}))
    for path in (path for path in (tmp_path / "raw").rglob("*") if path.is_file()):
        aws.s3.upload_file(str(path), BUCKET, f"raw/{path.relative_to(tmp_path / 'raw').as_posix()}")
    aws.s3.upload_file(str(archive.build(ROOT, tmp_path / "dist")), BUCKET, "code/job_suite.zip")
    aws.s3.upload_file(str(ROOT / "jobs/device_readings.py"), BUCKET, "code/device_readings.py")
    where = f"s3://{BUCKET}/table"
    submit = {
        "entryPoint": f"s3://{BUCKET}/code/device_readings.py",
        "entryPointArguments": [
            *("--input", f"s3://{BUCKET}/raw", "--output", f"{where}/data"),
            *("--quarantine", f"{where}/quarantine", "--manifest", f"{where}/manifest.json"),
            *("--format", "delta"),
        ],
        "sparkSubmitParameters": f"--py-files s3://{BUCKET}/code/job_suite.zip "
        "--conf spark.sql.shuffle.partitions=2",
    }
    shown = run(aws, serverless, job_run_request(application, "d", jobDriver={"sparkSubmit": submit}))
    assert shown["state"] == "SUCCESS", shown["stateDetails"]
    manifest = json.loads(aws.s3.get_object(Bucket=BUCKET, Key="table/manifest.json")["Body"].read())
    assert manifest["rows"] == msgspec.to_builtins(truth.rows)
    assert aws.keys(BUCKET, "table/data/_delta_log/00000000000000000000.json")
    logs = f"logs/applications/{application}/jobs/{shown['jobRunId']}/SPARK_DRIVER"
    assert "SparkContext" in aws.log(BUCKET, f"{logs}/stderr.gz")


@pytest.mark.one_release
def test_a_second_attempt_runs_with_what_an_archive_brings(
    aws: Embedded, serverless: Any, application: str, tmp_path: Path
) -> None:
    venv.create(tmp_path / "venv", symlinks=True)
    site = next((tmp_path / "venv/lib").iterdir()) / "site-packages"
    (site / "brought.py").write_text("NAME = 'brought'\n")
    packed = shutil.make_archive(str(tmp_path / "env"), "gztar", tmp_path / "venv")
    aws.s3.upload_file(packed, BUCKET, "code/env.tar.gz")
    aws.s3.put_object(Bucket=BUCKET, Key="code/program.py", Body=PROGRAM.encode())
    python = "PYSPARK_PYTHON=./environment/bin/python"
    submit = {
        "entryPoint": f"s3://{BUCKET}/code/program.py",
        "entryPointArguments": [str(tmp_path / "mark")],
        "sparkSubmitParameters": f"--conf spark.archives=s3://{BUCKET}/code/env.tar.gz#environment "
        f"--conf spark.emr-serverless.driverEnv.{python} --conf spark.executorEnv.{python}",
    }
    request = job_run_request(
        application, "a", jobDriver={"sparkSubmit": submit}, retryPolicy={"maxAttempts": 2}
    )
    shown = run(aws, serverless, request)
    assert (shown["state"], shown["attempt"]) == ("SUCCESS", 2), shown["stateDetails"]
    logs = f"logs/applications/{application}/jobs/{shown['jobRunId']}/attempts/2/SPARK_DRIVER"
    told = aws.log(BUCKET, f"{logs}/stdout.gz").splitlines()
    said = next(line for line in told if line.startswith("brought"))
    assert said.startswith("brought (3, 'brought') ")
    assert said.endswith("/attempts/2/scratch/environment")
