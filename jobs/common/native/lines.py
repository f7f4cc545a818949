"""Decoded bytes to blocks of whole lines, those of small objects together: each worth a call of the native engine."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

BLOCK_BYTES: Final = 16 * 1024 * 1024


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


def blocks(chunks: Iterable[bytes], block_bytes: int) -> Iterator[Block | LongLine]:
    """Cut an object's decoded bytes into blocks of about `block_bytes`, and lines that are longer."""
    feed, waiting, position = iter(chunks), b"", 0
    while True:
        gathered, size = [waiting] if waiting else [], len(waiting)
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


class Gathered:
    """Blocks of one object or several, behind each other: from which of them a line is, and where it stands there.

    The place where they stand is used again and again: memory that is new costs more than what is done with it.
    """

    def __init__(self) -> None:
        """Hold none."""
        self._place = memoryview(b"")
        self.clear()

    def clear(self) -> None:
        """Forget all blocks. What `data` has returned is written over by the next ones."""
        self._blocks: list[tuple[str, int, int]] = []
        self._starts: list[int] = []
        self.size = 0

    def add(self, uri: str, block: Block) -> None:
        """Take a block of the object `uri`; one whose last line has no LF gets one here."""
        self._blocks.append((uri, block.position, len(block.data)))
        self._starts.append(self.size)
        self._append(block.data)
        if not block.data.endswith(b"\n"):
            self._append(b"\n")

    def _append(self, data: bytes) -> None:
        end = self.size + len(data)
        if end > len(self._place):
            # Memory that nobody has touched yet costs nothing.
            place = np.empty(max(end, 2 * BLOCK_BYTES), np.uint8).data
            place[: self.size] = self._place[: self.size]
            self._place = place
        self._place[self.size : end] = data
        self.size = end

    def data(self) -> memoryview:
        """Return all lines."""
        return self._place[: self.size]

    def sources(self, offsets: npt.NDArray[np.int32]) -> Any:
        """Return the URI of each line, given where lines begin, as a dictionary's column."""
        uris = list(dict.fromkeys(uri for uri, _, _ in self._blocks))
        number = {uri: place for place, uri in enumerate(uris)}
        of_block = np.array([number[uri] for uri, _, _ in self._blocks], np.int32)
        counts = np.diff(np.searchsorted(offsets[:-1], [*self._starts, self.size]))
        return pa.DictionaryArray.from_arrays(pa.array(np.repeat(of_block, counts)), pa.array(uris))

    def stretches(
        self, offsets: npt.NDArray[np.int32], wanted: npt.NDArray[np.bool_]
    ) -> list[tuple[str, int, bytes]]:
        """Return lines that are `wanted`, those of one block that follow each other together: URI, position, bytes.

        The bytes are the object's own.
        """
        data, starts = self.data(), np.array(self._starts)
        begins = np.zeros(len(wanted), np.bool_)
        begins[np.searchsorted(offsets[:-1], starts)] = True
        begins = wanted & (begins | ~np.concatenate([[False], wanted[:-1]]))
        first = np.flatnonzero(begins)
        last = np.flatnonzero(wanted & np.concatenate([begins[1:] | ~wanted[1:], [True]]))
        blocks_ = np.searchsorted(starts, offsets[first], "right") - 1
        found = []
        for start, end, place in zip(offsets[first], offsets[last + 1], blocks_, strict=True):
            uri, position, size = self._blocks[place]
            at = int(start) - int(starts[place])
            found.append(
                (uri, position + at, bytes(data[int(start) : min(int(end), int(starts[place]) + size)]))
            )
        return found
