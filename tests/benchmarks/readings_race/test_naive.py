from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from benchmarks.readings_race import by_duckdb, naive
from benchmarks.readings_race.large_table import TOUCHED
from benchmarks.readings_race.tables import digest
from jobs.common import runner
from jobs.device_readings import JOB
from tests.benchmarks.readings_race.deliveries import (
    BAD,
    GOOD,
    GOOD_ROWS,
    rows_of,
    small_delivery,
    work_on,
    write_object,
)

DAYS = [str(day) for day in TOUCHED]


def test_the_naive_job_and_ours_write_the_rows_of_duckdb(spark: SparkSession, tmp_path: Path) -> None:
    made = small_delivery(tmp_path)
    by_duckdb.run(work_on([made.folder], tmp_path / "duckdb"))
    naive.write(spark, naive.clean(spark.read.json([made.folder])), str(tmp_path / "naive"), "parquet")
    flags = ["--input", made.folder, "--output", f"{tmp_path}/ours", "--quarantine", f"{tmp_path}/quarantine"]
    runner.run(
        JOB, JOB.parse([*flags, "--manifest", f"{tmp_path}/manifest.json", "--reader", "portable"]), spark
    )
    expected = digest(tmp_path / "duckdb" / "table", DAYS)
    assert expected.rows == made.rows
    assert digest(tmp_path / "naive", DAYS) == expected
    assert digest(tmp_path / "ours", DAYS) == expected


def test_bad_messages_are_dropped_and_a_table_is_merged_with(spark: SparkSession, tmp_path: Path) -> None:
    # Spark takes years for years, and dates before 2000 for good.
    bad = [line for line, reason in BAD if reason != "out_of_range_event_time"]
    first = write_object(tmp_path / "first", [*GOOD[:4], *bad])
    second = write_object(tmp_path / "second", GOOD[4:])
    table = tmp_path / "table"
    for folder in (first, second):
        naive.write(spark, naive.clean(spark.read.json([folder])), str(table), "parquet")
    assert rows_of(table) == GOOD_ROWS


@pytest.mark.parametrize("runs", [1, 2])
def test_delta_is_merged_with(delta: SparkSession, tmp_path: Path, runs: int) -> None:
    made, table = small_delivery(tmp_path), tmp_path / "table"
    for _ in range(runs):
        naive.write(delta, naive.clean(delta.read.json([made.folder])), str(table), "delta")
    found = digest(table, DAYS)
    assert (found.rows, found.keys) == (made.rows, made.rows)
