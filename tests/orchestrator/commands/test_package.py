import zipfile
from pathlib import Path

import boto3
import pytest
from moto import mock_aws
from typer.testing import CliRunner

from orchestrator import cli
from orchestrator.checkout import ROOT
from orchestrator.commands.package import deploy_package


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


def test_what_was_deployed_is_printed_a_uri_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    with mock_aws():
        s3 = boto3.client("s3", region_name="us-east-1")
        s3.create_bucket(Bucket="lake")
        collected = deploy_package("lake", ROOT, lambda: s3)
    assert capsys.readouterr().out.splitlines() == [file.uri for file in collected.files]
    assert {"jobs/device_readings.py", "jobs/readings_hourly.py", "jobs/cloudtrail_events.py"} == set(
        collected.artifacts.entry_points
    )
    assert "bootstrap/verified.sh" in collected.artifacts.bootstrap
