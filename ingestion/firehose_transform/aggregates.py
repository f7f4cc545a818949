"""Take aggregates of the Kinesis Producer Library apart: magic bytes, a protobuf message, and its MD5.

Of the message (`AggregatedRecord`) only the user records' data are read, field 3 of field 3, by protobuf's wire format,
which has not changed: https://protobuf.dev/programming-guides/encoding/. The package `aws-kinesis-agg`, against which
the tests hold this, needs protobuf's library and puts its own folder on Python's path, so it stays out of the function.
"""

import hashlib
from collections.abc import Iterator
from typing import Final

from ingestion.firehose_transform.errors import CannotOpenError

MAGIC: Final = b"\xf3\x89\x9a\xc2"
DIGEST_BYTES: Final = 16

_RECORDS_FIELD: Final = 3
_DATA_FIELD: Final = 3
_VARINT, _FIXED_64, _BYTES, _FIXED_32 = 0, 1, 2, 5
_FIXED_BYTES: Final = {_FIXED_64: 8, _FIXED_32: 4}
_MOST_VARINT_BITS: Final = 63


def user_records(data: bytes) -> list[bytes]:
    """Return the data of an aggregate's user records, in order.

    Raises:
        CannotOpenError: its MD5 does not fit, or it is no protobuf.
    """
    body, digest = data[len(MAGIC) : -DIGEST_BYTES], data[-DIGEST_BYTES:]
    if hashlib.md5(body, usedforsecurity=False).digest() != digest:
        raise CannotOpenError("a KPL aggregate whose MD5 does not fit its content")
    return [_data_of(record) for number, record in _fields(body) if number == _RECORDS_FIELD]


def _data_of(record: bytes) -> bytes:
    # Of a field that comes more than once, the last counts.
    found = [value for number, value in _fields(record) if number == _DATA_FIELD]
    return found[-1] if found else b""


def _fields(message: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the fields of a protobuf message that hold bytes; others are passed over."""
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        kind = key & 7
        if kind == _VARINT:
            _, at = _varint(message, at)
            continue
        size, at = _varint(message, at) if kind == _BYTES else (_FIXED_BYTES.get(kind, len(message)), at)
        value = message[at : at + size]
        if len(value) != size:
            raise CannotOpenError("a KPL aggregate that is no protobuf")
        at += size
        if kind == _BYTES:
            yield key >> 3, value


def _varint(message: bytes, at: int) -> tuple[int, int]:
    value = 0
    for bits in range(0, _MOST_VARINT_BITS + 1, 7):
        if at == len(message):
            break
        byte = message[at]
        at += 1
        value |= (byte & 0x7F) << bits
        if byte < 0x80:  # noqa: PLR2004 - the highest bit says that another byte follows
            return value, at
    raise CannotOpenError("a KPL aggregate that is no protobuf")
