"""The truth about a delivery: what the job's manifest must say, counted as the messages are made.

Nothing here is read back from the messages. `rows` has the shape of the manifest's `rows`, so that a test
compares the two for equality.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
import numpy.typing as npt

from ingestion.devices.errors import UsageError

IntArray = npt.NDArray[np.int64]
"""Whole figures, one for each message."""

DAY_MS: Final = 86_400_000


@dataclass
class Rows:
    """What the manifest's `rows` must say; `quarantined` holds only reasons that occur, by first reason."""

    read: int = 0
    accepted: int = 0
    inserted: int = 0
    updated: int = 0
    duplicates: int = 0
    quarantined: dict[str, int] = field(default_factory=dict)


@dataclass
class DayChange:
    """What the delivery changes on one event date (UTC).

    `pm2_5_tenths` is the change of the sum of pm2_5 over the table's rows, in tenths: a table that kept the
    wrong one of two versions has another sum.
    """

    inserted: int = 0
    updated: int = 0
    pm2_5_tenths: int = 0


@dataclass
class Delivered:
    """Objects and bytes that were laid down, damaged ones among them."""

    objects: int = 0
    damaged_objects: int = 0
    bytes: int = 0


@dataclass(frozen=True)
class MadeBy:
    """The command and the parameters that make the same delivery again."""

    command: str
    parameters: dict[str, Any]


@dataclass
class Truth:
    """What was put into a delivery; a mutable tally that the generators count up as they go.

    `kinds` counts messages by what was done to them: regular, late, duplicate, corrected, rescued (with
    fields that the schema does not know), faulty, out_of_order, glued. The first six add up to `rows.read`. Apart from
    all of them are heartbeats (`heartbeat`), which a stream gets beside, and no job reads.
    """

    made_by: MadeBy
    rows: Rows = field(default_factory=Rows)
    unique_keys: int = 0
    kinds: dict[str, int] = field(default_factory=dict)
    event_dates: dict[str, DayChange] = field(default_factory=dict)
    delivered: Delivered = field(default_factory=Delivered)

    def add_kinds(self, counts: Mapping[str, int]) -> None:
        """Count messages by kind."""
        for kind, count in counts.items():
            self.kinds[kind] = self.kinds.get(kind, 0) + count

    def add_inserted(self, event_ms: IntArray, pm2_5_tenths: IntArray) -> None:
        """Count messages whose key no earlier message had."""
        self._add_accepted(len(event_ms))
        self.rows.inserted += len(event_ms)
        self.unique_keys += len(event_ms)
        for day, count, total in _by_day(event_ms, pm2_5_tenths):
            self._day(day).inserted += count
            self._day(day).pm2_5_tenths += total

    def add_updated(self, event_ms: IntArray, pm2_5_change: IntArray) -> None:
        """Count messages that replace a row which an earlier delivery put into the table."""
        self._add_accepted(len(event_ms))
        self.rows.updated += len(event_ms)
        self.unique_keys += len(event_ms)
        for day, count, total in _by_day(event_ms, pm2_5_change):
            self._day(day).updated += count
            self._day(day).pm2_5_tenths += total

    def add_duplicates(self, count: int) -> None:
        """Count messages that are accepted and lose, or that cost another message of the delivery its row."""
        self._add_accepted(count)
        self.rows.duplicates += count

    def add_corrected(self, event_ms: IntArray, pm2_5_change: IntArray) -> None:
        """Count messages that win over one of this delivery: one duplicate each, and another value."""
        self.add_duplicates(len(event_ms))
        for day, _, total in _by_day(event_ms, pm2_5_change):
            self._day(day).pm2_5_tenths += total

    def add_quarantined(self, counts: Mapping[str, int]) -> None:
        """Count faulty messages and damaged objects by their first reason."""
        for reason, count in counts.items():
            self.rows.read += count
            self.rows.quarantined[reason] = self.rows.quarantined.get(reason, 0) + count

    def write(self, path: Path) -> None:
        """Write the truth as JSON, all at once: the same delivery gives the same bytes."""
        self.event_dates = dict(sorted(self.event_dates.items()))
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(f".{path.name}.tmp")
        beside.write_bytes(msgspec.json.format(msgspec.json.encode(self), indent=2) + b"\n")
        beside.replace(path)

    def _add_accepted(self, count: int) -> None:
        self.rows.read += count
        self.rows.accepted += count

    def _day(self, day: str) -> DayChange:
        return self.event_dates.setdefault(day, DayChange())


def read_truth(path: Path) -> Truth:
    """Read a truth that an earlier command wrote.

    Raises:
        UsageError: the file is absent or no truth.
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=Truth)
    except FileNotFoundError as error:
        raise UsageError(f"{path}: expected the truth file of an earlier delivery, found no file") from error
    except msgspec.DecodeError as error:
        raise UsageError(f"{path}: expected the truth file of an earlier delivery, got: {error}") from error


def _by_day(event_ms: IntArray, figures: IntArray) -> list[tuple[str, int, int]]:
    """Group by UTC date: the date, how many, and the sum of the figures (exact: far below 2 to the 53)."""
    days, place = np.unique(event_ms // DAY_MS, return_inverse=True)
    counts = np.bincount(place, minlength=len(days)).tolist()
    totals = np.bincount(place, weights=figures, minlength=len(days)).astype(np.int64).tolist()
    dates = np.datetime_as_string(days.astype("datetime64[D]")).tolist()
    return list(zip(dates, counts, totals, strict=True))
