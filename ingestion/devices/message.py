"""The message that a device sends: its fields in the order of the schema, and how it becomes JSON."""

from typing import Final

import msgspec
from msgspec import UNSET, UnsetType

METRICS: Final = (
    "pm2_5",
    "pm10",
    "so2",
    "no2",
    "co",
    "o3",
    "temperature_c",
    "pressure_hpa",
    "dew_point_c",
    "rain_mm",
    "wind_speed_m_s",
)

WIND_DIRECTIONS: Final = (
    *("N", "NNE", "NE", "ENE", "E", "ESE", "SE", "SSE"),
    *("S", "SSW", "SW", "WSW", "W", "WNW", "NW", "NNW"),
)


class Location(msgspec.Struct, frozen=True, gc=False):
    """Where a device stands, in degrees."""

    lat: float
    lon: float


class Metrics(msgspec.Struct, frozen=True, gc=False):
    """The eleven readings; UNSET leaves the field out of the JSON, NaN becomes `null`."""

    pm2_5: float | UnsetType = UNSET
    pm10: float | UnsetType = UNSET
    so2: float | UnsetType = UNSET
    no2: float | UnsetType = UNSET
    co: float | UnsetType = UNSET
    o3: float | UnsetType = UNSET
    temperature_c: float | UnsetType = UNSET
    pressure_hpa: float | UnsetType = UNSET
    dew_point_c: float | UnsetType = UNSET
    rain_mm: float | UnsetType = UNSET
    wind_speed_m_s: float | UnsetType = UNSET


class Message(msgspec.Struct, frozen=True, gc=False):
    """One reading of one device; an integer time is in milliseconds of the epoch."""

    device_id: str
    event_id: str
    event_time: str | int
    received_at: str | int
    firmware: str
    location: Location
    metrics: Metrics
    wind_direction: str | UnsetType = UNSET


encode = msgspec.json.Encoder().encode
"""Write a message as compact JSON, without an end of line."""
