"""What DuckDB counts of a copy of the lake."""

from pathlib import Path

import duckdb

from scripts.demo_road.accounting import Tables
from scripts.demo_road.tables import days, read_tables


def write(folder: Path, rows: str) -> None:
    folder.mkdir(parents=True)
    with duckdb.connect() as database:
        database.execute(f"COPY ({rows}) TO '{folder / 'a.parquet'}'")


def readings(values: str) -> str:
    return f"SELECT a AS device_id, b::DOUBLE AS pm2_5, c::DOUBLE AS temperature_c FROM (VALUES {values}) AS t(a, b, c)"  # noqa: S608 - figures of our own


def test_tables_are_counted(tmp_path: Path) -> None:
    table = tmp_path / "clean" / "device_readings"
    write(table / "event_date=2024-03-02", readings("('a', 1.3, 10.0), ('b', NULL, 20.0)"))
    write(table / "event_date=2024-03-01", readings("('a', 2.0, 5.0)"))
    write(
        tmp_path / "clean" / "readings_hourly" / "event_date=2024-03-01", "SELECT unnest([1, 2]) AS readings"
    )
    write(tmp_path / "quarantine" / "device_readings" / "run_id=r1", "SELECT unnest(['a', 'b']) AS raw")
    assert read_tables(tmp_path) == Tables(rows=3, quarantined=2, in_hours=3, pm2_5_tenths=33)
    names, rows = days(tmp_path)
    assert names == ["event_date", "rows", "devices", "mean °C", "mean pm2.5", "max pm2.5"]
    assert rows == [("2024-03-01", 1, 1, 5.0, 2.0, 2.0), ("2024-03-02", 2, 2, 15.0, 1.3, 1.3)]


def test_where_there_is_no_table_nothing_is_counted(tmp_path: Path) -> None:
    assert read_tables(tmp_path) == Tables()
    assert days(tmp_path) == ([], [])
