import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from ingestion.device_simulator import app
from ingestion.devices.truth import read_truth
from tests.ingestion.deliveries import assert_truth, contents
from tests.ingestion.judge import judge

SYNTHETIC = ["synthetic", "--messages", "600", "--devices", "9", "--days", "2", "-o", "json"]
TROUBLE = [
    *("--late-rate", "0.05", "--duplicate-rate", "0.05", "--correction-rate", "0.05", "--glue-rate", "0.2"),
    *("--unknown-field-rate", "0.05", "--out-of-order-rate", "0.1"),
]


def _run(folder: Path, *arguments: str, output: str = "out") -> Result:
    places = ["--output", str(folder / output), "--truth", str(folder / f"{output}.json")]
    return CliRunner().invoke(app, [*arguments, *places], env={"COLUMNS": "200", "TERM": "dumb"})


@pytest.mark.parametrize(
    ("faults", "faulty"),
    [
        (["--fault-rate", "0.2"], 120),
        (["--faulty", "100"], 100),
        (["--faults-per-reason", "2", "--heavy-faults", "1"], 90),
        ([], 0),
    ],
)
def test_synthetic_writes_a_delivery_and_its_truth(tmp_path: Path, faults: list[str], faulty: int) -> None:
    result = _run(tmp_path, *SYNTHETIC, *TROUBLE, *faults)
    assert result.exit_code == 0, result.output
    truth = read_truth(tmp_path / "out.json")
    assert_truth(truth, judge(tmp_path / "out"))
    assert truth.kinds["faulty"] == faulty
    assert json.loads(result.stdout)["rows"]["read"] == 600


def test_the_same_command_gives_the_same_bytes(tmp_path: Path) -> None:
    for folder in (tmp_path / "a", tmp_path / "b"):
        assert _run(folder, *SYNTHETIC, *TROUBLE, "--faulty", "60", "--seed", "3").exit_code == 0
    assert contents(tmp_path / "a") == contents(tmp_path / "b")


def test_a_second_delivery_may_go_to_the_same_folder(tmp_path: Path) -> None:
    for seed in ("1", "2"):
        assert _run(tmp_path, *SYNTHETIC, "--seed", seed).exit_code == 0
    assert judge(tmp_path / "out").read == 1_200


def test_objects_sets_how_many_there_are(tmp_path: Path) -> None:
    assert _run(tmp_path, *SYNTHETIC, "--objects", "7").exit_code == 0
    assert judge(tmp_path / "out").objects == 7


def test_a_follow_up_looks_back_on_a_delivery(tmp_path: Path) -> None:
    _run(tmp_path, *SYNTHETIC, output="first")
    counts = ["--late", "30", "--corrected", "20", "--repeated", "10"]
    of = ["--of", str(tmp_path / "first.json")]
    assert _run(tmp_path, "follow-up", *of, *counts, output="second").exit_code == 0
    rows = read_truth(tmp_path / "second.json").rows
    assert (rows.read, rows.inserted, rows.updated, rows.duplicates) == (60, 30, 20, 10)
    assert len(judge(tmp_path / "first", tmp_path / "second").table()) == 630


def test_replay_takes_stations_in_either_spelling(shared_data: Path, tmp_path: Path) -> None:
    source = ["--source", str(shared_data / "air_quality"), "--from", "2016-02-28", "--to", "2016-03-01"]
    result = _run(tmp_path, "replay", *source, "--station", "dongsi", "--station", "Gucheng", "-o", "json")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["rows"]["accepted"] == 2 * 3 * 24
    assert_truth(read_truth(tmp_path / "out.json"), judge(tmp_path / "out"))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([*SYNTHETIC, "--late-rate", "1.5"], "--late-rate: expected 0 to 1, got 1.5"),
        ([*SYNTHETIC, "--start", "tomorrow"], "'tomorrow' does not match the format"),
        (
            [*SYNTHETIC, "--faulty", "1", "--fault-rate", "0.5"],
            "--fault-rate, --faulty: expected one of them, got 2",
        ),
        ([*SYNTHETIC, "--duplicate-rate", "0.7"], "2 x (duplicate + correction)"),
        ([*SYNTHETIC, "--objects", "2", "--messages-per-object", "2"], "expected one of them, got both"),
        ([*SYNTHETIC, "--faulty", "-1"], "--faulty -1: expected 0 or more"),
        ([*SYNTHETIC, "--fault-rate", "1.1"], "at most all messages"),
        ([*SYNTHETIC, "--objects", "-1"], "--objects: expected 1 or more, got -1"),
        ([*SYNTHETIC, "--messages", "0"], "--messages: expected 1 or more, got 0"),
        ([*SYNTHETIC, "--messages-per-object", "-3"], "--messages-per-object: expected 1 or more, got -3"),
        (["replay", "--source", "/absent"], "--source: expected a folder"),
        (["replay", "--source", ".", "--station", "x"], "--station: expected one of Aotizhongxin"),
        (["follow-up", "--of", "/absent.json", "--late", "1"], "found no file"),
        (["replay"], "Missing option '--source'"),
    ],
)
def test_wrong_usage_exits_2_and_writes_nothing(tmp_path: Path, arguments: list[str], message: str) -> None:
    result = _run(tmp_path, *arguments)
    assert (result.exit_code, message in result.stderr) == (2, True), result.output
    assert contents(tmp_path) == {}


def test_a_failure_exits_1(tmp_path: Path) -> None:
    _run(tmp_path, *SYNTHETIC)
    next((tmp_path / "out").rglob("*.gz")).write_bytes(b"mine")
    result = _run(tmp_path, *SYNTHETIC)
    assert (result.exit_code, "found other bytes" in result.stderr) == (1, True)


@pytest.mark.parametrize("command", ["replay", "synthetic", "follow-up"])
def test_every_option_is_explained(command: str) -> None:
    result = CliRunner().invoke(app, [command, "--help"], env={"COLUMNS": "200", "TERM": "dumb"})
    assert result.exit_code == 0
    assert "--truth" in result.stdout
