"""The bytes of an object, decompressed as `readers.members` does, by Intel's library where an object is sound.

At the first refusal the object is read and decoded once more, by `members`: what damage is, and how far the sound
bytes go, is its judgement alone.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from isal import isal_zlib

from jobs.common.readers.members import GZIP_MAGIC, Damage, decode

_GZIP_WINDOW: Final = 31
_MOST_AT_ONCE_BYTES: Final = 4 * 1024 * 1024
# Of the library, and ours where an object ends within a member.
_REFUSALS: Final[Any] = (isal_zlib.error, EOFError)


def unpacked(stored: Callable[[], Iterable[bytes]]) -> Iterator[bytes | Damage]:
    """Decode one object: decoded bytes in order, then or between them the damage, exactly as `members.decode`.

    Args:
        stored: Gives the object's bytes from its front, in slices of two bytes and more where it has them; asked a
            second time where they do not decode.
    """
    if not next(iter(stored()), b"").startswith(GZIP_MAGIC):
        yield from decode(stored())
        return
    done = 0
    try:
        for part in _sound(stored()):
            done += len(part)
            yield part
    except _REFUSALS:
        yield from _beyond(done, decode(stored()))


def _sound(stored: Iterable[bytes]) -> Iterator[bytes]:
    """Decode members one after the other; raises where anything is not as it should be."""
    stream = isal_zlib.decompressobj(_GZIP_WINDOW)
    for slice_ in stored:
        data, is_full = slice_, False
        while data or is_full:
            if stream.eof:
                stream = isal_zlib.decompressobj(_GZIP_WINDOW)
            part = stream.decompress(data, _MOST_AT_ONCE_BYTES)
            if part:
                yield part
            # Where all it may give at once was given, there may be more without more input.
            is_full = len(part) == _MOST_AT_ONCE_BYTES and not stream.eof
            data = stream.unused_data if stream.eof else stream.unconsumed_tail
    if not stream.eof:
        raise EOFError


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
