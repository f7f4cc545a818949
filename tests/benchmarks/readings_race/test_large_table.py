from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from benchmarks.readings_race.large_table import TOUCHED, large_table, rows_of_day, take_over
from benchmarks.readings_race.tables import data_files, digest
from jobs.common import runner
from jobs.device_readings import JOB
from tests.benchmarks.readings_race.deliveries import small_delivery

ROWS = 500


@pytest.fixture
def table(tmp_path: Path) -> Path:
    return large_table(tmp_path, ROWS)


def test_the_rows_lie_evenly_over_a_hundred_days(table: Path) -> None:
    days = [Path(name).parent.name.removeprefix("event_date=") for name in data_files(table)]
    assert len(days) == 100
    assert set(map(str, TOUCHED)) <= set(days)
    for day in (days[0], days[-1]):
        found = digest(table, [day])
        assert (found.rows, found.keys) == (rows_of_day(ROWS), 5)


def test_it_is_made_once(table: Path, tmp_path: Path) -> None:
    for name in data_files(table)[1:]:
        Path(name).unlink()
    assert len(data_files(large_table(tmp_path, ROWS))) == 1
    (table / "_made").unlink()
    assert len(data_files(large_table(tmp_path, ROWS))) == 100


def test_the_job_merges_into_it_and_leaves_the_original_as_it_was(
    spark: SparkSession, table: Path, tmp_path: Path
) -> None:
    days = [str(day) for day in TOUCHED]
    before, made, place = digest(table, days), small_delivery(tmp_path), tmp_path / "out"
    take_over(table, place / "table")
    flags = ["--input", made.folder, "--output", f"{place}/table", "--quarantine", f"{place}/quarantine"]
    runner.run(JOB, JOB.parse([*flags, "--manifest", f"{place}/manifest.json"]), spark)
    assert digest(place / "table", days).rows == before.rows + made.rows
    assert digest(table, days) == before
