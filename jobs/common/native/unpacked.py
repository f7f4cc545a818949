"""The bytes of an object, decompressed as `readers.members` does, by Intel's library where an object is sound.

What a gzip member holds is handed on once its checksum and length are found right. Before that anything unusual (a flag
in its header but that of a name, more than is held at once, any refusal) sends the object to `members`, from its front:
what damage is, and how far the sound bytes go, is its judgement. Only a stream that somebody has made on purpose, which
zlib refuses and whose checksum fits all the same, is taken here and not there.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import Any, Final

from isal import isal_zlib

from jobs.common.readers.members import GZIP_MAGIC, Damage, decode

_GZIP_WINDOW: Final = 31
_MOST_AT_ONCE_BYTES: Final = 4 * 1024 * 1024
_MOST_HELD_BYTES: Final = 128 * 1024 * 1024
_METHOD, _FLAGS, _HEADER_BYTES, _DEFLATE, _HAS_NAME = 2, 3, 10, 8, 8
_MOST_HEADER_BYTES: Final = 4096
# Of the library, and ours where it is not to be asked.
_REFUSALS: Final[Any] = (isal_zlib.error, EOFError)


def unpacked(stored: Callable[[], Iterable[bytes]]) -> Iterator[bytes | Damage]:
    """Decode one object: decoded bytes in order, then or between them the damage, as `members.decode`.

    Args:
        stored: Gives the object's bytes from its front, in slices of two bytes and more where it has them; asked a
            second time where they do not decode.
    """
    slices = iter(stored())
    first = next(slices, b"")
    if not first.startswith(GZIP_MAGIC):
        yield from decode(chain([first], slices))
        return
    done = 0
    try:
        for part in _sound(chain([first], slices)):
            done += len(part)
            yield part
    except _REFUSALS:
        yield from _beyond(done, decode(stored()))


def _sound(slices: Iterable[bytes]) -> Iterator[bytes]:
    """Decode members one after the other; raises where anything is not as it should be."""
    stream, held, size, waiting = None, list[bytes](), 0, b""
    for slice_ in slices:
        data, is_full = waiting + slice_, False
        waiting = b""
        while data or is_full:
            if stream is None:
                if not _has_plain_header(data):
                    waiting = data
                    break
                stream, held, size = isal_zlib.decompressobj(_GZIP_WINDOW), [], 0
            part = stream.decompress(data, _MOST_AT_ONCE_BYTES)
            held.append(part)
            size += len(part)
            if size > _MOST_HELD_BYTES:
                raise EOFError
            # Where all it may give at once was given, there may be more without more input.
            is_full = len(part) == _MOST_AT_ONCE_BYTES and not stream.eof
            data = stream.unused_data if stream.eof else stream.unconsumed_tail
            if stream.eof:
                yield from filter(None, held)
                stream = None
    if stream or waiting:
        raise EOFError


def _has_plain_header(data: bytes) -> bool:
    """Tell that a member's header is there whole; raises where it is none that is taken here."""
    if not data.startswith(GZIP_MAGIC[: len(data)]):
        raise EOFError
    if len(data) < _HEADER_BYTES:
        return False
    if data[_METHOD] != _DEFLATE or data[_FLAGS] & ~_HAS_NAME:
        raise EOFError
    if not data[_FLAGS] or data.find(b"\0", _HEADER_BYTES, _MOST_HEADER_BYTES) >= 0:
        return True
    if len(data) >= _MOST_HEADER_BYTES:
        raise EOFError
    return False


def _beyond(done: int, parts: Iterable[bytes | Damage]) -> Iterator[bytes | Damage]:
    """Hand on what comes after the first `done` decoded bytes."""
    for part in parts:
        if isinstance(part, Damage) or done == 0:
            yield part
            continue
        skipped = min(done, len(part))
        done -= skipped
        if skipped < len(part):
            yield part[skipped:]
