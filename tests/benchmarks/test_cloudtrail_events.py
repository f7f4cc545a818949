"""The parts of the comparison that start no Spark; jobs on both readers are tested elsewhere."""

import gzip
import json
from pathlib import Path

import duckdb
import pytest
import typer
from typer.testing import CliRunner

from benchmarks import cloudtrail_events
from benchmarks.cloudtrail_events import (
    ComparisonError,
    Run,
    copies,
    digest,
    read_records,
    report,
    write_delivery,
)


def test_copies_have_ids_of_their_own_and_are_else_what_they_are_of() -> None:
    records = [{"eventID": "a", "x": 1}, {"eventID": "b", "x": 2}]
    found = list(copies(records, 5))
    assert [one["x"] for one in found] == [1, 2, 1, 2, 1]
    assert len({one["eventID"] for one in found}) == 5
    assert records == [{"eventID": "a", "x": 1}, {"eventID": "b", "x": 2}]


def test_a_delivery_is_read_as_what_was_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cloudtrail_events, "EVENTS_PER_OBJECT", 2)
    write_delivery(tmp_path / "in", [{"eventID": "a", "x": {"y": "é"}}], 5)
    objects = sorted((tmp_path / "in").iterdir())
    assert [len(json.loads(gzip.decompress(one.read_bytes()))["Records"]) for one in objects] == [2, 2, 1]
    assert [one["x"] for one in read_records(tmp_path)] == [{"y": "é"}] * 5


def test_a_folder_without_events_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ComparisonError, match="expected objects of CloudTrail"):
        read_records(tmp_path)


def test_tables_are_told_apart_by_any_value_and_not_by_their_files(tmp_path: Path) -> None:
    def write(name: str, *files: str) -> tuple[int, int]:
        folder = tmp_path / name / "d=1" / "e=2"
        folder.mkdir(parents=True)
        (tmp_path / name / "_runs").mkdir()
        (tmp_path / name / "_runs" / "no.parquet").write_text("no rows of the table")
        for number, rows in enumerate(files):
            duckdb.sql(f"COPY (FROM (VALUES {rows}) t(a, b)) TO '{folder}/{number}.parquet'")
        return digest(tmp_path / name)

    one = write("one", "(1, 'x'), (2, 'y')")
    assert one[0] == 2
    assert write("two", "(2, 'y')", "(1, 'x')") == one
    assert write("other", "(1, 'x'), (2, NULL)") != one
    assert digest(tmp_path / "none") == (0, 0)


def test_growth_leaves_the_start_out() -> None:
    runs = [
        Run(reader, count, cpu, cpu)
        for reader, start, per in (("portable", 30.0, 100.0), ("fast", 20.0, 50.0))
        for count, cpu in ((10, start), (100_000, start + 9 + per / 10), (200_000, start + 9 + per / 5))
    ]
    lines = report(runs)
    assert "portable  100 s CPU for a further million" in lines
    assert "fast      50 s CPU for a further million" in lines
    assert lines[-1] == "fast takes 0.50 of portable's"


def test_a_fault_is_told_and_ends_the_command(tmp_path: Path) -> None:
    app = typer.Typer()
    app.command()(cloudtrail_events.main)
    result = CliRunner().invoke(app, ["--source", str(tmp_path)])
    assert result.exit_code == 1
    assert "expected objects of CloudTrail" in result.stderr
