"""What the invented devices are and what they measure, in whole tenths.

All figures are integers from integer draws, so a seed gives the same readings on every machine.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from ingestion.devices.message import Location
from ingestion.devices.truth import DAY_MS, IntArray

Tenths = npt.NDArray[np.int64]
"""Readings in tenths, one row a message, one column a metric."""

MINUTES: Final = 1_440
MINUTE_MS: Final = 60_000
HOUR_MS: Final = 3_600_000

# metric: middle, swing over the day and noise in tenths, hour of the peak, lowest value
_SHAPES: Final = (
    (450, 150, 120, 21.0, 0),  # pm2_5
    (700, 200, 200, 21.0, 0),  # pm10
    (100, 40, 30, 10.0, 0),  # so2
    (350, 150, 80, 20.0, 0),  # no2
    (9_000, 2_500, 1_500, 22.0, 0),  # co
    (600, 450, 100, 15.0, 0),  # o3
    (130, 60, 25, 15.0, -400),  # temperature_c
    (10_130, 15, 20, 10.0, 9_000),  # pressure_hpa
    (40, 15, 20, 18.0, -500),  # dew_point_c
    (-20, 10, 25, 17.0, 0),  # rain_mm: dry but for some hours
    (22, 14, 10, 14.0, 0),  # wind_speed_m_s
)
_FIRMWARES: Final = ("1.4.2", "1.4.3", "1.5.0", "2.0.0-rc1")
_MIDDLE: Final = np.array([shape[0] for shape in _SHAPES])
_NOISE: Final = np.array([shape[2] for shape in _SHAPES])
_LOWEST: Final = np.array([shape[4] for shape in _SHAPES])
_SWING_BY_MINUTE: Final = np.array(
    [
        [round(swing * math.cos(2 * math.pi * (minute / 60 - peak) / 24)) for _, swing, _, peak, _ in _SHAPES]
        for minute in range(MINUTES)
    ]
)


@dataclass(frozen=True)
class Devices:
    """Any number of devices, made from a seed: who they are, where they stand, how they write the time."""

    names: list[str]
    firmwares: list[str]
    locations: list[Location]
    offset_ms: IntArray
    level_tenths: Tenths


def make_devices(seed: int, count: int) -> Devices:
    """Make the devices; the first n of a seed are the same however many there are in all."""
    rng = np.random.default_rng([seed, 0])
    figures = rng.integers(-1_000, 1_000, size=(count, 2 + len(_SHAPES))).tolist()
    return Devices(
        names=[f"device-{number:06}" for number in range(count)],
        firmwares=[_FIRMWARES[row[0] % len(_FIRMWARES)] for row in figures],
        locations=[Location((39_900 + row[0] // 2) / 1000, (116_400 + row[1]) / 1000) for row in figures],
        offset_ms=np.full(count, 8 * HOUR_MS, dtype=np.int64),
        level_tenths=np.array([row[2:] for row in figures], dtype=np.int64) * (_NOISE + 10) // 1_000,
    )


def readings(devices: Devices, device: IntArray, event_ms: IntArray, rng: np.random.Generator) -> Tenths:
    """Read every metric of each device at its time: a diurnal curve, the device's own level, noise."""
    minute = (event_ms + devices.offset_ms[device]) % DAY_MS // MINUTE_MS
    shape = (len(device), len(_SHAPES))
    noise = rng.integers(-256, 257, size=shape, dtype=np.int16).astype(np.int64) * _NOISE >> 8
    tenths = _MIDDLE + _SWING_BY_MINUTE[minute] + devices.level_tenths[device] + noise
    return np.maximum(tenths, _LOWEST)
