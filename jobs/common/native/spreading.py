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

_MOST_WAITING_BYTES: Final = 128 * 1024 * 1024
# Below this rows of a partition, as late ones, wait for more, and are not parted: each segment is told to the driver.
_LEAST_SEGMENT_BYTES: Final = 256 * 1024
_MOST_BITS: Final = 12
# What a task that writes holds of new rows; several times that while it sorts them.
MOST_FILE_MEMORY: Final = 256 * 1024 * 1024
Values = tuple[str, ...]


@dataclass(frozen=True)
class Part:
    """A segment of one partition: rows whose key's hash ends in the `bits` last bits of `number`."""

    segment: Segment
    bits: int
    number: int


@dataclass
class Spreader:
    """Gathers rows by partition and writes them away when they become many."""

    table: Table
    file: SegmentFile
    # How many tasks there are: the others will have about as many rows of each partition.
    tasks: int
    parts: dict[Values, list[Part]] = field(default_factory=dict)
    _waiting: dict[Values, list[Any]] = field(default_factory=dict)
    _bytes: int = 0

    def add(self, rows: Any) -> None:
        """Take rows of the table's schema."""
        for values, own in by_partition(rows, self.table.partition_by):
            self._waiting.setdefault(values, []).append(own)
        self._bytes += rows.nbytes
        if self._bytes >= _MOST_WAITING_BYTES:
            self.flush(_LEAST_SEGMENT_BYTES)
            if self._bytes >= _MOST_WAITING_BYTES // 2:
                self.flush()

    def flush(self, least: int = 0) -> None:
        """Write away what is waiting, but for partitions of which there are fewer bytes than `least`."""
        for values, tables in sorted(self._waiting.items()):
            if sum(rows.nbytes for rows in tables) < least:
                continue
            rows = pa.concat_tables(tables).unify_dictionaries().combine_chunks()
            bits = min(
                bits_for(rows.nbytes * self.tasks, MOST_FILE_MEMORY),
                bits_for(rows.nbytes, _LEAST_SEGMENT_BYTES),
            )
            own = self.parts.setdefault(values, [])
            own += [
                Part(self.file.put(part), bits, number) for number, part in by_bits(rows, self.table, bits)
            ]
            del self._waiting[values]
        self._bytes = sum(rows.nbytes for tables in self._waiting.values() for rows in tables)


def bits_for(size: float, most: float) -> int:
    """Say how many bits part `size` so that no part is larger than about `most`."""
    return min(_MOST_BITS, max(0, int(np.ceil(np.log2(max(1.0, size / most))))))


def by_bits(rows: Any, table: Table, bits: int) -> list[tuple[int, Any]]:
    """Part rows by the last bits of their keys' hashes: number and rows, those without any left out."""
    if not bits:
        return [(0, rows)]
    ends = (hashes(rows, own_key(table)) & np.uint64((1 << bits) - 1)).astype(np.uint16)
    return [(int(number), part) for number, part in _grouped(rows, ends)]


def by_partition(rows: Any, names: Sequence[str]) -> list[tuple[Values, Any]]:
    """Part rows by the values of their partition, as text."""
    codes = np.zeros(rows.num_rows, np.int64)
    dictionaries = []
    for name in names:
        coded = rows.column(name).combine_chunks().dictionary_encode()
        codes = codes * max(1, len(coded.dictionary)) + coded.indices.to_numpy()
        dictionaries.append(coded.dictionary)
    found = []
    for code, part in _grouped(rows, codes):
        rest, values = int(code), []
        for dictionary in reversed(dictionaries):
            rest, at = divmod(rest, max(1, len(dictionary)))
            values.append(str(dictionary[at].as_py()))
        found.append((tuple(reversed(values)), part))
    return found


def _grouped(rows: Any, codes: npt.NDArray[Any]) -> list[tuple[int, Any]]:
    """Part rows by their codes; rows that are all of one are not touched."""
    if not rows.num_rows:
        return []
    if (codes == codes[0]).all():
        return [(int(codes[0]), rows)]
    small = codes.astype(np.uint16) if codes.max() < 1 << 16 else codes
    order = np.argsort(small, kind="stable")
    ordered = codes[order]
    starts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
    taken = rows.take(pa.array(order))
    ends = [*starts[1:], len(codes)]
    return [
        (int(ordered[start]), taken.slice(start, end - start))
        for start, end in zip(starts, ends, strict=True)
    ]
