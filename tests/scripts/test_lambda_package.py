import io
import json
import os
import re
import subprocess
import sys
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import boto3
import pytest

from ingestion.firehose_transform.events import WANTED
from local_aws.clients import VARIABLES, client
from local_aws.emr.simulated_runner import StepPlan
from orchestrator.errors import FailedError
from orchestrator.packaging import archive
from orchestrator.packaging.deploy import collect
from scripts import lambda_package
from tests.infrastructure.consumer import copy_installed, pinned
from tests.infrastructure.consumer import package as events_package
from tests.local_aws.simulated import simulated
from tests.orchestrator.events.pretended import notification

ROOT = Path(__file__).resolve().parents[2]
RUNTIME = ("boto3", "botocore", "s3transfer", "dateutil", "urllib3", "six.py", "jmespath")
"""What Lambda's own Python has beside the standard library."""

EACH_SAMPLE = """
import json, pathlib, sys
sys.path[:0] = sys.argv[1:3]
from ingestion.firehose_transform.handler import handler
for path in sorted(pathlib.Path(sys.argv[3]).glob("*.json")):
    try:
        event = json.loads(path.read_text())
    except ValueError:
        event = path.read_text()
    try:
        told = [record["result"] for record in handler(event, None)["records"]]
    except Exception as error:
        told = f"{type(error).__name__}: {error}"
    print(json.dumps({"sample": path.name, "told": told}))
print(json.dumps({"loaded": sorted({name.split(".")[0] for name in sys.modules})}))
"""


A_TURN = """
import json, pathlib, sys, types
sys.path[:0] = sys.argv[1:3]
from orchestrator.events_lambda import handler
context = types.SimpleNamespace(get_remaining_time_in_millis=lambda: 100_000)
handler(json.loads(sys.argv[3]), context)
handler({"source": "aws.scheduler"}, context)
print(json.dumps({"loaded": sorted({name.split(".")[0] for name in sys.modules})}))
"""


def made(folder: Path, function: str) -> Path:
    return lambda_package.build(ROOT, folder, lambda_package.PACKAGES[function], "x86_64", copy_installed)


def linked(runtime: Path) -> None:
    """Put what Lambda's Python has into a folder."""
    runtime.mkdir()
    for library in RUNTIME:
        (runtime / library).symlink_to(Path(str(boto3.__file__)).parents[1] / library)


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("dist"), "transform")


def test_the_same_sources_and_lock_give_the_same_bytes_and_a_name_by_them(
    package: Path, tmp_path: Path
) -> None:
    again = made(tmp_path / "elsewhere", "transform")
    assert (again.name, again.read_bytes()) == (package.name, package.read_bytes())
    digits = archive.short_hash(package.read_bytes())
    assert package.name == f"emr_job_suite_lambda-{archive.version_of(ROOT)}-{digits}-x86_64.zip"
    assert list(package.parent.iterdir()) == [package]


def test_the_zip_holds_what_functions_need_and_nothing_of_spark_or_boto3(package: Path) -> None:
    with zipfile.ZipFile(package) as zipped:
        names = zipped.namelist()
    assert names == sorted(names)
    tops = {name.split("/")[0] for name in names if ".dist-info/" not in name}
    assert tops == {"aws_lambda_powertools", "ingestion", "jmespath", "msgspec", "typing_extensions.py"}
    assert not [name for name in names if name.endswith((".pyc", "/RECORD", "/INSTALLER", "/REQUESTED"))]
    assert package.stat().st_size < lambda_package.MOST_BYTES


