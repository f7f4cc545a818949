"""Which files the rows of a run become, once it is known how many there are of each partition."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from jobs.common.files import Entry
from jobs.common.native.segments import Segment
from jobs.common.native.spreading import MOST_FILE_MEMORY, Part, Values, bits_for

# Half a file too much or too little is as near to a size as a power of two comes.
_ROUNDING: Final = 1.5


@dataclass(frozen=True)
class Read:
    """What all objects have come to."""

    objects: int
    messages: int
    accepted: int
    quarantined: Mapping[str, int]
    refused: Sequence[Segment]
    partitions: Mapping[Values, Sequence[Part]]
    bytes_per_row: float


@dataclass(frozen=True)
class Held:
    """The files that a partition has, and how many rows they hold."""

    files: Sequence[Entry]
    rows: int

    @property
    def bytes(self) -> int:
        """Sum up the files."""
        return sum(entry.size for entry in self.files)


@dataclass(frozen=True)
class FileToBe:
    """One file of a partition: the rows whose key's hash ends in the `bits` last bits of `number`.

    `at` is the partition's folder below the table. The new rows are merged with those that the partition holds: all of
    the files `held`, where it becomes one file; else those of the segments `old`.
    """

    values: Values
    at: str
    bits: int
    number: int
    parts: Sequence[Part] = ()
    old: Sequence[Part] = ()
    held: Sequence[Entry] = field(default=())

    @property
    def memory(self) -> int:
        """About what its rows take."""
        own = sum(part.segment.memory >> max(0, self.bits - part.bits) for part in [*self.parts, *self.old])
        # Stored rows are several times as large in memory.
        return own + 4 * sum(entry.size for entry in self.held)


def bits_of(
    found: Read, names: Mapping[Values, str], held: Mapping[str, Held], file_bytes: int
) -> dict[str, int]:
    """Say by how many bits each partition is parted: near `file_bytes` a file, and bounded in memory.

    Args:
        found: The rows that were read.
        names: The partitions' folders below the table.
        held: What partitions hold that the rows are merged with, by folder.
        file_bytes: What a file should be near.
    """
    bits = {}
    for values, parts in found.partitions.items():
        there = held.get(names[values], Held([], 0))
        rows = sum(part.segment.rows for part in parts)
        memory = sum(part.segment.memory for part in parts)
        memory += int(memory / rows * there.rows)
        size = there.bytes + rows * found.bytes_per_row
        bits[names[values]] = max(bits_for(size / _ROUNDING, file_bytes), bits_for(memory, MOST_FILE_MEMORY))
    return bits


def files_to_be(
    found: Read,
    names: Mapping[Values, str],
    held: Mapping[str, Held],
    bits: Mapping[str, int],
    old: Mapping[str, Sequence[Part]],
) -> list[FileToBe]:
    """List the files; `old` are the rows of partitions that are there and become several files, by the same bits."""
    files = []
    for values, parts in found.partitions.items():
        at = names[values]
        own, there = _by_number(parts, bits[at]), _by_number(old.get(at, ()), bits[at])
        entries = held[at].files if at in held and not bits[at] else ()
        # Of a partition that is there, rows without a new one beside them belong to a file too.
        files += [
            FileToBe(values, at, bits[at], number, own.get(number, ()), there.get(number, ()), entries)
            for number in sorted({*own, *there})
        ]
    return files


def _by_number(parts: Sequence[Part], bits: int) -> dict[int, list[Part]]:
    """Find for each file the parts that may hold rows of it."""
    found: dict[int, list[Part]] = {}
    for part in parts:
        step = 1 << min(part.bits, bits)
        for number in range(part.number % step, 1 << bits, step):
            found.setdefault(number, []).append(part)
    return found
