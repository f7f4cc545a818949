"""What docs/device_readings.md tells a user to write and type for the fast reader."""

import re
import shutil
import subprocess
from pathlib import Path

from typer.testing import CliRunner

from orchestrator import cli
from orchestrator.packaging.deploy import bootstrap_scripts
from scripts import spark_environment
from tests.conftest import ROOT
from tests.infrastructure.consumer import pinned

TEXT = (ROOT / "docs" / "device_readings.md").read_text(encoding="utf-8")


def test_the_cluster_with_the_bootstrap_action_is_one(tmp_path: Path) -> None:
    (text,) = re.findall(r"^```yaml\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE)
    for name in ("base.yaml", "job_specific.yaml"):
        shutil.copy(ROOT / "cluster_configs" / name, tmp_path)
    (tmp_path / "fast.yaml").write_text(text, encoding="utf-8")
    command = ["validate", str(tmp_path / "fast.yaml"), "--var", "bucket=lake", "--var", "subnets=[subnet-1]"]
    result = CliRunner().invoke(cli.app, command)
    assert (result.exit_code, result.stderr.partition(" errors")[0]) == (0, "1 files: 0")
    [path] = re.findall(r"Path: (\S+)", text)
    assert path in bootstrap_scripts(ROOT)


def test_the_arguments_that_are_told_are_those_of_the_script() -> None:
    [name] = re.findall(r'Args: \["(--\w+)", "s3://', TEXT)
    usage = (ROOT / "bootstrap/fast_reader.sh").read_text(encoding="utf-8").partition("set -euo")[0]
    assert f"[{name} s3://" in usage
    assert "`--python PATH`" in TEXT
    assert "[--python PATH]" in usage
    assert {"64 ", "69 ", "70 "} <= set(re.findall(r"\b(?:64|69|70) ", usage))


def test_the_command_that_packs_is_one_and_the_archive_has_that_name(tmp_path: Path) -> None:
    [command] = re.findall(r"^(scripts/package .*)$", TEXT, re.MULTILINE)
    subprocess.run([ROOT / "scripts/package", "--help"], check=True, capture_output=True)
    [architecture] = re.findall(r"--architecture (\S+)", command)
    built = spark_environment.build(tmp_path, architecture, lambda folder, _: (folder / "a.py").touch())
    [named] = re.findall(r"dist/(emr_job_suite_environment-…\S+)", TEXT)
    assert re.fullmatch(named.replace("…", "[0-9a-f]{12}"), built.name)


def test_the_libraries_that_are_told_are_those_of_the_lock() -> None:
    [told] = re.findall(r"Its libraries \(([^)]+)\)", TEXT)
    assert told.lower().split(", ") == sorted(pinned("fast.txt"))