def test_the_function_runs_from_the_zip_alone_on_every_sample(
    package: Path, shared_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    task, runtime = tmp_path / "task", tmp_path / "runtime"
    with zipfile.ZipFile(package) as zipped:
        zipped.extractall(task)
    linked(runtime)
    monkeypatch.setenv("TRANSFORM_STREAM", "devices")
    command = [sys.executable, "-I", "-S", "-c", EACH_SAMPLE, str(task), str(runtime)]
    done = subprocess.run(
        [*command, str(shared_data / "aws_events")], capture_output=True, text=True, check=False, timeout=120
    )
    assert (done.returncode, done.stderr) == (0, "")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    logged = [line for line in lines if line.get("message") == "batch transformed"]
    assert [line["received"] for line in logged] == [2, 2]
    told = {line["sample"]: line["told"] for line in lines if "sample" in line}
    assert len(told) == len(list((shared_data / "aws_events").glob("*.json")))
    assert told.pop("kinesis-firehose-event.json") == ["Ok", "Ok"]
    assert told.pop("powertools_kinesisFirehosePutEvent.json") == ["Ok", "Ok"]
    assert {text.split(", got")[0] for text in told.values()} == {f"WrongEventError: {WANTED}"}
    assert not {"pyspark", "numpy", "boto3"} & set(lines[-1]["loaded"])


def test_the_zip_of_the_consumer_holds_what_runs_ship_and_has_the_limits_of_the_other(tmp_path: Path) -> None:
    path = made(tmp_path, "events")
    with zipfile.ZipFile(path) as zipped:
        names = zipped.namelist()
    tops = {name.split("/")[0] for name in names if ".dist-info/" not in name}
    assert {"bootstrap", "cluster_configs", "ingestion", "jobs", "orchestrator", "pipelines"} < tops
    assert {"jobs/device_readings.py", "pipelines/readings.yaml", "cluster_configs/base.yaml"} < set(names)
    assert not {"boto3", "botocore", "pyspark", "local_aws", "tests", "mypy_boto3_s3"} & tops
    assert path.stat().st_size < lambda_package.MOST_BYTES


def test_the_consumer_begins_a_run_from_a_folder_that_nobody_writes_to(tmp_path: Path) -> None:
    task, runtime = tmp_path / "task", tmp_path / "runtime"
    with zipfile.ZipFile(io.BytesIO(events_package("packed"))) as zipped:
        zipped.extractall(task)
    for path in [task, *task.rglob("*")]:
        path.chmod(path.stat().st_mode & ~0o222)
    linked(runtime)
    before = {path: path.stat().st_mtime_ns for path in task.rglob("*")}
    with simulated(tmp_path / "aws", [StepPlan("", minutes=(30, 30))]) as aws:
        aws.s3.create_bucket(Bucket="state-of-packed")
        for name in ("packed-events", "packed-events-dead"):
            client(aws.aws.url, "sqs").create_queue(QueueName=name)
        variables = {**VARIABLES, "AWS_ENDPOINT_URL": aws.aws.url, "PATH": os.environ["PATH"]}
        variables |= {"EMR_JOB_SUITE_BUCKET": "state-of-packed", "EMR_JOB_SUITE_PIPELINE": "packed"}
        variables["EMR_JOB_SUITE_VARIABLES"] = json.dumps({"raw": "raw-of-packed"})
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
        event = notification("packed/a", bucket="raw-of-packed").replace("2026-04-01T12:00:00.000Z", now)
        command = [sys.executable, "-I", "-S", "-B", "-c", A_TURN, str(task), str(runtime), event]
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=120, env=variables, cwd=task
        )
        assert (done.returncode, done.stderr) == (0, "")
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        assert lines[:2] == [{"batchItemFailures": []}, {"closed": [], "cut": 1, "open": [1]}]
        [cluster] = aws.emr.list_clusters()["Clusters"]
        [step] = aws.emr.list_steps(ClusterId=cluster["Id"])["Steps"]
        keys = aws.keys("state-of-packed", "artifacts/")
    # What a cluster is given has the names that a checkout gives it.
    collected = collect("state-of-packed", ROOT)
    assert {file.key for file in collected.files} == set(keys)
    assert collected.artifacts.py_files in step["Config"]["Args"]
    assert not {"pyspark", "mypy_boto3_s3"} & set(lines[-1]["loaded"])
    assert {path: path.stat().st_mtime_ns for path in task.rglob("*")} == before


@pytest.mark.parametrize("package", lambda_package.PACKAGES.values(), ids=lambda_package.PACKAGES)
def test_functions_run_with_the_versions_that_are_tested(package: lambda_package.Package) -> None:
    tested = pinned("emr-7.14.0.txt")
    found = pinned(Path(package.lock).name)
    assert found
    assert found.items() <= tested.items()


def test_a_zip_above_the_limit_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lambda_package, "MOST_BYTES", 1000)
    with pytest.raises(FailedError) as refused:
        made(tmp_path / "dist", "transform")
    assert re.fullmatch(
        "requirements/lambda.txt: expected a zip of at most 1000 bytes, got [0-9]+; leave a library out",
        str(refused.value),
    )
    assert not (tmp_path / "dist").exists()


@pytest.mark.parametrize(("architecture", "platform"), lambda_package.PLATFORMS.items())
def test_pip_installs_only_wheels_of_the_lock_for_lambdas_machine(
    architecture: str, platform: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[list[str]] = []

    def run(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        asked.append(command)
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(subprocess, "run", run)
    lambda_package.install(tmp_path, architecture, "requirements/lambda-events.txt")
    (command,) = asked
    assert command[:4] == [sys.executable, "-m", "pip", "install"]
    assert command[command.index("--platform") + 1] == platform
    assert command[command.index("--target") + 1] == str(tmp_path)
    assert command[-1] == str(ROOT / "requirements" / "lambda-events.txt")
    assert {"--require-hashes", "--only-binary=:all:", "--no-deps", "--no-compile"} < set(command)


def test_a_failure_of_pip_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess(command, 1, "", "ERROR: no network\n")

    monkeypatch.setattr(subprocess, "run", run)
    assert lambda_package.main(["--output", str(tmp_path), "--architecture", "arm64"]) == 1
    assert capsys.readouterr().err == (
        "scripts/package-lambda: requirements/lambda.txt: expected to install its wheels for manylinux2014_aarch64, "
        "pip failed: ERROR: no network; see that the network lets it through, and run again\n"
    )


def test_the_path_of_the_zip_is_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(lambda_package, "install", copy_installed)
    assert lambda_package.main(["--output", str(tmp_path)]) == 0
    (built,) = tmp_path.iterdir()
    assert capsys.readouterr().out == f"{built}\n"
