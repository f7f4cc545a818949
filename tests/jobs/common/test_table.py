"""Which row stays, what a run changes, how rows are shared out: whole frames in a table of five columns."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeAlias

import pytest
from chispa import assert_df_equality
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import (
    ArrayType,
    DateType,
    DoubleType,
    IntegerType,
    LongType,
    Row,
    StringType,
    StructField,
    StructType,
    TimestampType,
)

from jobs.common.commit.staging import Sizes
from jobs.common.session import settings
from jobs.common.table import bucket_of, classify, keep_greatest, merge, summarise
from tests.jobs.common.tables import DAY, SCHEMA, TABLE, at, row

NEXT = date(2024, 3, 1)
CLASSIFIED = StructType(
    [
        StructField("day", DateType()),
        StructField("action", StringType()),
        StructField("hour", IntegerType()),
        StructField("old_hour", IntegerType()),
    ]
)
SUMMARY = StructType(
    [
        StructField("day", DateType()),
        StructField("inserted", LongType()),
        StructField("updated", LongType()),
        StructField("deleted", LongType()),
        StructField("duplicate", LongType()),
        StructField("changed_hours", ArrayType(IntegerType())),
    ]
)
Values: TypeAlias = tuple[Any, ...]
Cases: TypeAlias = Mapping[str, tuple[list[Values], ...]]
A_NULL, A_ONE, A_TWO = row("a"), row("a", value=1.0), row("a", value=2.0)
LATER = row("a", time=at(9), value=0.5)


def frame(spark: SparkSession, rows: Sequence[Values], schema: StructType = SCHEMA) -> DataFrame:
    return spark.createDataFrame(list(rows), schema)


def gathered(cases: Cases, part: int) -> list[Values]:
    """Put one part of all cases into one list, each case with keys of its own."""
    return [(f"{name}: {key}", *rest) for name, case in cases.items() for key, *rest in case[part]]


def assert_same(actual: DataFrame, expected: DataFrame) -> None:
    assert_df_equality(actual, expected, ignore_nullable=True, ignore_row_order=True)


KEEP: Cases = {
    "different keys all": ([A_ONE, row("b"), row("a", day=NEXT)], [A_ONE, row("b"), row("a", day=NEXT)]),
    "one of equal rows": ([A_ONE, A_ONE], [A_ONE]),
    "a value before none": ([A_NULL, A_ONE], [A_ONE]),
    "the greater value": ([A_TWO, A_ONE], [A_TWO]),
    "the newest before the greater value": ([A_TWO, LATER], [LATER]),
    "a negative value before none": ([row("a", value=-1.0), A_NULL], [row("a", value=-1.0)]),
    "an instant before none": ([row("a", time=None, value=9.0), A_NULL], [A_NULL]),
    "a later column where the earlier are equal": (
        [row("a", value=1.0, note="y"), row("a", value=1.0, note="x")],
        [row("a", value=1.0, note="y")],
    ),
    "the earlier column whatever the later say": ([row("a", value=1.0, note="z"), A_TWO], [A_TWO]),
    "of a tie the first name": ([row("a", source="s2"), row("a", source="s1")], [row("a", source="s1")]),
    "of a tie the one without a name": (
        [row("a", source="s"), row("a", source=None)],
        [row("a", source=None)],
    ),
    "the greater row whatever its name": (
        [row("a", source="s1"), row("a", value=1.0, source="s2")],
        [row("a", value=1.0, source="s2")],
    ),
}


@pytest.mark.parametrize("step", [1, -1], ids=["in order", "backwards"])
def test_the_greatest_row_of_each_key_is_kept_whatever_the_order(spark: SparkSession, step: int) -> None:
    actual = keep_greatest(frame(spark, gathered(KEEP, 0)[::step]), TABLE)
    assert_same(actual, frame(spark, gathered(KEEP, 1)))


def test_of_no_rows_none_is_kept(spark: SparkSession) -> None:
    assert_same(keep_greatest(frame(spark, []), TABLE), frame(spark, []))


def test_a_negative_zero_is_no_greater_than_zero_so_readers_must_not_hand_it_on(spark: SparkSession) -> None:
    there, new = frame(spark, [row("a", value=0.0)]), frame(spark, [row("a", value=-0.0)])
    for old, incoming in ((there, new), (new, there)):
        assert [each["action"] for each in classify(old, incoming, TABLE).collect()] == ["duplicate"]


MERGE: Cases = {
    "into an empty table": ([], [A_ONE], [A_ONE]),
    "of nothing": ([A_ONE], [], [A_ONE]),
    "of other keys": ([A_ONE], [row("b"), row("a", day=NEXT)], [A_ONE, row("b"), row("a", day=NEXT)]),
    "of a greater row": ([A_ONE], [A_TWO], [A_TWO]),
    "of a lesser row": ([A_TWO], [A_ONE], [A_TWO]),
    "of a tie": ([row("a", source="s2")], [row("a", source="s1")], [row("a", source="s2")]),
    "of a tie the other way": ([row("a", source="s1")], [row("a", source="s2")], [row("a", source="s1")]),
    "of a tie without a name": ([row("a", source="s")], [row("a", source=None)], [row("a", source="s")]),
}


def test_rows_are_merged_by_key_and_the_one_that_is_there_stays_on_a_tie(spark: SparkSession) -> None:
    existing, incoming, merged = (frame(spark, gathered(MERGE, part)) for part in range(3))
    assert_same(merge(existing, incoming, TABLE), merged)


def test_what_brings_equal_keys_together_leaves_the_merged_rows_as_they_are(spark: SparkSession) -> None:
    def lay_out(rows: DataFrame) -> DataFrame:
        return rows.withColumn("_bucket", F.lit(3)).repartition(2, "_bucket")

    actual = merge(frame(spark, [A_ONE]), frame(spark, [A_TWO, row("b")]), TABLE, lay_out)
    expected = frame(spark, [A_TWO, row("b")]).withColumn("_bucket", F.lit(3))
    assert_same(actual, expected)


DOES: dict[str, tuple[Values | None, Values, str, int | None]] = {
    "a new key": (None, A_ONE, "inserted", None),
    "the same row": (A_ONE, A_ONE, "duplicate", None),
    "the same row from elsewhere": (A_ONE, row("a", value=1.0, source="other"), "duplicate", None),
    "a lesser value": (A_TWO, A_ONE, "duplicate", None),
    "no value for a value": (A_ONE, A_NULL, "duplicate", None),
    "a value for none": (A_NULL, A_ONE, "updated", 5),
    "a greater value": (A_ONE, A_TWO, "updated", 5),
    "an older row with a greater value": (row("a", time=at(9)), row("a", value=7.0), "duplicate", None),
    "a newer row with a lesser value": (row("a", time=at(3), value=7.0), A_NULL, "updated", 3),
    "an instant for none": (row("a", time=None, value=3.0), A_NULL, "updated", None),
}


def test_an_incoming_row_is_told_by_what_it_does(spark: SparkSession) -> None:
    days = [DAY + timedelta(days=number) for number in range(len(DOES))]
    cases = list(zip(days, DOES.values(), strict=True))
    existing = frame(spark, [(*old[:-1], day) for day, (old, *_) in cases if old])
    incoming = frame(spark, [(*new[:-1], day) for day, (_, new, *_) in cases])
    expected = frame(spark, [(day, action, 5, hour) for day, (_, _, action, hour) in cases], CLASSIFIED)
    assert_same(classify(existing, incoming, TABLE), expected)


def test_a_key_belongs_to_its_partition(spark: SparkSession) -> None:
    actual = classify(frame(spark, [row("a", day=NEXT)]), frame(spark, [A_ONE]), TABLE)
    assert_same(actual, frame(spark, [(DAY, "inserted", 5, None)], CLASSIFIED))


def test_hours_are_told_in_utc_of_the_instant(spark: SparkSession) -> None:
    late = row("a", time=datetime(2024, 2, 29, 23, 59, 59, 999999, tzinfo=UTC))
    actual = classify(frame(spark, []), frame(spark, [late]), TABLE)
    assert_same(actual, frame(spark, [(DAY, "inserted", 23, None)], CLASSIFIED))


def test_actions_are_counted_by_partition_with_the_hours_before_and_after(spark: SparkSession) -> None:
    only_duplicate, inserted, updated, mixed = (DAY + timedelta(days=number) for number in range(4))
    classified = [
        (only_duplicate, "duplicate", 4, None),
        (inserted, "inserted", 7, None),
        (inserted, "inserted", 0, None),
        (updated, "updated", 10, 23),
        (updated, "updated", 10, 9),
        (mixed, "inserted", 1, None),
        (mixed, "updated", 2, 1),
        (mixed, "duplicate", 3, None),
    ]
    summary = [
        (only_duplicate, 0, 0, 0, 1, []),
        (inserted, 2, 0, 0, 0, [0, 7]),
        (updated, 0, 2, 0, 0, [9, 10, 23]),
        (mixed, 1, 1, 0, 1, [1, 2]),
    ]
    actual = summarise(frame(spark, classified, CLASSIFIED), TABLE)
    assert_same(actual, frame(spark, summary, SUMMARY))


def test_no_actions_give_no_partitions(spark: SparkSession) -> None:
    assert_same(summarise(frame(spark, [], CLASSIFIED), TABLE), frame(spark, [], SUMMARY))


def buckets(rows: DataFrame, wanted: dict[tuple[str, ...], int]) -> list[Row]:
    return rows.withColumn("bucket", bucket_of(TABLE, wanted)).groupBy("day", "bucket").count().collect()


def test_equal_keys_meet_in_a_bucket_and_keys_are_spread_evenly(spark: SparkSession) -> None:
    keys = [row(f"key-{number}", value=float(twin)) for number in range(4000) for twin in (1, 2)]
    of_key = frame(spark, keys).withColumn("bucket", bucket_of(TABLE, {(str(DAY),): 4}))
    together = of_key.groupBy("key").agg(F.countDistinct("bucket").alias("buckets")).agg(F.max("buckets"))
    assert together.collect()[0][0] == 1
    counts = {found["bucket"]: found["count"] for found in buckets(frame(spark, keys), {(str(DAY),): 4})}
    assert set(counts) == {0, 1, 2, 3}
    assert all(1800 < count < 2200 for count in counts.values())


@pytest.mark.parametrize("ansi_mode", ["false", "true"])
def test_partitions_of_one_file_and_unknown_ones_have_one_bucket(spark: SparkSession, ansi_mode: str) -> None:
    rows = frame(spark, [row(f"key-{number}", day=day) for number in range(50) for day in (DAY, NEXT)])
    with settings(spark, {"spark.sql.ansi.enabled": ansi_mode}):
        assert {found["bucket"] for found in buckets(rows, {(str(DAY),): 1, (str(NEXT),): 1})} == {0}
        spread = buckets(rows, {(str(DAY),): 3})
    assert {found["bucket"] for found in spread if found["day"] == NEXT} == {0}
    assert {found["bucket"] for found in spread if found["day"] == DAY} == {0, 1, 2}


@pytest.mark.parametrize(
    ("rows", "bytes_per_row", "file_bytes", "files", "tasks"),
    [
        ({("a",): 1}, 1.0, 1000, {("a",): 1}, 1),
        ({("a",): 1400}, 1.0, 1000, {("a",): 1}, 1),
        ({("a",): 1600}, 1.0, 1000, {("a",): 2}, 2),
        ({("a",): 10_000}, 1.0, 1000, {("a",): 10}, 2),
        ({("a",): 1, ("b",): 2500}, 2.0, 1000, {("a",): 1, ("b",): 5}, 2),
        ({("a",): 10 * 2**20}, 64.0, 2**20, {("a",): 640}, 10),
    ],
    ids=[
        "a row",
        "less than half a file more",
        "more than half a file more",
        "ten files by two cores",
        "each partition its own",
        "64 MiB a task",
    ],
)
def test_rows_become_files_near_the_target_size(
    rows: dict[tuple[str, ...], int],
    bytes_per_row: float,
    file_bytes: int,
    files: dict[tuple[str, ...], int],
    tasks: int,
) -> None:
    sizes = Sizes(rows, bytes_per_row, file_bytes)
    assert (sizes.buckets(), sizes.tasks(parallelism=2)) == (files, tasks)


def test_rows_compare_by_the_newest_then_the_other_columns_in_schema_order() -> None:
    assert TABLE.rank == ["time", "value", "note"]
    assert [type(field.dataType) for field in SCHEMA] == [
        StringType,
        TimestampType,
        DoubleType,
        StringType,
        StringType,
        DateType,
    ]
