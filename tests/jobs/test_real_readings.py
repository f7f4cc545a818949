"""All 420,768 real readings, held against the CSV files as DuckDB alone reads them."""

from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
from pyspark.sql import SparkSession

from ingestion.devices.replay import Replay, play
from ingestion.devices.running import delivery_of
from jobs.device_readings import METRICS
from tests.jobs.running import Places, query, run_hourly, run_readings, table_files

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
    truth = play(replay, delivery_of(folder / "raw", 20_000, {}))
    places = Places(folder)
    manifest = run_readings(spark, places, [folder / "raw"])
    assert manifest["rows"]["inserted"] == truth.rows.inserted == READINGS
    assert manifest["rows"]["quarantined"] == {}
    return places


@pytest.mark.one_release
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


@pytest.mark.one_release
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


def linked(places: Places, root: Path, first: date, last: date) -> Path:
    """Make a table of some days of the readings, by links to their files."""
    for folder in places.table.glob("event_date=*"):
        if str(first) <= folder.name.removeprefix("event_date=") <= str(last):
            (root / folder.name).mkdir(parents=True)
            for file in folder.glob("*.parquet"):
                (root / folder.name / file.name).hardlink_to(file)
    return root


def flags_by_duckdb(folder: Path, first: date, last: date) -> list[tuple[Any, ...]]:
    """Work out from the CSV files what each metric's hours and flags are; station by station, nothing of Spark."""
    columns = ", ".join(f'"{csv}" AS {metric}' for metric, csv in CSV_COLUMNS.items())
    return duckdb.execute(
        f"""
        WITH readings AS (
            SELECT lower(station) AS device_id, {columns},
                   make_timestamp(year, month, day, hour, 0, 0) - INTERVAL 8 HOURS AS start
            FROM read_csv(?, nullstr = 'NA')
        ),
        hours AS (
            SELECT device_id, start, metric, value
            FROM (UNPIVOT readings ON {", ".join(METRICS)} INTO NAME metric VALUE value)
            WHERE start::DATE BETWEEN ? AND ?
        ),
        looks AS (SELECT device_id, metric, start, value, unnest(range(1, 29)) AS back FROM hours),
        held AS (
            SELECT looks.device_id, looks.metric, looks.start, any_value(looks.value) AS value,
                   list(earlier.value) AS baseline
            FROM (SELECT *, start - to_days(back::INTEGER) AS day_before FROM looks) AS looks
            JOIN hours AS earlier
            ON (earlier.device_id, earlier.metric, earlier.start) = (looks.device_id, looks.metric, day_before)
            GROUP BY 1, 2, 3 HAVING count(*) >= 7
        ),
        medians AS (SELECT *, list_aggregate(baseline, 'median') AS median FROM held),
        spreads AS (SELECT *, list_transform(baseline, lambda each: abs(each - median)) AS deviations FROM medians),
        scores AS (
            SELECT metric, value <> median AS differs, CASE
                WHEN list_aggregate(deviations, 'median') > 0
                THEN 0.6745 * (value - median) / list_aggregate(deviations, 'median')
                WHEN list_aggregate(deviations, 'avg') > 0
                THEN (value - median) / (1.253314 * list_aggregate(deviations, 'avg'))
                WHEN value = median THEN 0 END AS zscore
            FROM spreads
        )
        SELECT metric, count(zscore), count_if(coalesce(abs(zscore) > 3.5, differs)), sum(zscore)
        FROM scores GROUP BY 1 ORDER BY 1
        """,  # noqa: S608 - column names of our own
        [str(folder / "*.csv.gz"), first, last],
    ).fetchall()


@pytest.mark.one_release
def test_hours_and_flags_of_a_winter_are_those_that_duckdb_finds_in_the_csv(
    spark: SparkSession, real_places: Places, shared_data: Path, tmp_path: Path
) -> None:
    first, last = date(2015, 12, 1), date(2016, 1, 31)
    readings = linked(real_places, tmp_path / "readings", first, last)
    told = run_hourly(spark, readings, tmp_path / "hours")
    hours = 12 * 24 * 62
    assert (told["rows"]["source_rows"], told["rows"]["inserted"], len(told["partitions"])) == (
        hours,
        hours,
        62,
    )
    per_metric = " UNION ALL ".join(
        f"SELECT '{metric}', count({metric}_zscore), count_if({metric}_is_anomaly), sum({metric}_zscore) FROM files"  # noqa: S608 - column names of our own
        for metric in METRICS
    )
    found = query(f"{per_metric} ORDER BY 1", f"{tmp_path}/hours/event_date=*/*.parquet")
    expected = flags_by_duckdb(shared_data / "air_quality", first, last)
    assert [row[:3] for row in found] == [row[:3] for row in expected]
    assert [row[3] for row in found] == pytest.approx([row[3] for row in expected], rel=1e-9)
    assert sum(row[2] for row in found) > 1000
