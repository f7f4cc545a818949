"""All 420,768 real readings, held against the CSV files as DuckDB alone reads them."""

from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
from pyspark.sql import SparkSession

from ingestion.devices.replay import Replay, play
from ingestion.devices.running import layout_of
from jobs.device_readings import METRICS
from tests.jobs.running import Places, query, run_readings, table_files

CSV_COLUMNS = dict(
    zip(
        METRICS,
        ("PM2.5", "PM10", "SO2", "NO2", "CO", "O3", "TEMP", "PRES", "DEWP", "RAIN", "WSPM"),
        strict=True,
    )
)
READINGS = 420_768


def figures(metrics: list[str]) -> str:
    """Select the count, the null count and the sum of each metric; sums in exact decimals."""
    return ", ".join(
        f"count({metric}), count(*) - count({metric}), sum({metric}::DECIMAL(18, 6))" for metric in metrics
    )


def expected_figures(folder: Path) -> list[tuple[Any, ...]]:
    metrics = [f'"{name}"' for name in CSV_COLUMNS.values()]
    return duckdb.execute(
        f"""
        SELECT lower(station) AS device_id,
               strftime(make_timestamp(year, month, day, hour, 0, 0) - INTERVAL 8 HOURS, '%Y-%m') AS month_utc,
               {figures(metrics)}
        FROM read_csv(?, nullstr = 'NA') GROUP BY ALL ORDER BY 1, 2
        """,  # noqa: S608 - column names of our own
        [str(folder / "*.csv.gz")],
    ).fetchall()


@pytest.fixture(scope="module")
def real_places(spark: SparkSession, shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Places:
    folder = tmp_path_factory.mktemp("real")
    replay = Replay(shared_data / "air_quality")
    truth = play(replay, layout_of(folder / "raw", 20_000, {}))
    places = Places(folder)
    manifest = run_readings(spark, places, [folder / "raw"])
    assert manifest["rows"]["inserted"] == truth.rows.inserted == READINGS
    assert manifest["rows"]["quarantined"] == {}
    return places


def test_every_figure_by_station_and_utc_month_is_that_of_the_csv(
    real_places: Places, shared_data: Path
) -> None:
    sql = f"""
        SELECT device_id, strftime(event_time AT TIME ZONE 'UTC', '%Y-%m') AS month_utc, {figures(list(METRICS))}
        FROM files GROUP BY ALL ORDER BY 1, 2
    """  # noqa: S608 - column names of our own
    found = query(sql, table_files(real_places))
    expected = expected_figures(shared_data / "air_quality")
    assert len(expected) == 12 * 49
    assert found == expected


def test_partitions_are_the_utc_dates_of_the_readings(real_places: Places) -> None:
    wrong = query(
        "SELECT count(*) FROM files WHERE event_date <> (event_time AT TIME ZONE 'UTC')::DATE",
        table_files(real_places),
    )
    assert wrong == [(0,)]
    edges = query(
        "SELECT min(event_date), max(event_date), count(DISTINCT event_date) FROM files",
        table_files(real_places),
    )
    assert edges == [(date(2013, 2, 28), date(2017, 2, 28), 1462)]
