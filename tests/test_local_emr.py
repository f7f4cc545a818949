"""The embedded EMR from end to end: fleet clusters whose steps are run by the Spark of the release."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest

from ingestion.devices.plan import Plan, Rates
from ingestion.devices.reasons import spread_evenly
from ingestion.devices.running import layout_of
from ingestion.devices.synthetic import simulate
from local_aws.fault_script import FaultScript, ShortageOf
from local_aws.server import Settings
from orchestrator.packaging import archive
from scripts import jars
from tests.conftest import ROOT, need
from tests.jobs.running import query
from tests.local_aws.embedded import FAST, Embedded, embedded, spark_step
from tests.local_aws.emr.launching import fleet, spot_timeout

pytestmark = pytest.mark.spark
BUCKET: Final = "end-to-end"
RATES: Final = Rates(late=0.05, duplicate=0.05, correction=0.02, unknown_field=0, out_of_order=0, glue=0.1)
# What a step does that needs no session, and so no more than the seconds of a JVM.
PROGRAM: Final = """
import sys, time
from pathlib import Path

what, folder = sys.argv[1], Path(sys.argv[2] if len(sys.argv) > 2 else ".")
if what == "fail":
    sys.exit(3)
if what == "wait":
    (folder / "waits").touch()
    time.sleep(600)
if what.startswith("meet"):
    (folder / what).touch()
    while len(list(folder.glob("meet*"))) < 2:
        time.sleep(0.05)
print("done", what)
"""


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory, jar_properties: dict[str, str]) -> Iterator[Embedded]:
    need(jar_properties)
    with embedded(tmp_path_factory.mktemp("aws"), Settings(durations=FAST, log_delay_s=0)) as made:
        made.s3.create_bucket(Bucket=BUCKET)
        made.s3.put_object(Bucket=BUCKET, Key="program.py", Body=PROGRAM.encode())
        yield made


def launch(aws: Embedded, *steps: dict[str, Any], **further: Any) -> str:
    """Launch a fleet cluster of the release that runs these tests."""
    further = {"ReleaseLabel": jars.running_release(), "LogUri": f"s3://{BUCKET}/logs/", **further}
    return aws.launch(steps, **further)


def program(name: str, *arguments: str, action: str = "CONTINUE") -> dict[str, Any]:
    return spark_step(name, f"s3://{BUCKET}/program.py", *arguments, action=action)


def upload(aws: Embedded, folder: Path, prefix: str) -> None:
    for path in folder.rglob("*"):
        if path.is_file():
            aws.s3.upload_file(str(path), BUCKET, f"{prefix}/{path.relative_to(folder).as_posix()}")


def download(aws: Embedded, prefix: str, folder: Path) -> None:
    for key in aws.keys(BUCKET, f"{prefix}/"):
        path = folder / key.removeprefix(f"{prefix}/")
        path.parent.mkdir(parents=True, exist_ok=True)
        aws.s3.download_file(BUCKET, key, str(path))


def readings(name: str, *flags: str) -> dict[str, Any]:
    """Ask for device_readings as its README has it, on s3:// in and out."""
    where = f"s3://{BUCKET}/{name}"
    options = ("--deploy-mode", "cluster", "--conf", "spark.sql.shuffle.partitions=2")
    return spark_step(
        name,
        *(
            *options,
            "--py-files",
            f"s3://{BUCKET}/code/job_suite.zip",
            f"s3://{BUCKET}/code/device_readings.py",
        ),
        *(
            "--input",
            f"s3://{BUCKET}/raw",
            "--output",
            f"{where}/table",
            "--quarantine",
            f"{where}/quarantine",
        ),
        *("--manifest", f"{where}/manifest.json", *flags),
    )


