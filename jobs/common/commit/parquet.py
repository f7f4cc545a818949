"""A plain Parquet table: touched partitions are staged as they will be, file by file, for the journal to move."""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, partial
from typing import TypeAlias

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.common.commit.changes import Changes, Summary, total
from jobs.common.commit.journal import Addition
from jobs.common.commit.layout import data_file_name, data_files, highest_number
from jobs.common.commit.stage import Held, Incoming, Stage
from jobs.common.commit.staging import Sizes, rows_by_partition, spread, write_files
from jobs.common.errors import JobFailed
from jobs.common.manifest import Partition
from jobs.common.table import ACTION, BUCKET, DELETED, DUPLICATE, INSERTED, UPDATED, merge, packed, unpacked

_LayOut: TypeAlias = Callable[[DataFrame], DataFrame]


class ParquetStage(Stage):
    """The workplace of an attempt on a plain table.

    Rows of partitions that the table does not have are staged once; those of others are merged with what is there.
    """

    @cached_property
    def held(self) -> Held:
        """The table's data files by partition, as they are when first asked for."""
        return data_files(self.files, self.layout.table, len(self.table.partition_by))

    def may_hold(self, partition: str) -> bool:
        """Tell whether the table has data files of it."""
        return partition in self.held

    def met(self) -> Held:
        """Return the table's data files."""
        return self.held

    def current(self, partitions: Sequence[str] | None = None) -> DataFrame:
        """Return the rows of the table's data files."""
        names = self.held if partitions is None else [at for at in partitions if at in self.held]
        return self.read([entry.uri for at in names for entry in self.held[at]], self.layout.table)

    def some(self) -> DataFrame:
        """Return the rows of one data file: none is written without any."""
        entries = next(iter(self.held.values()), ())
        return self.read([entry.uri for entry in entries[:1]], self.layout.table)

    def merged(self, incoming: Incoming) -> Changes:
        """Merge rows into the partitions that hold any; of others the staged files are used as they are."""
        touched = incoming.touched

        def union(partitions: Sequence[str], lay_out: _LayOut) -> DataFrame:
            staged = self.staged(incoming.folder, partitions)
            return merge(self.current(partitions), staged, self.table, lay_out)

        changed = sum(total(touched.values(), action) for action in (INSERTED, UPDATED))
        return self._changes(incoming, union, incoming.accepted - changed)

    def replaced(self, incoming: Incoming) -> Changes:
        """Write the partitions anew that hold rows out of scope; of others the staged files are used as they are."""

        def union(partitions: Sequence[str], lay_out: _LayOut) -> DataFrame:
            changes = self.staged_changes(incoming.folder, partitions).filter(F.col(ACTION) != DUPLICATE)
            keys = list(self.table.key)
            held = packed(self.current(partitions), self.table, "_row")
            stay = unpacked(held.join(changes.select(*keys), on=keys, how="left_anti"), self.table, "_row")
            arrive = changes.filter(F.col(ACTION) != DELETED).select(*self.table.schema.names)
            return lay_out(stay.unionByName(arrive))

        return self._changes(incoming, union, total(incoming.summaries.values(), DUPLICATE), _is_whole)

    def _changes(
        self,
        incoming: Incoming,
        union: Callable[[Sequence[str], _LayOut], DataFrame],
        duplicates: int,
        is_whole: Callable[[Summary, int], bool] = lambda *_: False,
    ) -> Changes:
        """Make the commit; `is_whole` tells by the rows a partition holds that all of them are among the staged."""
        touched = incoming.touched
        before = {at: self.held[at] for at in touched if at in self.held}
        rows_before = rows_by_partition(self.files, before)
        meet = {at: entries for at, entries in before.items() if not is_whole(touched[at], rows_before[at])}
        after: Held = {
            at: [entry for entry in incoming.files[at] if f"/{BUCKET}={DELETED}/" not in entry.uri]
            for at in touched
            if at not in meet
        }
        if meet:
            folder = f"{self.attempt.folder}/merged"
            write_files(union(list(meet), self._lay_out(meet, rows_before, touched)), self.table, folder)
            after = {**after, **data_files(self.files, folder, len(self.table.partition_by))}
        return self._made(touched, before, rows_before, after, duplicates)

    def written(self, summaries: Mapping[str, Summary], after: Held, duplicates: int) -> Changes:
        """Make the commit of files that are as their partitions will be: `after`, by partition."""
        touched = {at: found for at, found in sorted(summaries.items()) if found.is_touched}
        before = {at: self.held[at] for at in touched if at in self.held}
        return self._made(touched, before, rows_by_partition(self.files, before), after, duplicates)

    def _made(
        self,
        touched: Mapping[str, Summary],
        before: Held,
        rows_before: Mapping[str, int],
        after: Held,
        duplicates: int,
    ) -> Changes:
        partitions = self._partitions(touched, after)
        return Changes(
            inserted=total(touched.values(), INSERTED),
            updated=total(touched.values(), UPDATED),
            deleted=total(touched.values(), DELETED),
            duplicates=duplicates,
            rows_before=sum(rows_before.values()),
            rows_after=sum(partition.rows for partition in partitions),
            partitions=partitions,
            add=self._additions({at: after.get(at, ()) for at in touched}),
            remove=[f"{at}/{entry.name}" for at, entries in before.items() for entry in entries],
        )

    def _lay_out(self, before: Held, rows: Mapping[str, int], touched: Mapping[str, Summary]) -> _LayOut:
        """Return what lays merged rows out as files of about the right size."""
        sizes = {tuple(touched[at].values.values()): rows[at] + touched[at].growth for at in before}
        held_bytes = sum(entry.size for entries in before.values() for entry in entries)
        bytes_per_row = held_bytes / max(1, sum(rows[at] for at in before))
        return partial(spread, table=self.table, sizes=Sizes(sizes, bytes_per_row, self.file_bytes))

    def _partitions(self, touched: Mapping[str, Summary], after: Held) -> list[Partition]:
        rows = rows_by_partition(self.files, after)
        return [
            Partition(
                values=summary.values,
                files=len(after.get(at, ())),
                bytes=sum(entry.size for entry in after.get(at, ())),
                rows=rows.get(at, 0),
                changed_hours=summary.changed_hours,
            )
            for at, summary in touched.items()
        ]

    def _additions(self, after: Held) -> list[Addition]:
        number = 1 + highest_number(entry.name for entries in self.held.values() for entry in entries)
        staged = [(at, entry) for at, entries in after.items() for entry in entries]
        return [
            Addition(
                staged=_below(self.layout.table, entry.uri),
                final=f"{at}/{data_file_name(number, self.attempt.run_id, part)}",
                size=entry.size,
            )
            for part, (at, entry) in enumerate(staged)
        ]


def _is_whole(summary: Summary, rows: int) -> bool:
    """Tell that each row of a partition has met its result: no key is there twice, so it is enough to count them."""
    return rows == sum(summary.actions[action] for action in (UPDATED, DELETED, DUPLICATE))


def _below(folder: str, uri: str) -> str:
    if not uri.startswith(f"{folder}/"):
        raise JobFailed(f"{uri}: expected a place below {folder}")
    return uri.removeprefix(f"{folder}/")
