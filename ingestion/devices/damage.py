"""Damaged gzip objects whose surviving content is known beforehand.

The content lies in stored (uncompressed) deflate blocks, so where such an object is cut, the bytes before the
cut are there to the last one, whatever decoder reads them. Each object is one `truncated_object` row on top of
the rows of the lines that survive.
"""

import struct
import zlib
from collections.abc import Callable
from typing import Final

HEADER: Final = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
INVALID_BLOCK: Final = b"\x07"  # a last block of type 3, which deflate does not have
NOISE: Final = bytes(range(64, 104))
BLOCK_BYTES: Final = 65_535
MISSING_BYTES: Final = 100


def wrong_checksum(lines: bytes) -> bytes:
    """Keep every byte and get the checksum wrong."""
    return HEADER + _stored(lines, last=True) + struct.pack("<II", zlib.crc32(lines) ^ 1, len(lines))


def cut_after_lines(lines: bytes) -> bytes:
    """Cut at the end of a line, within a block that announces more."""
    return HEADER + _stored(lines, last=False) + _block_head(MISSING_BYTES, last=True)


def cut_before_trailer(lines: bytes) -> bytes:
    """Cut after the last block: everything decodes, the checksum never comes."""
    return HEADER + _stored(lines, last=True)


def spoiled_block(lines: bytes) -> bytes:
    """Go on, after good blocks, with bytes that no decoder takes."""
    return HEADER + _stored(lines, last=False) + INVALID_BLOCK + NOISE


def spoiled_member(lines: bytes) -> bytes:
    """Begin a second gzip member, after a good one, that spoils at its first block."""
    trailer = struct.pack("<II", zlib.crc32(lines), len(lines))
    return HEADER + _stored(lines, last=True) + trailer + HEADER + INVALID_BLOCK + NOISE


def cut_in_line(lines: bytes, partial: bytes) -> bytes:
    """Cut in the middle of a line, within the block that held the whole of it."""
    kept = lines + partial
    head = kept[:-1] if len(kept) > BLOCK_BYTES else b""
    tail = kept[len(head) :]
    return HEADER + _stored(head, last=False) + _block_head(len(tail) + MISSING_BYTES, last=True) + tail


WAYS: Final[tuple[Callable[[bytes], bytes], ...]] = (
    wrong_checksum,
    cut_after_lines,
    spoiled_block,
    cut_before_trailer,
    spoiled_member,
)
"""Ways to damage an object that leave every given line whole."""


def _stored(data: bytes, *, last: bool) -> bytes:
    """Write data as stored blocks; with no data, one empty block."""
    starts = range(0, max(len(data), 1), BLOCK_BYTES)
    parts = [data[start : start + BLOCK_BYTES] for start in starts]
    return b"".join(
        _block_head(len(part), last=last and number == len(parts)) + part
        for number, part in enumerate(parts, start=1)
    )


def _block_head(size: int, *, last: bool) -> bytes:
    return struct.pack("<BHH", last, size, size ^ 0xFFFF)
