"""Good rows of one task by their partitions, handed on in segments whose files-to-be are still open.

How many files a partition gets is only known when all tasks are done. A task therefore parts the rows of a partition by
the last bits of their keys' hashes, as many bits as it thinks the files will need. A file of the partition, itself
known by some last bits, is made of segments with the same last bits; of one that was parted by fewer it takes its rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from jobs.common.native.engine import hashes
from jobs.common.native.segments import Segment, SegmentFile
from jobs.common.native.unique import own_key
from jobs.common.table import Table

_FLUSH_BYTES: Final = 32 * 1024 * 1024
_MOST_WAITING_BYTES: Final = 128 * 1024 * 1024
# Below this rows of a partition, as late ones, wait for more, and are not parted: each segment is told to the driver.
_LEAST_SEGMENT_BYTES: Final = 256 * 1024
_MOST_BITS: Final = 12
# What a task that writes holds of new rows; several times that while it sorts them.
MOST_FILE_MEMORY: Final = 256 * 1024 * 1024
Values = tuple[str, ...]
Flags = npt.NDArray[np.bool_]
Places = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Part:
    """A segment of one partition: rows whose key's hash ends in the `bits` last bits of `number`."""

    segment: Segment
    bits: int
    number: int


@dataclass
class Spreader:
    """Gathers rows and writes them away by partition when they become many."""

    table: Table
    file: SegmentFile
    # How many tasks there are: the others will have about as many rows of each partition.
    tasks: int
    parts: dict[Values, list[Part]] = field(default_factory=dict)
    _waiting: list[tuple[Any, Flags]] = field(default_factory=list)
    _bytes: int = 0
    _fresh: int = 0

    def add(self, rows: Any, wanted: Flags | None = None) -> None:
        """Take rows of the table's schema, all or those that are wanted: no others are copied, or have to be good."""
        self._waiting.append((rows, np.ones(rows.num_rows, np.bool_) if wanted is None else wanted))
        self._bytes += rows.nbytes
        self._fresh += rows.nbytes
        if self._fresh >= _FLUSH_BYTES:
            self.flush(_LEAST_SEGMENT_BYTES if self._bytes < _MOST_WAITING_BYTES else 0)

    def flush(self, least: int = 0) -> None:
        """Write away what is waiting, but for partitions of which there are fewer bytes than `least`."""
        if not self._waiting:
            return
        tables, wanted = zip(*self._waiting, strict=True)
        self._waiting = []
        rows = pa.concat_tables(tables).unify_dictionaries().combine_chunks()
        at = np.flatnonzero(np.concatenate(wanted))
        del tables, wanted
        codes, values = partitions_of(rows, self.table.partition_by)
        codes = codes[at]
        sizes = np.bincount(codes, minlength=len(values)) * (rows.nbytes / max(1, rows.num_rows))
        stays = (sizes < least)[codes]
        self._put(rows, at[~stays], codes[~stays], sizes, values)
        self._bytes = self._fresh = 0
        if stays.any():
            late = rows.take(pa.array(at[stays]))
            self._waiting, self._bytes = [(late, np.ones(late.num_rows, np.bool_))], late.nbytes

    def _put(self, rows: Any, at: Places, codes: Places, sizes: Any, values: Sequence[Values]) -> None:
        """Write the rows at some places, parted by partition and by bits: they are copied once."""
        bits = np.array(
            [
                min(bits_for(size * self.tasks, MOST_FILE_MEMORY), bits_for(size, _LEAST_SEGMENT_BYTES))
                for size in sizes
            ],
            np.int64,
        )
        starts = np.concatenate([[0], np.cumsum(1 << bits)])
        numbers = np.zeros(len(at), np.int64)
        if bits.any():
            ends = hashes(rows, own_key(self.table)) & np.uint64((1 << int(bits.max())) - 1)
            numbers = ends.astype(np.int64)[at] & ((1 << bits) - 1)[codes]
        for code, part in _grouped(rows, starts[codes] + numbers, at):
            partition = int(np.searchsorted(starts, code, "right")) - 1
            number = code - int(starts[partition])
            own = self.parts.setdefault(values[partition], [])
            own.append(Part(self.file.put(part), int(bits[partition]), number))


def bits_for(size: float, most: float) -> int:
    """Say how many bits part `size` so that no part is larger than about `most`."""
    return min(_MOST_BITS, max(0, int(np.ceil(np.log2(max(1.0, size / most))))))


def by_bits(rows: Any, table: Table, bits: int) -> list[tuple[int, Any]]:
    """Part rows by the last bits of their keys' hashes: number and rows, those without any left out."""
    if not bits:
        return [(0, rows)]
    ends = (hashes(rows, own_key(table)) & np.uint64((1 << bits) - 1)).astype(np.int64)
    return _grouped(rows, ends)


def partitions_of(rows: Any, names: Sequence[str]) -> tuple[Places, list[Values]]:
    """Number the partitions of rows: each row's number, and by number the partition's values as text.

    Rows that lack a value have the number of any.
    """
    codes, values = np.zeros(rows.num_rows, np.int64), [Values()]
    for name in names:
        coded = rows.column(name).combine_chunks().dictionary_encode()
        texts = [str(value) for value in coded.dictionary.to_pylist()]
        own = coded.indices.fill_null(0).to_numpy().astype(np.int64)
        if values == [()]:
            codes, values = own, [(text,) for text in texts]
        else:
            found, codes = np.unique(codes * max(1, len(texts)) + own, return_inverse=True)
            values = [(*values[code // len(texts)], texts[code % len(texts)]) for code in found]
    return codes, values


def _grouped(rows: Any, codes: Places, at: Places | None = None) -> list[tuple[int, Any]]:
    """Part rows, all or those at some places, by the codes of these; rows that are all of one are not touched."""
    if not len(codes):
        return []
    if len(codes) == rows.num_rows and (codes == codes[0]).all():
        return [(int(codes[0]), rows)]
    small = codes.astype(np.uint16) if codes.max() < 1 << 16 else codes
    order = np.argsort(small, kind="stable")
    ordered = codes[order]
    starts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
    taken = rows.take(pa.array(order if at is None else at[order]))
    ends = [*starts[1:], len(codes)]
    return [
        (int(ordered[start]), taken.slice(start, end - start))
        for start, end in zip(starts, ends, strict=True)
    ]
