"""Small deliveries for tests, and what the engines are told."""

import gzip
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb

from benchmarks.readings_race.data import Delivery, delivery
from benchmarks.readings_race.messages import Chunk
from benchmarks.readings_race.places import Work, read_work
from benchmarks.readings_race.shape import METRICS


def small_delivery(folder: Path, block: int = 0) -> Delivery:
    return delivery(folder, Chunk(7, block, 0, 3, 1000))


def work_on(inputs: Sequence[str], place: Path) -> Work:
    flags = [part for folder in inputs for part in ("--input", folder)]
    return read_work([*flags, "--output", f"{place}/table", "--quarantine", f"{place}/quarantine"])


def message(**changes: Any) -> dict[str, Any]:
    told = {
        "device_id": "d",
        "event_id": "e",
        "event_time": "2024-03-01T23:30:00Z",
        "received_at": "2024-03-01T23:31:00Z",
        "firmware": "1",
        "location": {"lat": 1.5, "lon": 2.5},
        "metrics": {**dict.fromkeys(METRICS, 3.5), "pressure_hpa": 1000},
        "wind_direction": "N",
        **changes,
    }
    return {name: value for name, value in told.items() if value is not None}


def write_object(folder: Path, lines: Sequence[str | dict[str, Any]]) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    (folder / "object.gz").write_bytes(
        gzip.compress("".join(f"{text}\n" for text in texts).encode(), mtime=0)
    )
    return str(folder)


# Each with the reason that the engines which keep bad messages give.
BAD: list[tuple[str | dict[str, Any], str]] = [
    ('{"device_id":"d"', "malformed_json"),
    ("no JSON", "malformed_json"),
    ('{"device_id":"d",,"event_id":"e"}', "malformed_json"),
    (message(device_id=None), "missing_device_id"),
    (message(event_id=""), "missing_event_id"),
    (message(event_time=None), "missing_event_time"),
    (message(received_at="yesterday"), "bad_type_received_at"),
    (message(metrics={"o3": "n/a"}), "bad_type_o3"),
    (message(location={"lat": 91, "lon": 0}), "out_of_range_lat"),
    (message(metrics={"rain_mm": -1}), "out_of_range_rain_mm"),
    (message(event_time="1999-12-31T23:00:00Z"), "out_of_range_event_time"),
    (message(event_time="2024-03-03T00:00:00Z"), "event_time_in_future"),
]
GOOD = [
    message(),
    message(event_id="east", event_time="2024-03-02T01:00:00+08:00"),
    message(event_id="late", event_time="2024-02-28T00:00:00Z", metrics={}),
    message(event_id="again"),
    message(event_id="again", received_at="2024-03-01T23:32:00Z", metrics={"pm2_5": 9.5}),
    message(event_id="again"),
]
# By event id: the partition and a figure.
GOOD_ROWS = [
    ("again", "2024-03-01", 9.5),
    ("e", "2024-03-01", 3.5),
    ("east", "2024-03-01", 3.5),
    ("late", "2024-02-28", None),
]


def rows_of(table: Path) -> list[tuple[Any, ...]]:
    with duckdb.connect() as database:
        return database.execute(
            "SELECT event_id, event_date::VARCHAR, pm2_5 FROM read_parquet($files, hive_partitioning=true) "
            "ORDER BY ALL",
            {"files": f"{table}/*/*.parquet"},
        ).fetchall()


def reasons_of(quarantine: Path) -> list[str]:
    with duckdb.connect() as database:
        found = database.execute(
            "SELECT reason FROM read_parquet($files)", {"files": f"{quarantine}/*.parquet"}
        )
        return sorted(row[0] for row in found.fetchall())
