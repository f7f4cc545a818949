"""What the rows of device_readings look like, without pyspark, whose import no other engine must pay for."""

from typing import Final

METRICS: Final = (
    *("pm2_5", "pm10", "so2", "no2", "co", "o3"),
    *("temperature_c", "pressure_hpa", "dew_point_c", "rain_mm", "wind_speed_m_s"),
)
TEXTS: Final = ("device_id", "event_id", "event_time", "received_at", "firmware", "wind_direction")
INSTANTS: Final = ("event_time", "received_at")
REQUIRED: Final = ("device_id", "event_id", *INSTANTS)
LOCATION: Final = ("lat", "lon")
NUMBERS: Final = (*LOCATION, *METRICS)
KEY: Final = ("event_date", "device_id", "event_id")
RANGES: Final[dict[str, tuple[float, float]]] = {
    "lat": (-90, 90),
    "lon": (-180, 180),
    **dict.fromkeys(("pm2_5", "pm10", "so2", "no2", "co", "o3"), (0, 100_000)),
    "temperature_c": (-90, 60),
    "pressure_hpa": (300, 1100),
    "dew_point_c": (-100, 60),
    "rain_mm": (0, 2000),
    "wind_speed_m_s": (0, 150),
}
# The table's columns in its order; `event_date` is the partition.
COLUMNS: Final = (
    *("device_id", "event_id", "event_time", "received_at", "firmware"),
    *NUMBERS,
    *("wind_direction", "rescued", "source_object", "event_date"),
)
# Rows are compared by these: of a message that came twice either copy may stay, and only the job keeps what no field
# knows.
COMPARED: Final = tuple(name for name in COLUMNS if name not in ("rescued", "source_object"))


def member(column: str) -> tuple[str, ...]:
    """Name the members of a message, from the outside in, that hold a column."""
    if column in LOCATION:
        return ("location", column)
    return ("metrics", column) if column in METRICS else (column,)
