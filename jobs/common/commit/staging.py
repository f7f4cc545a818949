"""What a run writes before it commits: messages judged once, then rows as files of their final form."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import StructType

from jobs.common.files import Entry, Files, in_parallel
from jobs.common.quality import REASONS
from jobs.common.session import settings
from jobs.common.table import BUCKET, Table, bucket_of

_IS_GOOD = "is_good"
_NO_MARKER = ("mapreduce.fileoutputcommitter.marksuccessfuljobs", "false")
# Parquet's writer looks at the memory it holds after some hundred or thousand rows, by what the last ones took.
LARGE_ROWS = {
    "parquet.page.size.row.check.min": "1",
    "parquet.page.size.row.check.max": "1",
    "parquet.block.size": str(32 * 1024 * 1024),
}
QUARANTINE_COLUMNS = (REASONS, "raw", "source_object", "position")
_LISTING_TASKS_PER_CORE = 4
_TASK_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True)
class Sizes:
    """How rows become files: rows by partition (by the values' text), bytes a row, bytes a file should have."""

    rows: Mapping[tuple[str, ...], int]
    bytes_per_row: float
    file_bytes: int

    def buckets(self) -> dict[tuple[str, ...], int]:
        """Return the number of files for each partition."""
        return {
            values: max(1, round(rows * self.bytes_per_row / self.file_bytes))
            for values, rows in self.rows.items()
        }

    def tasks(self, parallelism: int) -> int:
        """Return the number of tasks that share the work: no more than there are files."""
        total = sum(self.rows.values()) * self.bytes_per_row
        return max(1, min(sum(self.buckets().values()), max(parallelism, int(total / _TASK_BYTES))))


class Judged:
    """Messages with their reasons, written once: everything after, and every count, comes from these files."""

    def __init__(self, spark: SparkSession, folder: str, schema: StructType) -> None:
        """Stand for the messages below `folder`."""
        self._spark, self._folder, self._schema = spark, folder, schema

    def write(self, judged: DataFrame) -> None:
        """Run the reading; the bytes of good messages are not kept."""
        is_good = F.size(REASONS) == 0
        kept = judged.withColumn("raw", F.when(~is_good, F.col("raw"))).withColumn(_IS_GOOD, is_good)
        kept.write.option(*_NO_MARKER).options(**LARGE_ROWS).partitionBy(_IS_GOOD).parquet(self._folder)

    def good(self) -> DataFrame:
        """Return the accepted messages."""
        return self._part("true")

    def refused(self) -> DataFrame:
        """Return the messages that go to quarantine."""
        return self._part("false")

    def first_reasons(self) -> dict[str, int]:
        """Count the refused messages by their first reason."""
        counts = self.refused().groupBy(F.col(REASONS)[0].alias("reason")).count().orderBy("reason")
        return {row["reason"]: int(row["count"]) for row in counts.collect()}

    def good_files(self, files: Files) -> list[Entry]:
        """List the files of the accepted messages."""
        return parquet_files(files, f"{self._folder}/{_IS_GOOD}=true")

    def _part(self, value: str) -> DataFrame:
        folder = f"{self._folder}/{_IS_GOOD}={value}"
        if Files(self._spark).find(folder) is None:
            return no_rows(self._spark, self._schema)
        return read_parquet(self._spark, self._schema, [folder])


def no_rows(spark: SparkSession, schema: StructType) -> DataFrame:
    """Return a frame without rows, which Spark knows to have none: what is joined with it is not shuffled."""
    return spark.createDataFrame([], schema).limit(0)


def read_parquet(
    spark: SparkSession, schema: StructType, paths: Sequence[str], base: str | None = None
) -> DataFrame:
    """Read Parquet files by literal names; with `base`, partition columns come from the folders below it."""
    reader = spark.read.schema(schema).option("__globPaths__", "false")
    if base:
        reader = reader.option("basePath", base)
    # Else Spark would look at each of thousands of paths in a task of its own.
    tasks = _LISTING_TASKS_PER_CORE * spark.sparkContext.defaultParallelism
    with settings(spark, {"spark.sql.sources.parallelPartitionDiscovery.parallelism": str(tasks)}):
        return reader.parquet(*paths)


def write_quarantine(refused: DataFrame, folder: str, file_bytes: int) -> None:
    """Write refused messages in place, under names that were never used."""
    tidy = refused.select(*QUARANTINE_COLUMNS)
    # Row by row: a batch of raw bytes, of thousands of rows, may be more than the heap, or than an array can hold.
    with settings(refused.sparkSession, {"spark.sql.parquet.enableVectorizedReader": "false"}):
        size = tidy.select(F.sum(F.length("raw"))).first()
        total = int(size[0] or 0) if size else 0
        writer = tidy.coalesce(1 + total // file_bytes).write.option(*_NO_MARKER).options(**LARGE_ROWS)
        writer.mode("append").parquet(folder)


def parquet_files(files: Files, folder: str) -> list[Entry]:
    """List what was written there; the work folder of a try that was given up is no part of it."""
    return [entry for entry in files.children(folder) if entry.name.endswith(".parquet")]


def spread(rows: DataFrame, table: Table, sizes: Sizes) -> DataFrame:
    """Bring the rows of each file-to-be into one task: equal keys meet, large partitions are shared out by key."""
    buckets: Column = bucket_of(table, sizes.buckets())
    parallelism = rows.sparkSession.sparkContext.defaultParallelism
    return rows.withColumn(BUCKET, buckets).repartition(sizes.tasks(parallelism), *table.partition_by, BUCKET)


def write_files(rows: DataFrame, table: Table, folder: str, most_rows: int = 0) -> None:
    """Write spread rows, sorted, as one data file a bucket, below the folders of their partitions.

    With `most_rows` a bucket is cut into files of no more rows.
    """
    partitions = [*table.partition_by, BUCKET]
    ordered = rows.sortWithinPartitions(*partitions, *table.sort_by)
    writer = ordered.write.option(*_NO_MARKER).option("maxRecordsPerFile", most_rows)
    writer.partitionBy(*partitions).parquet(folder)


def rows_by_partition(files: Files, held: Mapping[str, Sequence[Entry]]) -> dict[str, int]:
    """Count the rows of partitions by the footers of their data files."""
    counts = dict.fromkeys(held, 0)
    flat = [(at, entry.uri) for at, entries in held.items() for entry in entries]
    for (at, _), rows in zip(flat, in_parallel(lambda file: files.parquet_rows(file[1]), flat), strict=True):
        counts[at] += rows
    return counts


def rows_in(files: Files, entries: Sequence[Entry]) -> int:
    """Count the rows of Parquet files by their footers."""
    return sum(rows_by_partition(files, {"": entries}).values())
