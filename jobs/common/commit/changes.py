"""What a run changes: its rows held against the table, partition by partition, as files ready to be moved there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from jobs.common.commit.journal import Addition
from jobs.common.commit.layout import Layout, data_file_name, data_files, highest_number
from jobs.common.commit.recovery import Attempt
from jobs.common.commit.staging import Sizes, read_parquet, rows_by_partition, spread, write_files
from jobs.common.errors import JobFailed
from jobs.common.files import Entry, Files
from jobs.common.manifest import Partition
from jobs.common.table import DUPLICATE, INSERTED, UPDATED, Table, classify, keep_greatest, merge, summarise

_Held = Mapping[str, Sequence[Entry]]


@dataclass(frozen=True)
class Changes:
    """A run's effect on its table, counted from what is staged."""

    inserted: int
    updated: int
    duplicates: int
    rows_before: int
    rows_after: int
    partitions: list[Partition]
    add: list[Addition]
    remove: list[str]


@dataclass(frozen=True)
class _Summary:
    values: dict[str, str]
    actions: dict[str, int]
    changed_hours: list[int]


@dataclass(frozen=True)
class Stage:
    """The workplace of one attempt."""

    spark: SparkSession
    table: Table
    layout: Layout
    attempt: Attempt
    file_bytes: int

    @property
    def files(self) -> Files:
        """The session's way to files."""
        return Files(self.spark)

    def prepare(self, rows: DataFrame, stored_bytes: int) -> Changes:
        """Stage a run's accepted rows (any number a key) and tell what they change.

        `stored_bytes` is about what the rows take as Parquet. Rows of partitions that the table does not have are
        staged once; those of others are merged with what is there, where there is anything to insert or update.
        """
        files, table = self.files, self.table
        sizes, keys = self._counts(rows)
        accepted = sum(sizes.values())
        if not accepted:
            return Changes(0, 0, 0, 0, 0, [], [], [])
        laid_out = spread(rows, table, Sizes(sizes, stored_bytes / accepted, self.file_bytes))
        unique_folder = f"{self.attempt.folder}/unique"
        write_files(keep_greatest(laid_out, table), table, unique_folder)
        unique = data_files(files, unique_folder, len(table.partition_by))
        self._check_keys(unique, keys)
        held = data_files(files, self.layout.table, len(table.partition_by))
        common = {partition: held[partition] for partition in unique if partition in held}
        summaries = self._summaries(self._staged(unique_folder), common)
        touched = {at: s for at, s in summaries.items() if s.actions[INSERTED] or s.actions[UPDATED]}
        before = {at: common[at] for at in touched if at in common}
        rows_before = rows_by_partition(files, before)
        merged = self._merge(unique_folder, before, rows_before, touched)
        after = {at: merged.get(at, unique[at]) for at in sorted(touched)}
        numbers = _Numbers(accepted, sum(rows_before.values()), _next_number(held))
        return self._changes(summaries, before, after, numbers)

    def _counts(self, rows: DataFrame) -> tuple[dict[tuple[str, ...], int], int]:
        """Count the rows by partition, and the keys, apart from the choice of the row that stays."""
        by_key = rows.groupBy(*dict.fromkeys([*self.table.partition_by, *self.table.key])).count()
        by_partition = by_key.groupBy(*self.table.partition_by).agg(
            F.sum("count").alias("rows"), F.count("*").alias("keys")
        )
        found = by_partition.collect()
        sizes = {tuple(str(row[name]) for name in self.table.partition_by): int(row["rows"]) for row in found}
        return sizes, sum(int(row["keys"]) for row in found)

    def _check_keys(self, unique: _Held, keys: int) -> None:
        staged = sum(rows_by_partition(self.files, unique).values())
        if staged != keys:
            raise JobFailed(
                f"the accounting does not close: the accepted rows have {keys} keys, {staged} rows were staged; "
                "nothing was written to the table; "
                "this is a fault of the job or of the machine: keep the logs and report it"
            )

    def _staged(self, folder: str) -> DataFrame:
        return read_parquet(self.spark, self.table.schema, [folder], folder).select(*self.table.schema.names)

    def _held(self, held: _Held) -> DataFrame:
        paths = [entry.uri for entries in held.values() for entry in entries]
        if not paths:
            return self.spark.createDataFrame([], self.table.schema)
        return read_parquet(self.spark, self.table.schema, paths, self.layout.table).select(
            *self.table.schema.names
        )

    def _summaries(self, incoming: DataFrame, common: _Held) -> dict[str, _Summary]:
        classified = classify(self._held(common), incoming, self.table)
        found = {}
        for row in summarise(classified, self.table).collect():
            values = {name: str(row[name]) for name in self.table.partition_by}
            actions = {action: int(row[action]) for action in (INSERTED, UPDATED, DUPLICATE)}
            found[_partition(values)] = _Summary(values, actions, list(row["changed_hours"]))
        return found

    def _merge(
        self,
        unique_folder: str,
        before: _Held,
        rows_before: Mapping[str, int],
        touched: Mapping[str, _Summary],
    ) -> _Held:
        """Stage the new content of partitions that hold rows already."""
        if not before:
            return {}
        folder = f"{self.attempt.folder}/merged"
        sizes = {
            tuple(touched[at].values.values()): rows + touched[at].actions[INSERTED]
            for at, rows in rows_before.items()
        }
        held_bytes = sum(entry.size for entries in before.values() for entry in entries)
        bytes_per_row = held_bytes / max(1, sum(rows_before.values()))
        lay_out = partial(spread, table=self.table, sizes=Sizes(sizes, bytes_per_row, self.file_bytes))
        places = [f"{unique_folder}/{at}" for at in before]
        incoming = read_parquet(self.spark, self.table.schema, places, unique_folder).select(
            *self.table.schema.names
        )
        write_files(merge(self._held(before), incoming, self.table, lay_out), self.table, folder)
        return data_files(self.files, folder, len(self.table.partition_by))

    def _changes(
        self, summaries: Mapping[str, _Summary], before: _Held, after: _Held, numbers: "_Numbers"
    ) -> Changes:
        inserted, updated = (
            sum(s.actions[action] for s in summaries.values()) for action in (INSERTED, UPDATED)
        )
        unique = sum(sum(s.actions.values()) for s in summaries.values())
        duplicates = numbers.accepted - unique + sum(s.actions[DUPLICATE] for s in summaries.values())
        add = self._additions(after, numbers.next_file)
        rows_after = rows_by_partition(self.files, after)
        partitions = [
            Partition(
                values=summaries[at].values,
                files=len(entries),
                bytes=sum(entry.size for entry in entries),
                rows=rows_after[at],
                changed_hours=summaries[at].changed_hours,
            )
            for at, entries in after.items()
        ]
        return Changes(
            inserted=inserted,
            updated=updated,
            duplicates=duplicates,
            rows_before=numbers.rows_before,
            rows_after=sum(rows_after.values()),
            partitions=partitions,
            add=add,
            remove=[f"{at}/{entry.name}" for at, entries in sorted(before.items()) for entry in entries],
        )

    def _additions(self, after: _Held, number: int) -> list[Addition]:
        staged = [(at, entry) for at, entries in after.items() for entry in entries]
        return [
            Addition(
                staged=_below(self.layout.table, entry.uri),
                final=f"{at}/{data_file_name(number, self.attempt.run_id, part)}",
                size=entry.size,
            )
            for part, (at, entry) in enumerate(staged)
        ]


@dataclass(frozen=True)
class _Numbers:
    accepted: int
    rows_before: int
    next_file: int


def _next_number(held: _Held) -> int:
    return 1 + highest_number(entry.name for entries in held.values() for entry in entries)


def _partition(values: Mapping[str, str]) -> str:
    return "/".join(f"{name}={value}" for name, value in values.items())


def _below(folder: str, uri: str) -> str:
    if not uri.startswith(f"{folder}/"):
        raise JobFailed(f"{uri}: expected a place below {folder}")
    return uri.removeprefix(f"{folder}/")
