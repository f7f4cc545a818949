"""The workplace of one attempt: rows are staged as files and held against the table."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from jobs.common import manifest
from jobs.common.commit.changes import Changes, Summary, summaries_of
from jobs.common.commit.layout import Layout, data_files
from jobs.common.commit.recovery import Attempt
from jobs.common.commit.staging import Sizes, no_rows, read_parquet, rows_by_partition, spread, write_files
from jobs.common.files import Entry, Files
from jobs.common.table import ACTION, BUCKET, DELETED, Table, classify, compare, keep_greatest, with_hours

Held = Mapping[str, Sequence[Entry]]
# About what a number takes as compressed Parquet.
_BYTES_PER_VALUE = 4


@dataclass(frozen=True)
class Place:
    """What the runner tells a stage: where, whose, and how files should be."""

    spark: SparkSession
    table: Table
    layout: Layout
    attempt: Attempt
    file_bytes: int


@dataclass(frozen=True)
class Incoming:
    """What is staged: the folder, its files by partition, and what becomes of each partition."""

    folder: str
    files: Held
    summaries: Mapping[str, Summary]
    accepted: int

    @property
    def touched(self) -> dict[str, Summary]:
        """The partitions that are written, in order."""
        return {at: found for at, found in sorted(self.summaries.items()) if found.is_touched}


class Stage(ABC):
    """The workplace of one attempt; how the table is stored is for `ParquetStage` and `DeltaStage` to know."""

    def __init__(self, place: Place) -> None:
        """Take the attempt's place."""
        self.place = place
        self.spark, self.table = place.spark, place.table
        self.layout, self.attempt = place.layout, place.attempt
        self.file_bytes = place.file_bytes
        self.files = Files(place.spark)

    @abstractmethod
    def current(self, partitions: Sequence[str] | None = None) -> DataFrame:
        """Return the rows that the table holds, or those of partitions named as folders are; none without a table."""

    @abstractmethod
    def may_hold(self, partition: str) -> bool:
        """Tell whether the table may hold rows of a partition, named as its folder is, without a look at its rows."""

    @abstractmethod
    def met(self) -> Held:
        """Return, by partition, the files that arriving rows are merged with before the commit."""

    @abstractmethod
    def some(self) -> DataFrame:
        """Return a few of the table's rows, at least one where it has any, without a look at all of its files."""

    @abstractmethod
    def merged(self, incoming: Incoming) -> Changes:
        """Make the commit of rows (any that are not in the table, or greater than there) that are staged."""

    @abstractmethod
    def replaced(self, incoming: Incoming) -> Changes:
        """Make the commit of rows that are staged with their action as their bucket."""

    def prepare(self, rows: DataFrame, stored_bytes: int) -> Changes:
        """Stage a run's accepted rows (any number a key) and tell what they change.

        `stored_bytes` is about what the rows take as Parquet.
        """
        sizes, keys = self._counts(rows)
        accepted = sum(sizes.values())
        if not accepted:
            return Changes()
        laid_out = spread(rows, self.table, Sizes(sizes, stored_bytes / accepted, self.file_bytes))
        folder = f"{self.attempt.folder}/unique"
        write_files(keep_greatest(laid_out, self.table), self.table, folder)
        unique = data_files(self.files, folder, len(self.table.partition_by))
        self._check_keys(unique, keys)
        return self.compared(folder, unique, accepted)

    def compared(self, folder: str, unique: Held, accepted: int) -> Changes:
        """Tell what staged rows, one a key, change; `accepted` are the rows that they were chosen from."""
        there = [at for at in unique if self.may_hold(at)]
        new = [at for at in unique if not self.may_hold(at)]

        def classified(names: Sequence[str], current: DataFrame) -> DataFrame:
            staged = self.read([entry.uri for at in names for entry in unique[at]], folder)
            return classify(current, staged, self.table)

        # Of a partition that is new no row needs to look for an older one.
        both = classified(there, self.current(there)).unionByName(classified(new, self.current([])))
        return self.merged(Incoming(folder, unique, summaries_of(both, self.table), accepted))

    def replace(self, result: DataFrame, current: DataFrame) -> Changes:
        """Stage what makes `current`, rows of the table, into `result`; both have one row a key.

        Rows of the table that are not in `current` stay as they are. What is equal is staged too: the result is
        worked out once, and all that follows, and every count, comes from its files.
        """
        folder = f"{self.attempt.folder}/changes"
        compared = compare(current, result, self.table).withColumn(BUCKET, F.col(ACTION)).drop(ACTION)
        most_rows = max(1, self.file_bytes // (_BYTES_PER_VALUE * len(self.table.schema)))
        write_files(compared.repartition(*self.table.partition_by), self.table, folder, most_rows)
        changes = data_files(self.files, folder, len(self.table.partition_by))
        summaries = summaries_of(self.staged_changes(folder, list(changes)), self.table)
        accepted = sum(sum(found.actions.values()) - found.actions[DELETED] for found in summaries.values())
        return self.replaced(Incoming(folder, changes, summaries, accepted))

    def staged_changes(self, folder: str, partitions: Sequence[str]) -> DataFrame:
        """Read what `replace` has staged for some partitions: rows of the table, their `ACTION`, and their hours."""
        rows = self.read([f"{folder}/{at}" for at in partitions], folder, BUCKET)
        return with_hours(rows.withColumnRenamed(BUCKET, ACTION), self.table)

    def staged(self, folder: str, partitions: Sequence[str] | None = None) -> DataFrame:
        """Read staged rows, of some partitions or all."""
        return self.read([folder] if partitions is None else [f"{folder}/{at}" for at in partitions], folder)

    def read(self, places: Sequence[str], base: str, *further: str) -> DataFrame:
        """Read files or folders below `base` as rows of the table; `further` are columns beside its own, as text."""
        schema = self.table.schema
        names = schema.names
        for name in further:
            schema = type(schema)(list(schema.fields)).add(name, "string")
        if not places:
            return no_rows(self.spark, schema)
        return read_parquet(self.spark, schema, places, base).select(*names, *further)

    def _counts(self, rows: DataFrame) -> tuple[dict[tuple[str, ...], int], int]:
        """Count the rows by partition, and the keys, apart from the choice of the row that stays.

        By two hashes of the key, 96 bits, which take less to group by than texts. A run whose keys share both somewhere
        would fail, as its counts would not close: of runs with a hundred billion keys one in ten million.
        """
        hashes = (F.xxhash64(*self.table.key), F.hash(*self.table.key))
        by_key = rows.groupBy(*self.table.partition_by, *hashes).count()
        by_partition = by_key.groupBy(*self.table.partition_by).agg(
            F.sum("count").alias("rows"), F.count("*").alias("keys")
        )
        found = by_partition.collect()
        sizes = {tuple(str(row[name]) for name in self.table.partition_by): int(row["rows"]) for row in found}
        return sizes, sum(int(row["keys"]) for row in found)

    def _check_keys(self, unique: Held, keys: int) -> None:
        staged = sum(rows_by_partition(self.files, unique).values())
        manifest.check_counted("rows staged = keys of the accepted rows", staged, keys)
