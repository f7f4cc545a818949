"""A run by the native engine, as its driver leads it: two rounds of tasks, and what their reports come to.

What a task gives back reaches the driver once, from the try that succeeded; files of other tries are named in no report
and go with the staging. There is no shuffle, so no stage is done again for another's sake.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from pyspark.sql import SparkSession

from jobs.common.files import Entry
from jobs.common.native.reading import Reading, ReadReport, read_objects
from jobs.common.native.segments import Segment
from jobs.common.native.spreading import MOST_FILE_MEMORY, Part, Values, bits_for
from jobs.common.native.writing import FileToBe, WriteReport, Writing, write_files, write_quarantine

# As many bytes of objects, and of rows to write, a task is worth.
_TASK_BYTES: Final = 32 * 1024 * 1024
_OPEN_COST_BYTES: Final = 1024 * 1024
_WRITE_TASK_BYTES: Final = 128 * 1024 * 1024
_FILE_COST_BYTES: Final = 2 * 1024 * 1024
# What a stored byte of a partition becomes in memory.
_HELD_COST: Final = 4
_QUARANTINE_BYTES: Final = 128 * 1024 * 1024
_Item = TypeVar("_Item")
_Report = TypeVar("_Report")


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

    @property
    def rows(self) -> dict[Values, int]:
        """Count the accepted rows by partition."""
        return {values: sum(part.segment.rows for part in parts) for values, parts in self.partitions.items()}


def read(spark: SparkSession, objects: Sequence[Entry], reading: Callable[[int], Reading]) -> Read:
    """Read objects by tasks; `reading` says what they share, given how many they are."""
    groups = _shared_out(objects, [one.size + _OPEN_COST_BYTES for one in objects], _TASK_BYTES, spark)
    shared = reading(len(groups))
    reports = _each(spark, groups, lambda group: read_objects(shared, group))
    return _summed(reports)


def _summed(reports: Sequence[ReadReport]) -> Read:
    reasons: Counter[str] = Counter()
    partitions: dict[Values, list[Part]] = {}
    for report in reports:
        reasons.update(report.reasons)
        for values, parts in report.parts.items():
            partitions.setdefault(values, []).extend(parts)
    accepted = sum(report.accepted for report in reports)
    size = sum(report.bytes_per_row * report.accepted for report in reports)
    return Read(
        objects=sum(report.objects for report in reports),
        messages=sum(report.messages for report in reports),
        accepted=accepted,
        quarantined=dict(sorted(reasons.items())),
        refused=[segment for report in reports for segment in report.refused],
        partitions=dict(sorted(partitions.items())),
        bytes_per_row=size / max(1, accepted),
    )


@dataclass(frozen=True)
class Held:
    """The files that a partition has: places, rows and bytes."""

    files: Sequence[Entry]
    rows: int

    @property
    def bytes(self) -> int:
        """Sum up the files."""
        return sum(entry.size for entry in self.files)


def plan(
    found: Read, names: Mapping[Values, str], held: Mapping[str, Held], file_bytes: int
) -> list[FileToBe]:
    """Say which files the rows become: a power of two for each partition, near `file_bytes` and bounded in memory.

    Args:
        found: The rows that were read.
        names: The partitions' folders below the table.
        held: What partitions hold that the rows are merged with, by folder.
        file_bytes: What a file should be near.
    """
    files = []
    for values, parts in found.partitions.items():
        at = names[values]
        there = held.get(at, Held([], 0))
        rows = sum(part.segment.rows for part in parts)
        memory = sum(part.segment.memory for part in parts)
        memory += int(memory / rows * there.rows)
        size = there.bytes + rows * found.bytes_per_row
        # Half a file too much or too little is as near as a power of two comes.
        bits = max(bits_for(size / 1.5, file_bytes), bits_for(memory, MOST_FILE_MEMORY))
        uris = [entry.uri for entry in there.files]
        for number in range(1 << bits):
            own = [part for part in parts if _may_hold(part, bits, number)]
            # Of a partition that is there, rows without a new one beside them belong to a file too.
            if own or uris:
                files.append(FileToBe(values, at, bits, number, own, uris, there.bytes >> bits))
    return files


def write(spark: SparkSession, writing: Writing, files: Sequence[FileToBe]) -> list[WriteReport]:
    """Write files by tasks."""
    costs = [file.memory + _HELD_COST * file.held_bytes + _FILE_COST_BYTES for file in files]
    groups = _shared_out(files, costs, _WRITE_TASK_BYTES, spark)
    return [
        report for own in _each(spark, groups, lambda group: write_files(writing, group)) for report in own
    ]


def refuse(spark: SparkSession, writing: Writing, folder: str, refused: Sequence[Segment]) -> dict[str, int]:
    """Write refused messages by tasks; returns the rows by the files' names."""
    groups = _shared_out(refused, [one.memory for one in refused], _QUARANTINE_BYTES, spark, at_least=1)
    return dict(_each(spark, groups, lambda group: write_quarantine(writing.stores, folder, group)))


def _may_hold(part: Part, bits: int, number: int) -> bool:
    common = (1 << min(part.bits, bits)) - 1
    return part.number & common == number & common


def _shared_out(
    items: Sequence[_Item], sizes: Sequence[int], most: int, spark: SparkSession, at_least: int = 0
) -> list[list[_Item]]:
    """Share items out to tasks in their order, each of about `most` bytes, and no core without one."""
    total = sum(sizes)
    tasks = max(at_least or spark.sparkContext.defaultParallelism, -(-total // most))
    groups: list[list[_Item]] = [[] for _ in range(tasks)]
    before = 0
    for item, size in zip(items, sizes, strict=True):
        groups[min(tasks - 1, (before + size // 2) * tasks // max(1, total))].append(item)
        before += size
    return [group for group in groups if group]


def _each(spark: SparkSession, groups: Sequence[_Item], do: Callable[[_Item], _Report]) -> list[_Report]:
    """Have each group done by a task of its own; reports in the groups' order."""
    if not groups:
        return []
    rdd: Any = spark.sparkContext.parallelize(groups, len(groups))
    return list(rdd.map(do).collect())
