"""`orchestrator package` and `orchestrator deploy`."""

import hashlib
import zipfile
from pathlib import Path

import pytest
from typer.testing import CliRunner

from orchestrator import cli
from orchestrator.checkout import ROOT
from tests.orchestrator.commands.conftest import Commands


def test_the_path_of_the_zip_is_printed_and_nothing_else(tmp_path: Path) -> None:
    result = CliRunner().invoke(cli.app, ["package", "--output", str(tmp_path / "a folder")])
    (target,) = (tmp_path / "a folder").iterdir()
    assert (result.exit_code, result.stdout, result.stderr) == (0, f"{target}\n", "")
    assert "jobs/device_readings.py" in zipfile.ZipFile(target).namelist()


def test_by_default_it_goes_to_dist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(cli.app, ["package"])
    (target,) = Path("dist").iterdir()
    assert result.stdout == f"{target}\n"


def test_what_was_deployed_is_told_and_lies_there_once(commands: Commands) -> None:
    told = commands.told("deploy")
    by_name = {row["artifact"]: row for row in told}
    assert {"jobs (--py-files)", "jobs/device_readings.py", "bootstrap/verified.sh"} <= set(by_name)
    keys = commands.aws.keys("emr-job-suite", "artifacts/")
    assert sorted(row["uri"] for row in told) == [f"s3://emr-job-suite/{key}" for key in keys]
    entry = by_name["jobs/device_readings.py"]
    content = (ROOT / "jobs/device_readings.py").read_bytes()
    assert entry["sha256"] == hashlib.sha256(content).hexdigest()
    assert commands.told("deploy") == told
    table = commands.run("deploy")
    assert (table.exit_code, table.stderr) == (0, "")
    assert entry["uri"] in table.stdout


def test_without_a_bucket_nothing_is_deployed(commands: Commands) -> None:
    result = commands.run("deploy", "--bucket", "no-such-bucket")
    assert (result.exit_code, result.stdout) == (3, "")
    assert "Error: S3 PutObject s3://no-such-bucket/artifacts/" in result.stderr
    assert "NoSuchBucket" in result.stderr
