"""The parts of the comparison that start no other Spark."""

from datetime import date
from pathlib import Path

import pytest
import typer
from pyspark.sql import SparkSession
from typer.testing import CliRunner

from benchmarks import readings_hourly
from benchmarks.readings_hourly import LATE, Cost, make_readings, write_manifest
from jobs.common.files import Files
from jobs.common.kinds.hours import changed_hours, find_manifests
from tests.jobs.running import query


def test_the_readings_are_a_table_whose_late_day_alone_is_corrected(
    spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readings_hourly, "DAYS", 3)
    monkeypatch.setattr(readings_hourly, "FIRST", date(2023, 6, 29))
    figures = (
        "SELECT event_date, count(*), count(DISTINCT device_id), avg(pm10) FROM files GROUP BY ALL ORDER BY 1"
    )
    make_readings(spark, tmp_path / "t", 2, 4, correct=False)
    before = query(figures, f"{tmp_path}/t/*/*.parquet")
    assert [row[:3] for row in before] == [(date(2023, 6, day), 192, 2) for day in (29, 30)] + [
        (date(2023, 7, 1), 192, 2)
    ]
    make_readings(spark, tmp_path / "t", 2, 4, correct=True)
    after = query(figures, f"{tmp_path}/t/*/*.parquet")
    assert [row[0] for old, row in zip(before, after, strict=True) if row != old] == [LATE]


def test_the_manifest_names_the_late_day_whole(spark: SparkSession, tmp_path: Path) -> None:
    files = Files(spark)
    write_manifest(tmp_path / "late.json")
    found = changed_hours(
        files, find_manifests(files, [str(tmp_path)]), "device_readings", "event_date", frozenset()
    )
    assert found == {(LATE, hour) for hour in range(24)}


def test_the_command_prints_medians_and_the_shares(monkeypatch: pytest.MonkeyPatch) -> None:
    def costs(cpu_s: float) -> list[Cost]:
        rows = {"source_rows": 5, "read": 4, "inserted": 1, "updated": 2}
        return [Cost(cpu_s, cpu_s, rows), Cost(99.0, 99.0, rows), Cost(0.5, 0.5, rows)]

    monkeypatch.setattr(
        readings_hourly,
        "compare",
        lambda *_: {
            "year": costs(42.0),
            "new table": costs(22.0),
            "late day": costs(6.0),
            "nothing": costs(2.0),
        },
    )
    app = typer.Typer()
    app.command()(readings_hourly.main)
    result = CliRunner().invoke(app, ["--rounds", "3"])
    assert result.exit_code == 0
    assert (
        "late day        6.0 s CPU      6.0 s wall            5 readings         4 rows         3 written"
        in result.stdout
    )
    assert "share of year: 14.3% of the CPU, 10.0% without the start of Spark" in result.stdout
    assert "share of new table: 27.3% of the CPU, 20.0% without the start of Spark" in result.stdout
