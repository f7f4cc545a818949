"""The command; what it measures by starting Spark is tested in readings_race/ in the session of the tests."""

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from benchmarks import device_readings
from benchmarks.device_readings import plan
from benchmarks.readings_race.messages import Chunk

app = typer.Typer()
app.command()(device_readings.main)
SMALL = ["--messages", "2000", "--objects", "2", "--rounds", "1"]


def test_sizes_are_blocks_after_an_almost_empty_start(tmp_path: Path) -> None:
    start, one, three = plan(tmp_path, Chunk(1, 0, 0, 2, 100), [1, 3])
    assert (start.case.name, start.case.messages, start.case.is_size, start.rows) == ("start", 10, False, 10)
    assert (one.case.name, one.case.messages, len(one.inputs)) == ("1x", 200, 1)
    assert (three.case.name, three.case.messages, len(three.inputs)) == ("3x", 600, 3)
    assert one.inputs[0] == three.inputs[0]
    assert three.case.is_size


def test_the_command_prints_figures_what_is_the_same_and_what_is_skipped(tmp_path: Path) -> None:
    flags = ["--variants", "duckdb,floor", "--sizes", "1,2", "--small-objects", "--data", str(tmp_path)]
    result = CliRunner().invoke(app, [*SMALL, *flags], catch_exceptions=False)
    assert result.exit_code == 0
    assert "CPU per further million of messages" in result.stdout
    assert "floor: small objects take" in result.stdout
    assert "1x: the same 1,960 rows from all, 1,960 keys" in result.stdout
    assert "duckdb skips: a text that reads as a number is taken for one; " in result.stdout
    assert "round 1/1 2x floor" in result.stderr


def test_the_command_prints_json(tmp_path: Path) -> None:
    flags = ["--variants", "duckdb", "--sizes", "1", "--data", str(tmp_path), "-o", "json"]
    result = CliRunner().invoke(app, [*SMALL, *flags], catch_exceptions=False)
    told = json.loads(result.stdout)
    assert [run["case"] for run in told["runs"]] == ["start", "1x"]
    assert told["growth"] == []
    assert list(told["skips"]) == ["duckdb"]


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (["--sizes", "0,1"], "expected whole numbers of 1 or more with commas between, got '0,1'"),
        (
            ["--variants", "naive,spark"],
            "'spark' is none; accepted: naive, portable, fast, duckdb, polars, floor",
        ),
    ],
)
def test_what_it_does_not_know_is_refused(flags: list[str], words: str, tmp_path: Path) -> None:
    result = CliRunner().invoke(app, [*SMALL, *flags, "--data", str(tmp_path)])
    assert result.exit_code == 2
    assert words in " ".join(result.stderr.replace("│", " ").split())
    assert list(tmp_path.iterdir()) == []
