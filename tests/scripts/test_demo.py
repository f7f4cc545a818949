"""scripts/demo: what it takes, and the demo over files. The whole road is run by tests/test_readme.py."""

import subprocess
from pathlib import Path

import pytest

from tests.conftest import ROOT


def demo(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [ROOT / "scripts" / "demo", *arguments], capture_output=True, text=True, check=False, timeout=300
    )


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--kep"], "unknown argument '--kep'; accepted: --keep, --files, --messages N, --output DIR"),
        (["--output"], "--output: expected a folder after it"),
        (["--messages"], "--messages: expected a number from 1000 to 99999999, got ''"),
        (["--messages", "9x9"], "--messages: expected a number from 1000 to 99999999, got '9x9'"),
        (["--files", "--keep"], "--keep: with --files nothing runs that could stay; leave one of them out"),
        (
            ["--output", str(ROOT / "docs")],
            "docs is there and no demo made it; accepted: a folder that is not",
        ),
    ],
)
def test_what_is_wrong_is_told_before_anything_is_done(arguments: list[str], told: str) -> None:
    done = demo(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("scripts/demo: ")
    assert told in done.stderr


def test_its_help_names_each_option() -> None:
    done = demo("--help")
    assert done.returncode == 0
    for option in ("--keep", "--files", "--messages N", "--output DIR"):
        assert option in done.stdout


@pytest.mark.spark
@pytest.mark.one_release
def test_over_files_it_shows_where_every_row_went(tmp_path: Path) -> None:
    done = demo("--files", "--messages", "2000", "--output", str(tmp_path / "output"))
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    for words in ("Where every row went", "readings_hourly: ", "hours of the second run: "):
        assert words in done.stdout
    assert (tmp_path / "output" / "manifests" / "hourly-second.json").exists()
