"""The reasons for which a message goes to quarantine, in the order in which the first one is chosen."""

from typing import Final

from ingestion.devices.message import METRICS

RANGES: Final = {
    "location.lat": (-90.0, 90.0),
    "location.lon": (-180.0, 180.0),
    **{f"metrics.{name}": (0.0, 100_000.0) for name in METRICS[:6]},
    "metrics.temperature_c": (-90.0, 60.0),
    "metrics.pressure_hpa": (300.0, 1100.0),
    "metrics.dew_point_c": (-100.0, 60.0),
    "metrics.rain_mm": (0.0, 2000.0),
    "metrics.wind_speed_m_s": (0.0, 150.0),
}
"""What is accepted of each number, both ends included, in schema order."""

REQUIRED: Final = ("device_id", "event_id", "event_time", "received_at")
INSTANTS: Final = ("event_time", "received_at")
FIELDS: Final = (
    *REQUIRED,
    "firmware",
    "location",
    "location.lat",
    "location.lon",
    "metrics",
    *(f"metrics.{name}" for name in METRICS),
    "wind_direction",
)

HEAVY: Final = ("truncated_object", "record_too_large")
"""Reasons that cost an object or a mebibyte each: few of them make the point."""

FIELD_REASONS: Final = (
    *(f"missing_{name}" for name in REQUIRED),
    *(f"bad_type_{name}" for name in FIELDS),
    *(f"out_of_range_{name}" for name in (*INSTANTS, *RANGES)),
    "event_time_in_future",
)
"""Reasons of a message that is one JSON object; it has all that apply."""

REASONS: Final = (
    "truncated_object",
    "bad_encoding",
    "malformed_json",
    "record_too_large",
    "not_an_object",
    *FIELD_REASONS,
)
"""Every reason; a message counts under the first of its own in this order."""


def spread_evenly(total: int, heavy_at_most: int) -> dict[str, int]:
    """Spread faulty messages over every reason; what the heavy ones do not take goes to the others."""
    heavy = min(total // len(REASONS), heavy_at_most)
    light = [reason for reason in REASONS if reason not in HEAVY]
    share, rest = divmod(total - heavy * len(HEAVY), len(light))
    counts = {reason: share + (place < rest) for place, reason in enumerate(light)}
    return {reason: counts.get(reason, heavy) for reason in REASONS}


def each_reason(count: int, heavy_at_most: int) -> dict[str, int]:
    """Give every reason the same number of faulty messages, the heavy ones no more than their limit."""
    return {reason: min(count, heavy_at_most) if reason in HEAVY else count for reason in REASONS}
