"""A run by the native engine, as its driver leads it: two rounds of tasks, and what their reports come to.

What a task gives back reaches the driver once, from the try that succeeded; files of other tries are named in no report
and go with the staging. There is no shuffle, so no stage is done again for another's sake.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeVar

from pyspark.sql import SparkSession

from jobs.common.errors import JobFailed
from jobs.common.files import Entry
from jobs.common.native.engine import prepare
from jobs.common.native.planning import FileToBe, Held, Read
from jobs.common.native.reading import Reading, ReadReport, read_objects
from jobs.common.native.segments import Segment
from jobs.common.native.spreading import Part, Values
from jobs.common.native.writing import (
    OldFile,
    WriteReport,
    Writing,
    part_files,
    write_files,
    write_refused,
)
from jobs.common.readers import workers

# As many bytes of objects, and of rows to write, a task is worth: some seconds.
_TASK_BYTES: Final = 96 * 1024 * 1024
# Opening an object takes about as long as so many bytes of it: some milliseconds.
_OPEN_COST_BYTES: Final = 128 * 1024
_WRITE_TASK_BYTES: Final = 128 * 1024 * 1024
_FILE_COST_BYTES: Final = 2 * 1024 * 1024
_QUARANTINE_BYTES: Final = 128 * 1024 * 1024
_Item = TypeVar("_Item")
_Report = TypeVar("_Report")


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


def part_old(
    spark: SparkSession, writing: Writing, held: Mapping[str, Held], bits: Mapping[str, int]
) -> dict[str, list[Part]]:
    """Part, by tasks, the rows of partitions that become several files; returns them by the partition's folder."""
    old = [
        OldFile(at, entry, bits[at]) for at, there in held.items() if bits.get(at) for entry in there.files
    ]
    groups = _shared_out(old, [one.entry.size + _FILE_COST_BYTES for one in old], _TASK_BYTES, spark)
    found: dict[str, list[Part]] = {}
    for parts in _each(spark, groups, lambda group: part_files(writing, group)):
        for at, part in parts:
            found.setdefault(at, []).append(part)
    return found


def write(spark: SparkSession, writing: Writing, files: Sequence[FileToBe]) -> list[WriteReport]:
    """Write files by tasks."""
    costs = [file.memory + _FILE_COST_BYTES for file in files]
    groups = _shared_out(files, costs, _WRITE_TASK_BYTES, spark)
    return [
        report for own in _each(spark, groups, lambda group: write_files(writing, group)) for report in own
    ]


def refuse(spark: SparkSession, writing: Writing, refused: Sequence[Segment]) -> list[str]:
    """Write refused messages by tasks as files that stand aside; returns their names."""
    groups = _shared_out(refused, [one.memory for one in refused], _QUARANTINE_BYTES, spark, at_least=1)
    return _each(spark, groups, lambda group: write_refused(writing, group))


def _shared_out(
    items: Sequence[_Item], sizes: Sequence[int], most: int, spark: SparkSession, at_least: int = 0
) -> list[list[_Item]]:
    """Share items out to tasks in their order, each of about `most` bytes at most, and all cores busy to the end."""
    total, cores = sum(sizes), at_least or spark.sparkContext.defaultParallelism
    tasks = cores * max(1, -(-total // (most * cores)))
    groups: list[list[_Item]] = [[] for _ in range(tasks)]
    before = 0
    for item, size in zip(items, sizes, strict=True):
        groups[min(tasks - 1, (before + size // 2) * tasks // max(1, total))].append(item)
        before += size
    return [group for group in groups if group]


def _each(spark: SparkSession, groups: Sequence[_Item], do: Callable[[_Item], _Report]) -> list[_Report]:
    """Have each group done by a task of its own; reports in the groups' order.

    Raises:
        JobFailed: The first that a task has raised; Spark does not see it, so that it tries nothing again.
    """
    if not groups:
        return []

    def tried(group: _Item) -> _Report | JobFailed:
        workers.settle()
        prepare()
        try:
            return do(group)
        except JobFailed as fault:
            return fault

    rdd: Any = spark.sparkContext.parallelize(groups, len(groups))
    reports: list[_Report] = []
    for report in rdd.map(tried).collect():
        if isinstance(report, JobFailed):
            raise report
        reports.append(report)
    return reports