def test_device_readings_runs_as_a_step_on_s3(aws: Embedded, tmp_path: Path) -> None:
    plan = Plan(5, 20, 3000, datetime(2024, 3, 1, tzinfo=UTC), 72.0, RATES, spread_evenly(60, 20))
    truth = simulate(plan, layout_of(tmp_path / "raw", 300, {}))
    upload(aws, tmp_path / "raw", "raw")
    aws.s3.upload_file(str(archive.build(ROOT, tmp_path / "dist")), BUCKET, "code/job_suite.zip")
    aws.s3.upload_file(str(ROOT / "jobs/device_readings.py"), BUCKET, "code/device_readings.py")
    cluster = launch(
        aws,
        readings("delta", "--format", "delta"),
        keep=False,
        fleets=[fleet("MASTER", 1), fleet("CORE", 1, 1), fleet("TASK", spot=2)],
        Configurations=[{"Classification": "delta-defaults", "Properties": {"delta.enabled": "true"}}],
    )
    aws.until_end(cluster)
    assert aws.steps(cluster) == {"delta": "COMPLETED"}
    manifest = json.loads(aws.s3.get_object(Bucket=BUCKET, Key="delta/manifest.json")["Body"].read())
    assert manifest["rows"] == msgspec.to_builtins(truth.rows)
    download(aws, "delta/table", tmp_path / "delta")
    dates = query(
        "SELECT event_date::VARCHAR, count(*) FROM files GROUP BY 1",
        f"{tmp_path}/delta/event_date=*/*.parquet",
    )
    assert dict(dates) == {date: change.inserted for date, change in truth.event_dates.items()}
    assert aws.keys(BUCKET, "delta/table/_delta_log/00000000000000000000.json")
    containers = {key.rpartition("/")[2] for key in aws.keys(BUCKET, f"logs/{cluster}/containers/")}
    assert containers == {"stdout.gz", "stderr.gz"}


@pytest.mark.one_release
@pytest.mark.parametrize(
    ("action", "end", "states"),
    [
        ("CONTINUE", None, ["FAILED", "COMPLETED"]),
        ("CANCEL_AND_WAIT", None, ["FAILED", "CANCELLED"]),
        ("TERMINATE_CLUSTER", ("TERMINATED_WITH_ERRORS", "STEP_FAILURE"), ["FAILED", "CANCELLED"]),
    ],
)
def test_a_step_that_fails_acts_as_its_action_on_failure_says(
    aws: Embedded, action: str, end: tuple[str, str] | None, states: list[str]
) -> None:
    cluster = launch(aws, program("first", "fail", action=action), program("second", "ok"))
    if end:
        assert aws.until_end(cluster) == end
    else:
        aws.until_state(cluster, "WAITING")
        aws.emr.terminate_job_flows(JobFlowIds=[cluster])
    assert list(aws.steps(cluster).values()) == states
    step = aws.cluster(cluster).steps[0]
    assert step.failure is not None
    assert step.failure["LogFile"] == f"s3://{BUCKET}/logs/{cluster}/steps/{step.id}/stderr.gz"
    assert "exitCode 3" in aws.log(BUCKET, f"logs/{cluster}/steps/{step.id}/controller.gz")


@pytest.mark.one_release
def test_a_step_is_cancelled_and_the_next_one_runs(aws: Embedded, tmp_path: Path) -> None:
    cluster = launch(aws, program("long", "wait", str(tmp_path)), program("next", "ok"))
    aws.until((tmp_path / "waits").exists)
    long = aws.cluster(cluster).steps[0].id
    aws.emr.cancel_steps(ClusterId=cluster, StepIds=[long], StepCancellationOption="SEND_INTERRUPT")
    aws.until_state(cluster, "WAITING")
    assert aws.steps(cluster) == {"long": "CANCELLED", "next": "COMPLETED"}
    aws.emr.terminate_job_flows(JobFlowIds=[cluster])


