"""Turn the real readings of Beijing's stations into the messages that devices there would have sent."""

import csv
import gzip
import heapq
import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from itertools import islice
from pathlib import Path
from typing import Any, Final

import numpy as np
from msgspec import UNSET

from ingestion.devices.curves import HOUR_MS
from ingestion.devices.delivery import Outlet
from ingestion.devices.errors import SourceError, UsageError
from ingestion.devices.message import METRICS, Message, Metrics, encode
from ingestion.devices.stations import STATIONS
from ingestion.devices.synthetic import Progress
from ingestion.devices.truth import MadeBy, Truth

BEIJING: Final = timezone(timedelta(hours=8))
FIRMWARE: Final = "1.4.2"
MISSING: Final = "NA"
BATCH: Final = 10_000
COLUMNS: Final = (
    *("No", "year", "month", "day", "hour"),
    *("PM2.5", "PM10", "SO2", "NO2", "CO", "O3", "TEMP", "PRES", "DEWP", "RAIN"),
    *("wd", "WSPM", "station"),
)
_METRIC_COLUMNS: Final = dict(
    zip(METRICS, [COLUMNS.index(name) for name in (*COLUMNS[5:15], "WSPM")], strict=True)
)


@dataclass(frozen=True)
class Replay:
    """What is replayed: stations by their names in the source, local dates, both included, and at most so many."""

    source: Path
    stations: tuple[str, ...] = tuple(STATIONS)
    first_date: date = date.min
    last_date: date = date.max
    count: int | None = None

    def __post_init__(self) -> None:
        """Refuse what the source cannot have.

        Raises:
            UsageError: the source is no folder, a station is unknown or the dates are the wrong way round.
        """
        if not self.source.is_dir():
            raise UsageError(
                f"--source: expected a folder with PRSA_Data_<station>_*.csv.gz, got {self.source}"
            )
        if unknown := [station for station in self.stations if station not in STATIONS]:
            raise UsageError(f"--station: expected one of {', '.join(STATIONS)}, got {unknown[0]}")
        if self.first_date > self.last_date:
            raise UsageError(
                f"--from, --to: expected the first date not after the last, got {self.first_date} and "
                f"{self.last_date}"
            )

    def parameters(self) -> dict[str, Any]:
        """Give what makes this delivery again from the same source."""
        told = asdict(self) | {"source": self.source.name, "stations": sorted(set(self.stations))}
        return {name: value for name, value in told.items() if name != "count" or value is not None}


@dataclass(frozen=True, order=True)
class Reading:
    """One row of the source as a message, in the order of arrival."""

    received_ms: int
    data: bytes
    event_ms: int
    pm2_5_tenths: int


def play(replay: Replay, delivery: Outlet, progress: Progress = lambda _: None) -> Truth:
    """Deliver the messages of the source in the order of their arrival and return what was put in.

    Raises:
        SourceError: a file is absent or not what it must be, or an object of the same name holds other bytes.
    """
    truth = Truth(MadeBy("replay", replay.parameters()))
    files = [_find(replay.source, station) for station in sorted(set(replay.stations))]
    merged = islice(heapq.merge(*(read_station(path, replay) for path in files)), replay.count)
    batch: list[Reading] = []
    for reading in merged:
        batch.append(reading)
        if len(batch) == BATCH:
            _deliver(batch, delivery, truth)
            progress(len(batch))
            batch = []
    _deliver(batch, delivery, truth)
    progress(len(batch))
    truth.delivered = delivery.close()
    return truth


def read_station(path: Path, replay: Replay) -> Iterator[Reading]:
    """Read one station's file, row by row.

    Raises:
        SourceError: the header or a row is not what it must be.
    """
    rows = _rows(path)
    header = tuple(next(rows, ()))
    if header != COLUMNS:
        raise SourceError(f"{path}: header: expected {','.join(COLUMNS)}, got {','.join(header)}")
    for line, row in enumerate(rows, start=2):
        try:
            day = date(int(row[1]), int(row[2]), int(row[3]))
            reading = to_reading(row, day) if replay.first_date <= day <= replay.last_date else None
        except (ValueError, IndexError, KeyError) as error:
            raise SourceError(
                f"{path}: line {line}: expected {len(COLUMNS)} columns with figures or {MISSING}, "
                f"got {','.join(row)} ({error})"
            ) from error
        if reading:
            yield reading


def _rows(path: Path) -> Iterator[list[str]]:
    try:
        with gzip.open(path, "rt", encoding="utf-8", newline="") as text:
            yield from csv.reader(text)
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise SourceError(f"{path}: expected sound gzip of UTF-8 text, got: {error}") from error


def to_reading(row: list[str], day: date) -> Reading:
    """Turn a row into a message; `NA` leaves the field out, local time gets its offset."""
    station, hour = row[17], int(row[4])
    device = station.lower()
    event_ms = round(datetime(day.year, day.month, day.day, hour, tzinfo=BEIJING).timestamp() * 1000)
    received_ms = event_ms + _latency_ms(int(row[0]), station)
    received = datetime.fromtimestamp(received_ms // 1000, UTC)
    figures = {name: float(row[at]) for name, at in _METRIC_COLUMNS.items() if row[at] != MISSING}
    message = Message(
        device_id=device,
        event_id=f"{device}-{day:%Y%m%d}T{hour:02}00",
        event_time=f"{day}T{hour:02}:00:00+08:00",
        received_at=f"{received:%Y-%m-%dT%H:%M:%S}.{received_ms % 1000:03}Z",
        firmware=FIRMWARE,
        location=STATIONS[station],
        metrics=Metrics(**figures),
        wind_direction=UNSET if row[15] == MISSING else row[15],
    )
    return Reading(received_ms, encode(message) + b"\n", event_ms, round(10 * figures.get("pm2_5", 0.0)))


def named_stations(chosen: list[str] | None) -> tuple[str, ...]:
    """Take stations in either spelling, all by default; unknown ones are refused where the replay is built."""
    by_device = {name.lower(): name for name in STATIONS}
    return tuple(by_device.get(name.lower(), name) for name in chosen or STATIONS)


def _latency_ms(number: int, station: str) -> int:
    """Give a few seconds on the way, another for each row: the first row of Aotizhongxin takes 3.12 s."""
    place = list(STATIONS).index(station)
    return 1_000 + (2_120 + 617 * (number - 1) + 131 * place) % (HOUR_MS // 450)


def _find(source: Path, station: str) -> Path:
    found = sorted(source.glob(f"PRSA_Data_{station}_*.csv.gz"))
    if len(found) != 1:
        names = ", ".join(path.name for path in found) or "none"
        raise SourceError(f"{source}: expected one file PRSA_Data_{station}_*.csv.gz, found {names}")
    return found[0]


def _deliver(batch: list[Reading], delivery: Outlet, truth: Truth) -> None:
    delivery.add([reading.data for reading in batch], [reading.received_ms for reading in batch])
    event_ms = np.array([reading.event_ms for reading in batch], dtype=np.int64)
    pm2_5_tenths = np.array([reading.pm2_5_tenths for reading in batch], dtype=np.int64)
    truth.add_inserted(event_ms, pm2_5_tenths)
    truth.add_kinds({"regular": len(batch)})
