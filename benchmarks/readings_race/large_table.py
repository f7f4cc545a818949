"""A large table for runs to merge into: as the job lays it out, made once by DuckDB, and taken over by links."""

import os
import shutil
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

import duckdb

from benchmarks.readings_race.messages import DAYS, FIRST_MS
from benchmarks.readings_race.shape import COLUMNS, METRICS

DAYS_OF_TABLE: Final = 100
LATE_DAYS: Final = 3
_FIRST_DAY: Final = datetime.fromtimestamp(FIRST_MS / 1000, UTC).date()
# The partitions that a delivery touches.
TOUCHED: Final = [_FIRST_DAY + timedelta(days=number) for number in range(-LATE_DAYS, DAYS)]
_FORM: Final = 1


def large_table(cache: Path, rows: int) -> Path:
    """Return a table of about so many rows, evenly over the hundred days up to a delivery's last; makes it if need be.

    Its keys are in no delivery: a run inserts into partitions that hold much already.
    """
    table = cache / f"table-{_FORM}-{rows}"
    if not (table / "_made").exists():
        shutil.rmtree(table, ignore_errors=True)
        table.mkdir(parents=True)
        with duckdb.connect() as database:
            database.execute("SET TimeZone = 'UTC'")
            for number in range(DAYS_OF_TABLE):
                _write_day(database, table, TOUCHED[-1] - timedelta(days=number), rows_of_day(rows))
        (table / "_made").touch()
    return table


def rows_of_day(rows: int) -> int:
    """Return how many rows each day of a table of so many holds."""
    return rows // DAYS_OF_TABLE


def take_over(table: Path, place: Path) -> None:
    """Put the table at a place by links: no run changes a file, it only replaces it."""
    shutil.copytree(table, place, copy_function=os.link, ignore=shutil.ignore_patterns("_made"))


def _write_day(database: duckdb.DuckDBPyConnection, table: Path, day: date, rows: int) -> None:
    """Write a day, sorted as the job sorts it."""
    folder = table / f"event_date={day}"
    folder.mkdir()
    columns = {
        "device_id": "format('device-{:06d}', i * 2000 // $rows)",
        "event_id": f"format('{day}-{{}}', i)",
        "event_time": f"TIMESTAMPTZ '{day} 00:00:00Z' + INTERVAL 1 MILLISECOND * (i * 7919 % 86400000)",
        "received_at": "event_time + INTERVAL 10 SECONDS",
        "firmware": "'1.5.0'",
        "lat": "39.5 + i % 97 / 100",
        "lon": "115.5 + i % 89 / 100",
        **{name: f"round(hash(i, '{name}') % 1000 / 25, 1)" for name in METRICS},
        "wind_direction": "'NE'",
        "rescued": "NULL::VARCHAR",
        "source_object": f"'s3://raw/{day}/objects.gz'",
    }
    chosen = ", ".join(f"{columns[name]} AS {name}" for name in COLUMNS if name in columns)
    database.execute(
        f"COPY (SELECT {chosen} FROM range($rows) t(i) ORDER BY device_id, event_time) "  # noqa: S608 - our own names
        f"TO '{folder}/00000000-manual-00000.parquet' (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1)",
        {"rows": rows},
    )
