"""The workplace of an attempt on a Delta table."""

import re
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from jobs.common.commit.delta_log import NO_TABLE
from jobs.common.commit.journal import Merge
from jobs.common.errors import UsageError
from tests.jobs.common.commit.runs import Tables
from tests.jobs.common.tables import at, row

FIRST = [row("a", value=1.0), row("b", time=at(7))]


@pytest.fixture
def tables(delta: SparkSession, tmp_path: Path) -> Tables:
    """Make none yet."""
    return Tables(delta, tmp_path, "delta")


def test_the_merge_says_what_is_staged_and_for_which_version(tables: Tables) -> None:
    stage, changes = tables.stage(FIRST, file_bytes=12345)
    staged = stage.files.children(f"{stage.attempt.folder}/unique/day=2024-02-29/_bucket=0")
    names = [entry.name for entry in staged if entry.name.endswith(".parquet")]
    assert len(names) == 1
    expected = Merge(
        source=f"_staging/r1/{stage.attempt.token}/unique",
        files=[f"day=2024-02-29/_bucket=0/{name}" for name in names],
        version=NO_TABLE,
        key=["day", "key"],
        rank=["time", "value", "note"],
        partition_by=["day"],
        partitions=[{"day": "2024-02-29"}],
        deletion_vectors=False,
        file_bytes=12345,
    )
    assert (changes.merge, changes.add, changes.remove) == (expected, [], [])
    tables.finish(tables.journal(stage, changes, 2))
    _, changes = tables.stage([row("a", value=2.0)])
    assert changes.merge is not None
    assert changes.merge.version == 0


def test_rows_that_change_nothing_need_no_merge(tables: Tables) -> None:
    tables.merge(FIRST)
    _, changes = tables.stage(FIRST)
    assert (changes.duplicates, changes.merge) == (2, None)


def test_a_run_sees_the_table_as_it_was_when_it_began_to_look(tables: Tables) -> None:
    tables.merge(FIRST)
    stage = tables.open_stage()
    assert stage.current().count() == 2
    tables.frame([row("z")]).write.format("delta").mode("append").save(tables.layout.table)
    assert stage.current().count() == 2
    assert tables.read().count() == 3


def test_a_delta_table_of_other_columns_or_partitions_is_refused(delta: SparkSession, tmp_path: Path) -> None:
    others = {
        "fewer columns": (["day"], ["note"]),
        "other partitions": (["key"], []),
        "none": ([], []),
    }
    for name, (partition_by, dropped) in others.items():
        tables = Tables(delta, tmp_path / name, "delta")
        frame = tables.frame(FIRST).drop(*dropped)
        frame.write.format("delta").partitionBy(*partition_by).save(tables.layout.table)
        words = f"--output: {tables.layout.table} is a Delta table of other columns (struct<key:string,"
        with pytest.raises(UsageError, match=re.escape(words)):
            tables.stage(FIRST)
