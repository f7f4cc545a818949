"""Open a record: take KPL aggregates apart and gzip off, to the texts that hold its messages.

An aggregate is known by its magic bytes and its MD5, wherever it comes from. (With a Kinesis stream as source,
Firehose has taken aggregates apart already, and none is met here.) Gzip is known by its magic bytes and may have
several members. A record is opened as a whole or not at all: where one part of it does not open, nothing of it is
written, so that a replay of the original doubles nothing.
"""

import zlib
from typing import Final

from ingestion.firehose_transform.aggregates import MAGIC, user_records
from ingestion.firehose_transform.errors import CannotOpenError

MOST_OPENED_BYTES: Final = 32 * 1024 * 1024
"""Of one record: gzip can become a thousand times larger, and the function's memory is set beforehand."""

_GZIP_MAGIC: Final = b"\x1f\x8b"
_GZIP_WINDOW: Final = 31
_WINDOW_BYTES: Final = 16 * 1024


def open_record(data: bytes) -> list[bytes]:
    """Return the texts of a record, in order.

    Raises:
        CannotOpenError: it is a damaged aggregate or damaged gzip, or too large when opened.
    """
    if not data.startswith((MAGIC, _GZIP_MAGIC)):
        return [data]
    parts = user_records(data) if data.startswith(MAGIC) else [data]
    texts, left = [], MOST_OPENED_BYTES
    for part in parts:
        text = _unzipped(part, left) if part.startswith(_GZIP_MAGIC) else part
        texts.append(text)
        left -= len(text)
    return texts


def _unzipped(data: bytes, most: int) -> bytes:
    """Decompress every member, up to `most` bytes."""
    text, view, at = bytearray(), memoryview(data), 0
    while at < len(data):
        if data[at : at + len(_GZIP_MAGIC)] != _GZIP_MAGIC:
            raise CannotOpenError("gzip with other bytes behind it")
        member = zlib.decompressobj(_GZIP_WINDOW)
        while not member.eof:
            # A little at a time: what follows a member is copied, and members may be tiny.
            window = view[at : at + _WINDOW_BYTES]
            if not window:
                raise CannotOpenError("gzip that ends too early")
            try:
                text += member.decompress(window, most - len(text) + 1)
            except zlib.error as error:
                raise CannotOpenError(f"gzip that does not decompress: {error}") from error
            if len(text) > most:
                raise CannotOpenError(f"gzip of more than {MOST_OPENED_BYTES} bytes")
            at += len(window) - len(member.unused_data)
    return bytes(text)
