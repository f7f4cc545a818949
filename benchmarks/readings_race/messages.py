"""Synthetic messages of devices by whole columns: what Firehose would deliver, at millions in seconds.

A block is a delivery of four days from devices of its own; it comes in chunks, and each chunk is drawn from a seed of
its own, so that any may be made alone. In each chunk some messages are bad, some come twice in it, and some are those
that the chunk before has sent already, half of them corrected. The messages are as `ingestion.device_simulator` writes
them, message by message, but for what only the strict readers tell apart (docs/device_readings.md, "Reasons").
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from benchmarks.readings_race.shape import METRICS

FIRST_MS: Final = 1_709_251_200_000  # 2024-03-01
DAY_MS: Final = 86_400_000
DAYS: Final = 4
DEVICES: Final = 2_000
BAD_SHARE: Final = 0.005
REPEATED_SHARE: Final = 0.01
RESENT_SHARE: Final = 0.01
LATE_SHARE: Final = 0.02
ABSENT_SHARE: Final = 0.02
EAST_SHARE: Final = 0.25
_EAST_MS: Final = 8 * 3_600_000
_WINDS: Final = ("N", "NE", "E", "SE", "S", "SW", "W", "NW")
_FIRMWARES: Final = ("1.4.2", "1.5.0", "2.0.1")
# Mean, spread, least and greatest of what the sensors measure.
_CURVES: Final = {
    "pm2_5": (80, 40, 0, 900),
    "pm10": (105, 50, 0, 990),
    "so2": (16, 12, 0, 500),
    "no2": (50, 25, 0, 290),
    "co": (1230, 600, 100, 10_000),
    "o3": (57, 40, 0, 1000),
    "temperature_c": (13, 11, -19, 41),
    "pressure_hpa": (1010, 10, 982, 1042),
    "dew_point_c": (2, 13, -43, 29),
    "rain_mm": (0, 1, 0, 72),
    "wind_speed_m_s": (1, 1, 0, 13),
}

Strings: TypeAlias = pa.Array


@dataclass(frozen=True)
class Chunk:
    """Where a chunk stands: which of how many of which block, how many messages it holds, and the seed of all."""

    seed: int
    block: int
    number: int
    of: int
    messages: int

    @property
    def bad(self) -> int:
        """Count the bad messages."""
        return round(BAD_SHARE * self.messages)

    @property
    def repeated(self) -> int:
        """Count the messages that come twice in the chunk."""
        return round(REPEATED_SHARE * self.messages)

    @property
    def resent(self) -> int:
        """Count the messages that the chunk before has sent already."""
        return round(RESENT_SHARE * self.messages)

    @property
    def rows(self) -> int:
        """Count the keys that no chunk before has brought; the first chunk has none before it."""
        return self.messages - self.bad - self.repeated - (self.resent if self.number else 0)


@dataclass(frozen=True)
class _Batch:
    """The columns of some messages, drawn, and how their event ids begin."""

    prefix: str
    device: npt.NDArray[np.int64]
    event_ms: npt.NDArray[np.int64]
    received_ms: npt.NDArray[np.int64]
    figures: dict[str, npt.NDArray[np.float64]]
    is_east: npt.NDArray[np.bool_]
    has_pm10: npt.NDArray[np.bool_]


def lines(chunk: Chunk) -> Strings:
    """Return the messages of a chunk, in no order, without ends of lines."""
    draw = np.random.default_rng([chunk.seed, chunk.block, chunk.number, 0])
    shared = _shared(chunk, chunk.number)
    own = _draw(
        draw, chunk, chunk.number, f"{chunk.block}-{chunk.number}-", chunk.rows - chunk.resent + chunk.bad
    )
    written = _write(own)
    good, to_spoil = written[chunk.bad :], written[: chunk.bad]
    parts = [_write(shared), good, good.take(pa.array(draw.integers(0, len(good), chunk.repeated)))]
    if chunk.number:
        parts.append(_resent(chunk))
    parts.append(
        pa.array([_spoil(line, number) for number, line in enumerate(to_spoil.to_pylist())], pa.string())
    )
    together = pa.concat_arrays(parts)
    return together.take(pa.array(draw.permutation(len(together))))


def _shared(chunk: Chunk, number: int) -> _Batch:
    """Draw the messages that a chunk sends, and the one after it once more."""
    draw = np.random.default_rng([chunk.seed, chunk.block, number, 1])
    return _draw(draw, chunk, number, f"{chunk.block}-{number}-s", chunk.resent)


def _resent(chunk: Chunk) -> Strings:
    """Send what the chunk before has sent: half of it as it was, half corrected, received a minute later."""
    before = _shared(chunk, chunk.number - 1)
    is_corrected = np.arange(len(before.device)) % 2 == 1
    figures = {**before.figures, "pm2_5": before.figures["pm2_5"] + np.where(is_corrected, 1.0, 0.0)}
    received_ms = before.received_ms + np.where(is_corrected, 60_000, 0)
    return _write(
        _Batch(
            before.prefix,
            before.device,
            before.event_ms,
            received_ms,
            figures,
            before.is_east,
            before.has_pm10,
        )
    )


def _draw(draw: np.random.Generator, chunk: Chunk, number: int, prefix: str, count: int) -> _Batch:
    """Draw messages of the time that a chunk covers; a few are received days after their event."""
    span = DAYS * DAY_MS // chunk.of
    received = FIRST_MS + number * span + draw.integers(0, span, count)
    is_late = draw.random(count) < LATE_SHARE
    delay = np.where(is_late, draw.integers(DAY_MS, 3 * DAY_MS, count), draw.integers(100, 30_000, count))
    figures = {
        name: np.round(np.clip(draw.normal(mean, spread, count), least, most), 1).astype(np.float64)
        for name, (mean, spread, least, most) in _CURVES.items()
    }
    return _Batch(
        prefix,
        chunk.block * DEVICES + draw.integers(0, DEVICES, count),
        received - delay,
        received,
        figures,
        draw.random(count) < EAST_SHARE,
        draw.random(count) >= ABSENT_SHARE,
    )


def _write(batch: _Batch) -> Strings:
    """Write messages as compact JSON, column by column."""
    count = len(batch.device)
    device = pc.utf8_lpad(_text(batch.device), 6, "0")
    figures = {name: _text(values) for name, values in batch.figures.items()}
    pm10 = pc.if_else(
        pa.array(batch.has_pm10), pc.binary_join_element_wise(',"pm10":', figures["pm10"], ""), ""
    )
    parts: list[Any] = [
        '{"device_id":"device-',
        device,
        '","event_id":"',
        batch.prefix,
        _text(np.arange(count)),
    ]
    parts += ['","event_time":"', _instants(batch.event_ms, batch.is_east)]
    parts += ['","received_at":"', _instants(batch.received_ms, np.zeros(count, dtype=bool))]
    parts += ['","firmware":"', _choice(_FIRMWARES, batch.device)]
    parts += ['","location":{"lat":', _text(np.round(39.5 + batch.device % 97 / 100, 2))]
    parts += [',"lon":', _text(np.round(115.5 + batch.device % 89 / 100, 2))]
    for place, name in enumerate(METRICS):
        before = f',"{name}":' if place else f'}},"metrics":{{"{name}":'
        parts += [pm10] if name == "pm10" else [before, figures[name]]
    parts += ['},"wind_direction":"', _choice(_WINDS, batch.event_ms), '"}']
    return pc.binary_join_element_wise(*parts, "")


def _text(values: npt.NDArray[Any]) -> Strings:
    return pc.cast(pa.array(values), pa.string())


def _choice(names: tuple[str, ...], numbers: npt.NDArray[np.int64]) -> Strings:
    return pa.array(names).take(pa.array(numbers % len(names)))


def _instants(instants_ms: npt.NDArray[np.int64], is_east: npt.NDArray[np.bool_]) -> Strings:
    """Write instants by RFC 3339 (https://www.rfc-editor.org/rfc/rfc3339#section-5.6), some as Beijing's clocks do."""
    local = pa.array(instants_ms + np.where(is_east, _EAST_MS, 0), pa.timestamp("ms"))
    offset = pc.if_else(pa.array(is_east), "+08:00", "Z")
    return pc.binary_join_element_wise(pc.strftime(local, format="%Y-%m-%dT%H:%M:%S"), offset, "")


def _spoil(line: str, number: int) -> str:
    """Make a message bad, in one way after the other."""
    return _SPOILING[number % len(_SPOILING)](line)


def _text_of(line: str, name: str, text: str) -> str:
    """Put another value in the place of a member's text."""
    before, _, after = line.partition(f'"{name}":"')
    return f'{before}"{name}":"{text}"{after[after.index(chr(34)) + 1 :]}'


def _number_of(line: str, name: str, text: str) -> str:
    """Put another value in the place of a member's number."""
    before, _, after = line.partition(f'"{name}":')
    return f'{before}"{name}":{text}{after[after.index(",") :]}'


_SPOILING: Final[tuple[Callable[[str], str], ...]] = (
    lambda line: line[: len(line) * 3 // 5],
    lambda _: "ERROR sensor timeout",
    lambda line: line.replace(",", ",,", 1),
    lambda _: '["device","restarted"]',
    lambda line: line.replace('"device_id"', '"device"', 1),
    lambda line: _number_of(line, "pm2_5", '"n/a"'),
    lambda line: _number_of(line, "temperature_c", "9999.0"),
    lambda line: _text_of(line, "event_time", "yesterday"),
    lambda line: _text_of(line, "event_time", "2025-01-01T00:00:00Z"),
)
BAD_KINDS: Final = len(_SPOILING)
