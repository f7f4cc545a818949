"""What lies in the tables, read by DuckDB from copies of their files, as any engine would."""

from pathlib import Path
from typing import Any, Final

import duckdb

from scripts.demo_road.accounting import Tables

_DAYS: Final = """
    SELECT event_date::VARCHAR AS event_date, count(*) AS "rows", count(DISTINCT device_id) AS devices,
           round(avg(temperature_c), 1) AS "mean °C", round(avg(pm2_5), 1) AS "mean pm2.5",
           round(max(pm2_5), 1) AS "max pm2.5"
    FROM read_parquet(?, hive_partitioning = true) GROUP BY event_date ORDER BY event_date
"""


def read_tables(lake: Path) -> Tables:
    """Count what lies below a copy of the lake."""
    readings, hours = lake / "clean" / "device_readings", lake / "clean" / "readings_hourly"
    quarantine = lake / "quarantine" / "device_readings"
    rows, tenths = _first(readings, "event_date=*", "count(*)", "coalesce(sum(round(pm2_5 * 10)), 0)")
    [quarantined] = _first(quarantine, "run_id=*", "count(*)")
    [in_hours] = _first(hours, "event_date=*", "coalesce(sum(readings), 0)")
    return Tables(
        rows=int(rows), quarantined=int(quarantined), in_hours=int(in_hours), pm2_5_tenths=int(tenths)
    )


def days(lake: Path) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Return the table day by day: names of columns, and rows; none where there is no table."""
    table = lake / "clean" / "device_readings"
    if not any(table.glob("event_date=*/*.parquet")):
        return [], []
    found = duckdb.execute(_DAYS, [str(table / "event_date=*" / "*.parquet")])
    names = [str(column[0]) for column in found.description or []]
    return names, found.fetchall()


def _first(table: Path, partition: str, *figures: str) -> tuple[Any, ...]:
    """Compute figures of a table; zeros where it has no file."""
    if not any(table.glob(f"{partition}/*.parquet")):
        return (0,) * len(figures)
    query = f"SELECT {', '.join(figures)} FROM read_parquet(?, hive_partitioning = true)"  # noqa: S608 - figures of our own
    found = duckdb.execute(query, [str(table / partition / "*.parquet")]).fetchone()
    assert found is not None  # noqa: S101 - figures without groups are one row
    return found
