"""Partition keys for dynamic partitioning: the hour of the event in UTC, and the type of the device.

A record has one set of keys. One that holds messages of several partitions goes as a whole to that of its first message
with a readable time, and is counted: nothing is sent twice for the sake of a folder's name, and the jobs go by the
messages. Who needs it exact lets Firehose take records apart before the transform (multi-record de-aggregation).
Without any readable time, a record goes by its arrival: without keys Firehose would not deliver it.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Final

import msgspec

from ingestion.firehose_transform.members import members_of
from ingestion.firehose_transform.streams.stream import Stream

TIMES: Final = {"year": slice(1, 5), "month": slice(6, 8), "day": slice(9, 11), "hour": slice(12, 14)}
"""Where each key stands in an instant as the transform writes it, quoted."""

TYPE: Final = "type"
KEYS: Final = (*TIMES, TYPE)
UNKNOWN: Final = "unknown"

_INSTANT: Final = re.compile(rb'"20[0-9]{2}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[^"]*Z"|"2100-[^"]*Z"').fullmatch
_PLAIN: Final = re.compile(rb'"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}"').fullmatch
_LATEST_MILLIS: Final = 4_102_444_800_000


def keys_of(
    messages: Iterable[bytes], arrival: float | str, stream: Stream, names: Sequence[str]
) -> tuple[dict[str, str], bool]:
    """Return a record's partition keys, and whether it holds messages of other partitions too."""
    found = [keys for message in messages if (keys := _keys(message, stream, names))]
    if not found:
        return _at(f'"{_arrived(arrival)}"', UNKNOWN, names), False
    return found[0], any(keys != found[0] for keys in found)


def _keys(message: bytes, stream: Stream, names: Sequence[str]) -> dict[str, str] | None:
    members = members_of(message)
    instant = bytes(members.get(stream.time_field, b"")) if members is not None else b""
    if members is None or not _INSTANT(instant):
        return None
    kind = bytes(members.get(stream.type_field, msgspec.Raw()))
    return _at(instant.decode(), kind[1:-1].decode() if _PLAIN(kind) else UNKNOWN, names)


def _at(instant: str, kind: str, names: Sequence[str]) -> dict[str, str]:
    return {name: kind if name == TYPE else instant[TIMES[name]] for name in names}


def _arrived(arrival: float | str) -> str:
    millis = arrival if isinstance(arrival, int | float) and 0 <= arrival < _LATEST_MILLIS else 0
    return datetime.fromtimestamp(millis / 1000, UTC).isoformat()
