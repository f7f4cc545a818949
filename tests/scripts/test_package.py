"""scripts/package: the jobs' zip, or the environment of the fast reader."""

import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner

from orchestrator import cli
from orchestrator.errors import FailedError
from scripts import package, spark_environment

ROOT = Path(__file__).resolve().parents[2]


def test_the_jobs_are_packed_as_the_orchestrator_packs_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert package.main(["--output", str(tmp_path / "ours")]) == 0
    (ours,) = (tmp_path / "ours").iterdir()
    assert capsys.readouterr().out == f"{ours}\n"
    CliRunner().invoke(cli.app, ["package", "--output", str(tmp_path / "theirs")])
    (theirs,) = (tmp_path / "theirs").iterdir()
    assert (ours.name, ours.read_bytes()) == (theirs.name, theirs.read_bytes())


@pytest.mark.parametrize(
    ("arguments", "architecture"), [([], "x86_64"), (["--architecture", "arm64"], "arm64")]
)
def test_the_environment_is_packed_for_the_architecture(
    arguments: list[str],
    architecture: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def install(folder: Path, architecture: str) -> None:
        (folder / "tiny.py").write_text(architecture)

    monkeypatch.setattr(spark_environment, "install", install)
    assert package.main(["--environment", *arguments, "--output", str(tmp_path)]) == 0
    (built,) = tmp_path.iterdir()
    assert built.name.endswith(f"-{architecture}.tar.gz")
    assert capsys.readouterr().out == f"{built}\n"


def test_what_fails_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def install(*_: object) -> None:
        raise FailedError("no network")

    monkeypatch.setattr(spark_environment, "install", install)
    assert package.main(["--environment", "--output", str(tmp_path)]) == 1
    assert capsys.readouterr().err == "scripts/package: no network\n"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--architecture", "arm64"], "--architecture: expected it with --environment only"),
        (["--environment", "--architecture", "sparc"], "invalid choice: 'sparc'"),
    ],
)
def test_wrong_usage_is_refused(arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        package.main(arguments)
    assert ended.value.code == 2
    assert told in capsys.readouterr().err


def test_the_command_says_how_it_is_used() -> None:
    done = subprocess.run([ROOT / "scripts/package", "--help"], capture_output=True, text=True, check=True)
    usage = "usage: scripts/package [--environment [--architecture x86_64|arm64]] [--output FOLDER]"
    assert done.stdout.splitlines()[-1] == usage
