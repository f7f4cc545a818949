"""What a run changes in a table, from rows to the files that a commit moves."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from jobs.common.commit.changes import Changes
from jobs.common.manifest import Partition
from tests.jobs.common.commit.runs import ROW_BYTES, Tables
from tests.jobs.common.tables import DAY, SCHEMA, at, row

NEXT = date(2024, 3, 1)
FIRST = [row("a", value=1.0), row("b", time=at(7)), row("c", day=NEXT)]


@pytest.fixture
def tables(spark: SparkSession, tmp_path: Path) -> Tables:
    """Make a table that holds `FIRST`."""
    made = Tables(spark, tmp_path)
    made.commit(FIRST)
    return made


def counts(changes: Changes) -> tuple[int, ...]:
    return (
        changes.inserted,
        changes.updated,
        changes.duplicates,
        changes.rows_before,
        changes.rows_after,
    )


def told(changes: Changes) -> list[tuple[Any, ...]]:
    return [(p.values["day"], p.files, p.rows, p.changed_hours) for p in changes.partitions]


def test_no_rows_change_nothing(tables: Tables) -> None:
    stage, changes = tables.stage([])
    assert changes == Changes()
    assert not (tables.root / "table/_staging" / stage.attempt.folder.rpartition("/")[2] / "unique").exists()


def test_rows_of_new_partitions_become_one_file_each(spark: SparkSession, tmp_path: Path) -> None:
    tables = Tables(spark, tmp_path)
    _, changes = tables.stage([*FIRST, FIRST[0], row("a", value=0.5)])
    assert counts(changes) == (3, 0, 2, 0, 3)
    assert told(changes) == [("2024-02-29", 1, 2, [5, 7]), ("2024-03-01", 1, 1, [5])]
    assert [addition.final for addition in changes.add] == [
        "day=2024-02-29/00000001-r1-00000.parquet",
        "day=2024-03-01/00000001-r1-00001.parquet",
    ]
    sizes = [(tmp_path / "table" / addition.staged).stat().st_size for addition in changes.add]
    assert [addition.size for addition in changes.add] == sizes
    assert [partition.bytes for partition in changes.partitions] == sizes
    assert changes.remove == []
    assert tables.names() == []


RUNS: dict[str, tuple[list[Any], tuple[int, ...], list[Any], list[str], list[Any]]] = {
    "the same rows": (FIRST, (0, 0, 3, 0, 0), [], [], FIRST),
    "a late row": (
        [row("d", time=at(1))],
        (1, 0, 0, 2, 3),
        [("2024-02-29", 1, 3, [1])],
        ["day=2024-02-29"],
        [*FIRST, row("d", time=at(1))],
    ),
    "a correction that moves a row by hours": (
        [row("a", time=at(23), value=9.0)],
        (0, 1, 0, 2, 2),
        [("2024-02-29", 1, 2, [5, 23])],
        ["day=2024-02-29"],
        [row("a", time=at(23), value=9.0), *FIRST[1:]],
    ),
    "a new day beside a duplicate": (
        [FIRST[0], row("a", day=date(2024, 1, 1))],
        (1, 0, 1, 0, 1),
        [("2024-01-01", 1, 1, [5])],
        [],
        [*FIRST, row("a", day=date(2024, 1, 1))],
    ),
    "two rows of a key, both lesser": ([row("a", value=0.5), row("a")], (0, 0, 2, 0, 0), [], [], FIRST),
    "two rows of a key, both greater": (
        [row("a", value=3.0), row("a", value=2.0)],
        (0, 1, 1, 2, 2),
        [("2024-02-29", 1, 2, [5])],
        ["day=2024-02-29"],
        [row("a", value=3.0), *FIRST[1:]],
    ),
    "a tie from elsewhere": ([row("a", value=1.0, source="elsewhere")], (0, 0, 1, 0, 0), [], [], FIRST),
}


@pytest.mark.parametrize(
    ("rows", "figures", "partitions", "replaced", "after"), RUNS.values(), ids=RUNS.keys()
)
def test_rows_are_merged_into_the_partitions_that_they_change(
    tables: Tables,
    rows: list[Any],
    figures: tuple[int, ...],
    partitions: list[Any],
    replaced: list[str],
    after: list[Any],
) -> None:
    before = tables.names()
    changes = tables.commit(rows)
    assert counts(changes) == figures
    assert told(changes) == partitions
    gone = [name for name in before if name.rpartition("/")[0] in replaced]
    assert changes.remove == gone
    assert tables.names() == sorted([*set(before) - set(gone), *(addition.final for addition in changes.add)])
    assert all("/00000002-r2-" in addition.final for addition in changes.add)
    tables.assert_rows(after)


def test_numbers_go_on_above_the_highest_of_any_partition(tables: Tables) -> None:
    tables.commit([row("a", value=2.0)])
    changes = tables.commit([row("x", day=NEXT)])
    assert [addition.final for addition in changes.add] == ["day=2024-03-01/00000003-r3-00000.parquet"]


def test_a_partition_with_several_files_is_merged_whole(spark: SparkSession, tmp_path: Path) -> None:
    tables = Tables(spark, tmp_path)
    many = [row(f"key-{number:02}") for number in range(60)]
    first = tables.commit(many, file_bytes=ROW_BYTES * 20)
    assert told(first) == [("2024-02-29", 3, 60, [5])]
    grown = sum(partition.bytes for partition in first.partitions)
    second = tables.commit([row("key-07", value=1.0), row("key-99")], file_bytes=grown)
    assert told(second) == [("2024-02-29", 1, 61, [5])]
    assert second.remove == [addition.final for addition in first.add]
    tables.assert_rows(
        [row("key-07", value=1.0), row("key-99"), *(each for each in many if each[0] != "key-07")]
    )


def test_a_partition_that_grows_gets_as_many_files_as_its_new_size_asks_for(
    spark: SparkSession, tmp_path: Path
) -> None:
    tables = Tables(spark, tmp_path)
    (small,) = tables.commit([row(f"old-{number}") for number in range(10)]).partitions
    grown = tables.commit([row(f"new-{number}") for number in range(50)], file_bytes=small.bytes * 2)
    assert told(grown) == [("2024-02-29", 3, 60, [5])]


def test_foreign_files_in_a_partition_are_rows_of_the_table_too(spark: SparkSession, tmp_path: Path) -> None:
    foreign = tmp_path / "table" / f"day={DAY}"
    frame = spark.createDataFrame([row("old")], SCHEMA).drop("day").withColumn("value", F.lit(1.0))
    frame.coalesce(1).write.parquet(str(foreign))
    tables = Tables(spark, tmp_path)
    changes = tables.commit([row("old"), row("new")])
    assert counts(changes) == (1, 0, 1, 1, 2)
    tables.assert_rows([row("old", value=1.0), row("new")])


def test_what_a_partition_holds_after_the_run_is_counted_from_its_files(tables: Tables) -> None:
    _, changes = tables.stage([row("d")])
    (addition,) = changes.add
    staged = tables.root / "table" / addition.staged
    assert changes.partitions == [Partition({"day": "2024-02-29"}, 1, staged.stat().st_size, 3, [5])]
    assert tables.files.parquet_rows(f"file:{staged}") == 3


@pytest.mark.parametrize(
    ("scope", "rows", "staged_as", "after"),
    [
        # All rows of the day have met their result: what is staged is the day, by what becomes of its rows.
        (
            "true",
            [row("a", value=2.0), FIRST[1], row("n"), FIRST[2]],
            ["changes"],
            [("2024-02-29", 3, 3, [5])],
        ),
        ("true", [FIRST[1], FIRST[2]], ["changes"], [("2024-02-29", 1, 1, [5])]),
        ("true", [FIRST[2]], [], [("2024-02-29", 0, 0, [5, 7])]),
        # A row is out of scope: the day is merged, as one file.
        ("hour(time) = 5", [row("a", value=2.0), FIRST[2]], ["merged"], [("2024-02-29", 1, 2, [5])]),
    ],
)
def test_a_replaced_partition_is_written_again_only_where_it_holds_rows_out_of_scope(
    tables: Tables, scope: str, rows: list[Any], staged_as: list[str], after: list[Any]
) -> None:
    stage = tables.open_stage()
    changes = stage.replace(tables.frame(rows), stage.current().filter(scope))
    assert sorted({addition.staged.split("/")[3] for addition in changes.add}) == staged_as
    assert told(changes) == after
    assert changes.rows_after == changes.rows_before + changes.inserted - changes.deleted
    assert len(changes.remove) == 1
