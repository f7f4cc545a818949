"""A Delta table: rows are staged and held against one version of it; the journal's merge then does the rest."""

from collections.abc import Sequence
from functools import cached_property

from pyspark.sql import DataFrame

from jobs.common.commit import delta_log, delta_table
from jobs.common.commit.changes import Changes, partition_values, total
from jobs.common.commit.journal import Merge
from jobs.common.commit.stage import Held, Incoming, Place, Stage
from jobs.common.commit.staging import no_rows
from jobs.common.errors import UsageError
from jobs.common.manifest import Partition
from jobs.common.table import DELETED, DUPLICATE, INSERTED, UPDATED


class DeltaStage(Stage):
    """The workplace of an attempt on a Delta table."""

    def __init__(self, place: Place, *, deletion_vectors: bool = False) -> None:
        """Take the attempt's place, and whether rows may be marked as deleted instead of writing files anew."""
        super().__init__(place)
        self._deletion_vectors = deletion_vectors

    @cached_property
    def version(self) -> int:
        """The table's version when first asked for.

        Raises:
            UsageError: Where the table that is there has other columns or partitions than this job writes.
        """
        newest = delta_log.latest_version(self.files, self.layout.table)
        if newest != delta_log.NO_TABLE:
            self._refuse_other_table()
        return newest

    def may_hold(self, partition: str) -> bool:  # noqa: ARG002 - Delta is not asked for the partitions that it has
        """Tell whether there is a table."""
        return self.version != delta_log.NO_TABLE

    def met(self) -> Held:
        """Delta itself merges rows into its files."""
        return {}

    def current(self, partitions: Sequence[str] | None = None) -> DataFrame:
        """Return the rows of the version."""
        if self.version == delta_log.NO_TABLE or partitions == []:
            return no_rows(self.spark, self.table.schema)
        rows = delta_table.at_version(self.spark, self.layout.table, self.version)
        if partitions is not None:
            wanted = [partition_values(at) for at in partitions]
            rows = rows.filter(delta_table.in_partitions(self.table.schema, wanted))
        return rows.select(*self.table.schema.names)

    def some(self) -> DataFrame:
        """Return the rows of the version: whoever takes the first has Delta read one file."""
        return self.current()

    def merged(self, incoming: Incoming) -> Changes:
        """Merge rows into the touched partitions where they are greater than what is there."""
        changed = sum(total(incoming.summaries.values(), action) for action in (INSERTED, UPDATED))
        return self._changes(incoming, incoming.accepted - changed, self.table.rank)

    def replaced(self, incoming: Incoming) -> Changes:
        """Insert, update and delete as the staged actions say."""
        return self._changes(incoming, total(incoming.summaries.values(), DUPLICATE), None)

    def _changes(self, incoming: Incoming, duplicates: int, rank: list[str] | None) -> Changes:
        touched = incoming.touched
        merge = Merge(
            source=incoming.folder.removeprefix(f"{self.layout.table}/"),
            files=[
                entry.uri.removeprefix(f"{incoming.folder}/")
                for at in touched
                for entry in incoming.files[at]
            ],
            version=self.version,
            key=list(self.table.key),
            rank=rank,
            partition_by=list(self.table.partition_by),
            partitions=[dict(summary.values) for summary in touched.values()],
            deletion_vectors=self._deletion_vectors,
            file_bytes=self.file_bytes,
        )
        return Changes(
            inserted=total(touched.values(), INSERTED),
            updated=total(touched.values(), UPDATED),
            deleted=total(touched.values(), DELETED),
            duplicates=duplicates,
            partitions=[Partition(found.values, 0, 0, 0, found.changed_hours) for found in touched.values()],
            merge=merge if touched else None,
        )

    def _refuse_other_table(self) -> None:
        place = self.layout.table
        found = self.spark.read.format("delta").load(place).schema
        here, own = ([(f.name, f.dataType) for f in schema.fields] for schema in (found, self.table.schema))
        partitions = tuple(delta_table.detail(self.spark, place)["partitionColumns"])
        if here != own or partitions != self.table.partition_by:
            raise UsageError(
                f"--output: {place} is a Delta table of other columns ({found.simpleString()} by {partitions}); "
                f"accepted: a table of this job ({self.table.schema.simpleString()} by {self.table.partition_by}), "
                "or a new place"
            )
