"""Decoded bytes to blocks of whole lines, large enough to be worth a call of the native engine."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

BLOCK_BYTES: Final = 8 * 1024 * 1024


@dataclass
class Block:
    """Whole lines from `position` on; only an object's last one may lack its LF."""

    position: int
    data: bytes


@dataclass
class LongLine:
    """A line that no block holds, from `position` on, in chunks that must be taken before what comes next."""

    position: int
    chunks: Iterator[bytes] = field(repr=False)


def blocks(chunks: Iterable[bytes], block_bytes: int = BLOCK_BYTES) -> Iterator[Block | LongLine]:
    """Cut an object's decoded bytes into blocks of about `block_bytes`, and lines that are longer."""
    feed, waiting, position = iter(chunks), b"", 0
    while True:
        gathered, size = [waiting], len(waiting)
        while size < block_bytes and (chunk := next(feed, None)) is not None:
            gathered.append(chunk)
            size += len(chunk)
        data = b"".join(gathered)
        if size < block_bytes:
            if data:
                yield Block(position, data)
            return
        end = data.rfind(b"\n") + 1
        if end:
            yield Block(position, data[:end])
            position, waiting = position + end, data[end:]
            continue
        line = _Line(data, feed)
        yield LongLine(position, iter(line))
        position, waiting = position + line.size, line.after


class _Line:
    """The chunks of one line, up to its LF; `after` is what the last chunk holds beyond it."""

    def __init__(self, front: bytes, feed: Iterator[bytes]) -> None:
        self._front, self._feed = front, feed
        self.size, self.after = 0, b""

    def __iter__(self) -> Iterator[bytes]:
        self.size = len(self._front)
        yield self._front
        for chunk in self._feed:
            end = chunk.find(b"\n") + 1
            own = chunk[:end] if end else chunk
            self.size += len(own)
            yield own
            if end:
                self.after = chunk[end:]
                return
