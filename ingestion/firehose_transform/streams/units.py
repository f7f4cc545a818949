"""Readings in units that their names tell, to the units of the jobs: `temperature_f` becomes `temperature_c`.

A reading is converted only where the job's own field is absent, and where the result is one that the job accepts: what
it would refuse stays under its own name, and no message goes to quarantine that would not have gone there without us.
"""

import re
from typing import Final

import msgspec

from ingestion.devices.reasons import RANGES
from ingestion.firehose_transform.members import members_of, write

UNITS: Final = {
    "temperature_f": ("temperature_c", 5 / 9, -32 * 5 / 9),
    "temperature_k": ("temperature_c", 1.0, -273.15),
    "dew_point_f": ("dew_point_c", 5 / 9, -32 * 5 / 9),
    "dew_point_k": ("dew_point_c", 1.0, -273.15),
    "pressure_pa": ("pressure_hpa", 0.01, 0.0),
    "pressure_kpa": ("pressure_hpa", 10.0, 0.0),
    "pressure_mbar": ("pressure_hpa", 1.0, 0.0),
    "pressure_mmhg": ("pressure_hpa", 1.333223874, 0.0),
    "pressure_inhg": ("pressure_hpa", 33.86388667, 0.0),
    "rain_cm": ("rain_mm", 10.0, 0.0),
    "rain_in": ("rain_mm", 25.4, 0.0),
    "wind_speed_km_h": ("wind_speed_m_s", 1 / 3.6, 0.0),
    "wind_speed_mph": ("wind_speed_m_s", 0.44704, 0.0),
    "wind_speed_kn": ("wind_speed_m_s", 1852 / 3600, 0.0),
}
"""Field, the job's field, and the factor and the term that take the one to the other."""

_decode: Final = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_DIGITS: Final = 4  # sensors have one or two
_NUMBER: Final = re.compile(rb"-?[0-9]{1,15}(?:\.[0-9]{1,30})?(?:[eE][+-]?[0-9]{1,2})?").fullmatch


def in_our_units(metrics: bytes) -> bytes | None:
    """Write an object of readings in the jobs' units; None where it stays as it is."""
    try:
        if UNITS.keys().isdisjoint(_decode(metrics)):
            return None
    except (ValueError, RecursionError):
        return None
    members = members_of(metrics)
    if members is None:
        return None
    taken = set(members)
    converted = {}
    for name, raw in members.items():
        wanted, value = _converted(name, bytes(raw))
        if wanted in taken:
            converted[name] = raw
        else:
            taken.add(wanted)
            converted[wanted] = msgspec.Raw(value)
    return write(converted) if converted.keys() != members.keys() else None


def _converted(name: str, raw: bytes) -> tuple[str, bytes]:
    """Convert one reading: its name and JSON text in the job's unit; its own where there is nothing to do."""
    if name not in UNITS or not _NUMBER(raw):
        return name, raw
    wanted, factor, term = UNITS[name]
    value = round(float(raw) * factor + term, _DIGITS)
    low, high = RANGES[f"metrics.{wanted}"]
    # A zero has no sign, as the jobs have it.
    return (wanted, write(value + 0.0)) if low <= value <= high else (name, raw)
