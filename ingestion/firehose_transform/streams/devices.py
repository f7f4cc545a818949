"""Messages of devices: instants in UTC, readings in the jobs' units, heartbeats left out.

A heartbeat is an object with `"type": "heartbeat"` and no `metrics`: it holds nothing that a job keeps. The job
`device_readings` stays the judge: what it would quarantine is handed on as it is, with its `event_id`.
"""

from typing import Final

import msgspec
from msgspec import Raw

from ingestion.firehose_transform.members import members_of, write
from ingestion.firehose_transform.streams.units import in_our_units
from ingestion.firehose_transform.times import in_utc

MOST_BYTES: Final = 1024 * 1024 - 1024
"""A longer message stays as it is: a few bytes more or less would decide whether the job finds it too large."""


class _Look(msgspec.Struct, gc=False):
    """What may have to be changed; of other members only the syntax is looked at."""

    event_time: Raw = Raw()
    received_at: Raw = Raw()
    metrics: Raw = Raw()
    type: Raw = Raw()


_look: Final = msgspec.json.Decoder(_Look).decode


def transform(message: bytes) -> bytes | None:
    """Normalise the text of one message; None for a heartbeat.

    Raises:
        ValueError, RecursionError: it is not one JSON object.
    """
    look = _look(message)
    if len(message) > MOST_BYTES:
        return message
    metrics = bytes(look.metrics)
    event_time, received_at = in_utc(bytes(look.event_time)), in_utc(bytes(look.received_at))
    readings = in_our_units(metrics) if metrics else None
    is_heartbeat = not metrics and bytes(look.type) == b'"heartbeat"'
    if not (is_heartbeat or event_time or received_at or readings):
        return message
    members = members_of(message)
    if members is None:
        return message
    if is_heartbeat:
        return None
    if event_time:
        members["event_time"] = Raw(event_time)
    if received_at:
        members["received_at"] = Raw(received_at)
    if readings:
        members["metrics"] = Raw(readings)
    return write(members)
