"""The bytes of an object, decompressed as far as they are sound.

Gzip (RFC 1952) is recognised by its magic bytes and may have several members; anything else is taken as it is.
Damage costs the damaged part only: all that decodes before it is handed on.
"""

import zlib
from collections.abc import Iterable, Iterator
from typing import NamedTuple

GZIP_MAGIC = b"\x1f\x8b"
_SLICE_BYTES = 64 * 1024
_MOST_AT_ONCE_BYTES = 4 * 1024 * 1024
_TRAILER_BYTES = 8
_GZIP_WINDOW = 31
# How far into the trailer zlib is when it refuses one: the checksum ends it at the fourth byte, the length at the last.
_TRAILER_FAULTS = {"incorrect data check": 4, "incorrect length check": 8}


class Damage(NamedTuple):
    """Bytes of an object that could not be decoded: none where the object just ends too early.

    `position` is the count of bytes decoded before them.
    """

    raw: bytes
    position: int


class _Feed:
    """The stored bytes of one object, a few at a time, with the possibility to give some back."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)
        self._piece, self._at = b"", 0

    def some(self, most: int) -> bytes:
        """Take at least one byte and at most `most`; none only where the object ends."""
        while self._at == len(self._piece):
            piece = next(self._pieces, None)
            if piece is None:
                return b""
            self._piece, self._at = piece, 0
        taken = self._piece[self._at : self._at + most]
        self._at += len(taken)
        return taken

    def exactly(self, count: int) -> bytes:
        """Take `count` bytes, fewer only where the object ends."""
        taken = b""
        while len(taken) < count and (more := self.some(count - len(taken))):
            taken += more
        return taken

    def give_back(self, taken: bytes) -> None:
        """Put back the last bytes taken; within a piece nothing is copied, for members may be tiny."""
        if len(taken) > self._at:
            self._piece, self._at = taken + self._piece[self._at :], len(taken)
        self._at -= len(taken)

    def rest(self) -> bytes:
        rest, self._piece, self._at = b"".join([self._piece[self._at :], *self._pieces]), b"", 0
        return rest


def decode(pieces: Iterable[bytes]) -> Iterator[bytes | Damage]:
    """Decode one object, given as its stored bytes in pieces of any size.

    Yields decoded bytes in order, and a `Damage` for each part that does not decode: the tail from the first byte
    that zlib refuses when it is fed byte by byte; the trailer's bytes where only a checksum or a length is wrong,
    and then decoding goes on; no bytes where the object is empty or ends within a member.
    """
    feed = _Feed(piece for piece in pieces if piece)
    head = feed.exactly(len(GZIP_MAGIC))
    if not head:
        yield Damage(b"", 0)
        return
    feed.give_back(head)
    if head != GZIP_MAGIC:
        while plain := feed.some(_MOST_AT_ONCE_BYTES):
            yield plain
        return
    decoded = 0
    while head := feed.exactly(len(GZIP_MAGIC)):
        feed.give_back(head)
        if head != GZIP_MAGIC:
            yield Damage(feed.rest(), decoded)
            return
        for part in _member(feed, decoded):
            yield part
            if isinstance(part, bytes):
                decoded += len(part)


def _member(feed: _Feed, decoded: int) -> Iterator[bytes | Damage]:
    """Decode one member; leaves in the feed what comes after it."""
    stream = zlib.decompressobj(_GZIP_WINDOW)
    recent = b""
    while not stream.eof:
        slice_ = feed.some(_SLICE_BYTES)
        if not slice_:
            yield Damage(b"", decoded)
            return
        before = stream.copy()
        try:
            sound = _inflate(stream, slice_)
        except zlib.error:
            feed.give_back(slice_)
            yield from _refused(before, feed, recent, decoded)
            return
        for part in sound:
            decoded += len(part)
            yield part
        recent = (recent + slice_)[-_TRAILER_BYTES:]
    feed.give_back(stream.unused_data)


def _inflate(stream: "zlib._Decompress", data: bytes) -> list[bytes]:
    """Decode one slice into parts of bounded size; at 1,032 to 1, deflate's limit, 64 KiB become 66 MiB."""
    parts = []
    while data:
        parts.append(stream.decompress(data, _MOST_AT_ONCE_BYTES))
        data = stream.unconsumed_tail
    return [part for part in parts if part]


def _refused(
    stream: "zlib._Decompress", feed: _Feed, recent: bytes, decoded: int
) -> Iterator[bytes | Damage]:
    """Feed byte by byte up to the byte that zlib refuses, then tell a bad trailer from a bad stream."""
    sound = bytearray()
    while True:
        byte = feed.some(1)
        try:
            sound += stream.decompress(byte)
        except zlib.error as refusal:
            if sound:
                yield bytes(sound)
            position = decoded + len(sound)
            seen = next((count for fault, count in _TRAILER_FAULTS.items() if fault in str(refusal)), 0)
            if seen:
                trailer = (recent + byte)[-seen:]
                yield Damage(trailer + feed.exactly(_TRAILER_BYTES - seen), position)
            else:
                feed.give_back(byte)
                yield Damage(feed.rest(), position)
            return
        recent = (recent + byte)[-_TRAILER_BYTES:]