@pytest.mark.one_release
def test_steps_run_beside_each_other(aws: Embedded, tmp_path: Path) -> None:
    steps = [program(name, name, str(tmp_path)) for name in ("meet-1", "meet-2")]
    cluster = launch(aws, *steps, StepConcurrencyLevel=2)
    aws.until_state(cluster, "WAITING")
    assert aws.steps(cluster) == {"meet-1": "COMPLETED", "meet-2": "COMPLETED"}
    aws.emr.terminate_job_flows(JobFlowIds=[cluster])


@pytest.mark.one_release
def test_an_idle_cluster_ends_itself_and_one_that_runs_a_step_does_not(aws: Embedded, tmp_path: Path) -> None:
    cluster = launch(aws, program("long", "wait", str(tmp_path)), AutoTerminationPolicy={"IdleTimeout": 3600})
    aws.until((tmp_path / "waits").exists)
    aws.put_on(2 * 3600)
    assert aws.cluster(cluster).status.state == "RUNNING"
    aws.emr.cancel_steps(ClusterId=cluster, StepIds=[aws.cluster(cluster).steps[0].id])
    aws.until_state(cluster, "WAITING")
    aws.put_on(1800)  # half of it: the clock also runs with the machine's
    assert aws.cluster(cluster).status.state == "WAITING"
    aws.put_on(1801)
    assert aws.until_end(cluster)[0] == "TERMINATED"


@pytest.mark.one_release
def test_where_spot_runs_dry_on_demand_takes_its_place(
    tmp_path: Path, jar_properties: dict[str, str]
) -> None:
    need(jar_properties)
    dry = FaultScript(shortages=(ShortageOf(market="SPOT"),))
    with embedded(tmp_path, Settings(durations=FAST, faults=dry)) as aws:
        aws.s3.create_bucket(Bucket=BUCKET)
        aws.s3.put_object(Bucket=BUCKET, Key="program.py", Body=PROGRAM.encode())
        core = fleet("CORE", spot=2, **spot_timeout("SWITCH_TO_ON_DEMAND", 5))
        cluster = launch(aws, program("work", "ok"), keep=False, fleets=[fleet("MASTER", 1), core])
        aws.put_on(150)  # half of it: the clock also runs with the machine's
        assert aws.cluster(cluster).status.state == "STARTING"
        aws.put_on(151)
        assert aws.until_end(cluster) == ("TERMINATED", "ALL_STEPS_COMPLETED")
        assert aws.steps(cluster) == {"work": "COMPLETED"}
        fleets = aws.emr.list_instance_fleets(ClusterId=cluster)["InstanceFleets"]
        told = next(one for one in fleets if one["InstanceFleetType"] == "CORE")
        assert (told["TargetSpotCapacity"], told["TargetOnDemandCapacity"]) == (0, 2)
        hard = fleet("CORE", spot=2, **spot_timeout("TERMINATE_CLUSTER", 5))
        lost = launch(aws, fleets=[fleet("MASTER", 1), hard])
        aws.put_on(301)
        assert aws.until_end(lost) == ("TERMINATED_WITH_ERRORS", "INSTANCE_FLEET_TIMEOUT")


@pytest.mark.one_release
def test_a_bootstrap_action_that_fails_ends_the_cluster_before_its_steps(aws: Embedded) -> None:
    aws.s3.put_object(Bucket=BUCKET, Key="act.sh", Body=b"#!/bin/bash\necho broken >&2\nexit 1\n")
    action = {"Name": "act", "ScriptBootstrapAction": {"Path": f"s3://{BUCKET}/act.sh"}}
    cluster = launch(aws, program("never", "ok"), BootstrapActions=[action])
    assert aws.until_end(cluster) == ("TERMINATED_WITH_ERRORS", "BOOTSTRAP_FAILURE")
    assert aws.steps(cluster) == {"never": "CANCELLED"}
    master = next(one for one in aws.cluster(cluster).instances if one.role == "MASTER")
    assert aws.log(BUCKET, f"logs/{cluster}/node/{master.ec2_id}/bootstrap-actions/1/stderr.gz") == "broken\n"
