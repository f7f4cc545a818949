"""A table in either format that runs are made on, one after another, below the runner."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from chispa import assert_df_equality
from pyspark.sql import DataFrame, SparkSession

from jobs.common import manifest
from jobs.common.arguments import Format
from jobs.common.commit import carrying_out
from jobs.common.commit.carrying_out import carry_out
from jobs.common.commit.changes import Changes
from jobs.common.commit.delta import DeltaStage
from jobs.common.commit.journal import Journal
from jobs.common.commit.layout import Layout
from jobs.common.commit.parquet import ParquetStage
from jobs.common.commit.recovery import begin, put_journal, recover
from jobs.common.commit.stage import Place, Stage
from jobs.common.files import Files
from tests.jobs.common.commit.commits import Stopped, stop_at
from tests.jobs.common.tables import SCHEMA, TABLE

ROW_BYTES = 100
Rows = Sequence[tuple[object, ...]]


class Tables:
    """A table below a folder, and the runs on it."""

    def __init__(
        self, spark: SparkSession, root: Path, format_: Format = "parquet", *, deletion_vectors: bool = False
    ) -> None:
        """Make none yet."""
        self.spark, self.root, self.files, self.format = spark, root, Files(spark), format_
        self.layout = Layout(self.files.qualified(str(root / "table")))
        self.deletion_vectors = deletion_vectors
        self.runs = 0

    def frame(self, rows: Rows) -> DataFrame:
        """Make a frame of rows."""
        return self.spark.createDataFrame(list(rows), SCHEMA)

    def open_stage(self, file_bytes: int = 10_000_000) -> Stage:
        """Begin a run."""
        recover(self.files, self.layout)
        self.runs += 1
        attempt = begin(self.files, self.layout, f"r{self.runs}", f"file:{self.root}/q")
        place = Place(self.spark, TABLE, self.layout, attempt, file_bytes)
        if self.format == "delta":
            return DeltaStage(place, deletion_vectors=self.deletion_vectors)
        return ParquetStage(place)

    def stage(self, rows: Rows, file_bytes: int = 10_000_000) -> tuple[Stage, Changes]:
        """Stage a run that merges rows."""
        stage = self.open_stage(file_bytes)
        return stage, stage.prepare(self.frame(rows), ROW_BYTES * len(rows))

    def journal(self, stage: Stage, changes: Changes, accepted: int, *, can_delete: bool = False) -> Journal:
        """Put the journal of what is staged at its place."""
        counts = manifest.RowCounts(
            read=accepted,
            accepted=accepted,
            inserted=changes.inserted,
            updated=changes.updated,
            duplicates=changes.duplicates,
            deleted=changes.deleted if can_delete else None,
        )
        about = manifest.Run("test", "1", stage.attempt.run_id, manifest.now(), [])
        journal = Journal(
            run_id=stage.attempt.run_id,
            attempt=stage.attempt.token,
            fingerprint="p",
            manifest_uri=f"file:{self.root}/manifest.json",
            manifest=manifest.build(about, counts, changes.partitions, SCHEMA, "4"),
            quarantine=stage.attempt.quarantine,
            add=changes.add,
            remove=changes.remove,
            merge=changes.merge,
        )
        put_journal(self.files, self.layout, stage.attempt, journal)
        return journal

    def finish(self, journal: Journal) -> dict[str, Any]:
        """Carry a journal out and return the manifest."""
        return carry_out(self.files, self.layout, journal).manifest

    def cut_off(self, journal: Journal, monkeypatch: pytest.MonkeyPatch, point: str) -> None:
        """Carry a journal out until a commit point, and no further."""
        with monkeypatch.context() as patch:
            patch.setattr(carrying_out, "reach", stop_at(point))
            with pytest.raises(Stopped):
                self.finish(journal)

    def merge(self, rows: Rows) -> dict[str, Any]:
        """Make a run that merges rows; returns its manifest."""
        stage, changes = self.stage(rows)
        return self.finish(self.journal(stage, changes, len(rows)))

    def replace(
        self, rows: Rows, in_scope: Callable[[DataFrame], DataFrame] = lambda rows: rows
    ) -> dict[str, Any]:
        """Make a run that puts rows in the place of those in scope; returns its manifest."""
        return self.finish(self.replacement(rows, in_scope))

    def replacement(
        self, rows: Rows, in_scope: Callable[[DataFrame], DataFrame] = lambda rows: rows
    ) -> Journal:
        """Stage a run that puts rows in the place of those in scope, and put its journal."""
        stage = self.open_stage()
        changes = stage.replace(self.frame(rows), in_scope(stage.current()))
        return self.journal(stage, changes, len(rows), can_delete=True)

    def commit(self, rows: Rows, file_bytes: int = 10_000_000) -> Changes:
        """Make a run that merges rows; returns what it staged."""
        stage, changes = self.stage(rows, file_bytes)
        self.finish(self.journal(stage, changes, len(rows)))
        return changes

    def names(self) -> list[str]:
        """Name the data files that stand in the folders of partitions."""
        table = self.root / "table"
        return sorted(str(path.relative_to(table)) for path in table.glob("day=*/*.parquet"))

    def read(self) -> DataFrame:
        """Read the table as any reader of its format does."""
        reader = self.spark.read.format(self.format)
        if self.format == "parquet":
            reader = reader.schema(SCHEMA)
        return reader.load(str(self.root / "table")).select(*SCHEMA.names)

    def assert_rows(self, rows: Rows) -> None:
        """Compare the table, as any reader sees it, with rows."""
        assert_df_equality(self.read(), self.frame(rows), ignore_nullable=True, ignore_row_order=True)


def counted(told: dict[str, Any]) -> dict[str, int]:
    """Return the figures of a manifest that tell what was written."""
    names = ("inserted", "updated", "deleted", "duplicates")
    return {name: told["rows"][name] for name in names if name in told["rows"]}


def partitions(told: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Return the day, rows and changed hours of a manifest's partitions."""
    return [(each["values"]["day"], each["rows"], each["changed_hours"]) for each in told["partitions"]]
