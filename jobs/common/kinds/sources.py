"""The table that another is made from: what kind it is, which files stand for it, and that it is at rest."""

from collections.abc import Sequence
from dataclasses import dataclass

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.types import StructType

from jobs.common.commit import delta_log
from jobs.common.commit.layout import Layout, data_files
from jobs.common.commit.staging import no_rows, read_parquet
from jobs.common.errors import JobFailed, UsageError
from jobs.common.files import Entry, Files, in_parallel
from jobs.common.session import knows_delta

_DELTA_LOG = "_delta_log"


@dataclass(frozen=True)
class Source:
    """What a derived dataset is made from: a job's table, of it the columns read, the partition (a date), the time."""

    job: str
    schema: StructType
    partition: str
    time: str


@dataclass(frozen=True)
class SourceTable:
    """A table of that job, plain or Delta, as it stands at `place` (a full Hadoop path)."""

    source: Source
    place: str
    is_delta: bool

    @classmethod
    def find(cls, files: Files, source: Source, uri: str, wanted: str) -> "SourceTable":
        """Find the table; `wanted` is `parquet`, `delta`, or `auto`: whichever is there.

        Raises:
            UsageError: Where there is none.
        """
        place = files.qualified(uri).rstrip("/")
        names = [entry.name for entry in files.children(place) if entry.is_folder]
        is_delta = wanted == "delta" or (wanted == "auto" and _DELTA_LOG in names)
        marks = (_DELTA_LOG,) if is_delta else (f"{source.partition}=", "_runs")
        if not any(name.startswith(marks) for name in names):
            kind = "" if wanted == "auto" else f"{wanted} "
            raise UsageError(
                f"--input {uri}: expected a {kind}table of {source.job}, found no folder of it that begins with "
                f"{' or '.join(marks)}; accepted: what that job wrote to its --output"
            )
        return cls(source, place, is_delta)

    def runs(self, files: Files) -> frozenset[str]:
        """Name the runs that the table records; none where it was not written by jobs."""
        record = Layout(self.place).records
        return frozenset(entry.name.removesuffix(".json") for entry in files.children(record))

    def entries(self, files: Files, partitions: Sequence[str] | None = None) -> list[Entry]:
        """List the files that stand for the rows: data files, of some partitions or all, or Delta's newest commit.

        Raises:
            JobFailed: Where a commit to the table has not come to its end.
        """
        if self.is_delta:
            return self._newest_commit(files)
        self.refuse_motion(files)
        if partitions is None:
            listed = [data_files(files, self.place, depth=1)]
        else:
            folders = [f"{self.place}/{at}" for at in partitions]
            listed = in_parallel(lambda folder: data_files(files, folder, depth=0), folders)
        return sorted(entry for held in listed for entries in held.values() for entry in entries)

    def read(self, spark: SparkSession, entries: Sequence[Entry]) -> DataFrame:
        """Read the rows that those files stand for.

        Raises:
            UsageError: Where the session does not know Delta, and should.
        """
        names = self.source.schema.names
        if self.is_delta:
            if not knows_delta(spark):
                raise UsageError(
                    f"--input {self.place}: is a Delta table, for which this run is not set up; "
                    "accepted: --input-format delta"
                )
            version = int(entries[0].name.partition(".")[0])
            return spark.read.format("delta").option("versionAsOf", version).load(self.place).select(*names)
        if not entries:
            return no_rows(spark, self.source.schema)
        return read_parquet(spark, self.source.schema, [entry.uri for entry in entries], self.place).select(
            *names
        )

    def refuse_changed(
        self, files: Files, entries: Sequence[Entry], partitions: Sequence[str] | None = None
    ) -> None:
        """See that what was read is still the table: of a plain one, old and new may have been read together.

        Raises:
            JobFailed: Where it is not. A version of Delta does not change.
        """
        if not self.is_delta and self.entries(files, partitions) != list(entries):
            raise JobFailed(
                f"{self.place}: changed while the run was reading; nothing was written to the table; "
                "run again when the table is at rest"
            )

    def refuse_motion(self, files: Files) -> None:
        """See that no run is writing to the table: its manifest may be out, and the run not recorded yet.

        Raises:
            JobFailed: Where one is, or was cut off.
        """
        journal = Layout(self.place).journal
        if files.find(journal):
            raise JobFailed(
                f"{journal}: a run of {self.source.job} is writing to the table, or was cut off; nothing was written; "
                "let it end, or start it again, and then run this again"
            )

    def _newest_commit(self, files: Files) -> list[Entry]:
        entries = delta_log.entries(files, self.place)
        if not entries:
            raise UsageError(f"--input {self.place}: expected a Delta table, its log has no commit")
        return [entries[max(entries)]]
