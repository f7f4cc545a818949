"""The lines of a log, plain or packed, whatever its size: little of it is in memory at once."""

import codecs
import zlib
from collections.abc import Iterable, Iterator
from typing import Final

# A line that is longer comes in pieces.
MOST_CHARACTERS: Final = 64 * 1024
_GZIP_MAGIC: Final = b"\x1f\x8b"
# Of zlib: the window of gzip's format.
_GZIP: Final = 31


def lines(parts: Iterable[bytes]) -> Iterator[str]:
    """Split a log into lines, without their ends; the last one may be unfinished."""
    for line in pieces(parts):
        yield shown(line)


def pieces(parts: Iterable[bytes]) -> Iterator[str]:
    """Split a log into lines with their ends, so that nothing is lost: together they are the whole text."""
    decode = codecs.getincrementaldecoder("utf-8")("replace").decode
    rest = ""
    for plain in unpacked(parts):
        found = (rest + decode(plain)).split("\n")
        rest = found.pop()
        for line in found:
            yield from _cut(line + "\n")
        while len(rest) > MOST_CHARACTERS:
            yield rest[:MOST_CHARACTERS]
            rest = rest[MOST_CHARACTERS:]
    rest += decode(b"", final=True)
    if rest:
        yield from _cut(rest)


def shown(line: str) -> str:
    """Return a line as a terminal ends up showing it: of a progress bar that was written over itself the last state."""
    text = line.rstrip("\r\n")
    return text.rpartition("\r")[2]


def unpacked(parts: Iterable[bytes]) -> Iterator[bytes]:
    """Unpack what is packed, by its first bytes; of what is cut off or damaged what there is."""
    stream = iter(parts)
    head = b""
    for part in stream:
        head += part
        if len(head) >= len(_GZIP_MAGIC):
            break
    if not head.startswith(_GZIP_MAGIC):
        yield head
        yield from stream
        return
    yield from _inflated(head, stream)


def _inflated(head: bytes, stream: Iterator[bytes]) -> Iterator[bytes]:
    inflate = zlib.decompressobj(_GZIP)
    waiting = head
    while True:
        try:
            yield inflate.decompress(waiting, MOST_CHARACTERS)
        except zlib.error:
            return
        if inflate.eof:  # further members may follow
            waiting, inflate = inflate.unused_data, zlib.decompressobj(_GZIP)
        else:
            waiting = inflate.unconsumed_tail
        if not waiting:
            waiting = next(stream, b"")
            if not waiting:
                return


def _cut(line: str) -> Iterator[str]:
    for begin in range(0, len(line), MOST_CHARACTERS):
        yield line[begin : begin + MOST_CHARACTERS]
