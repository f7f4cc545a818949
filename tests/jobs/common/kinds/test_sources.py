"""The table that another is made from, plain or Delta."""

from dataclasses import replace
from pathlib import Path
from unittest.mock import Mock

import pytest
from chispa import assert_df_equality
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from jobs.common.errors import JobFailed, UsageError
from jobs.common.files import Files
from jobs.common.kinds.sources import Source, SourceTable
from tests.jobs.common.kinds.test_hours import NEXT
from tests.jobs.common.tables import DAY as LEAP
from tests.jobs.common.tables import SCHEMA, row

SOURCE = Source(job="things", schema=SCHEMA, partition="day", time="time")
ROWS = [row("a", day=LEAP), row("b", day=LEAP), row("c", day=NEXT)]


@pytest.fixture
def files(spark: SparkSession) -> Files:
    return Files(spark)


@pytest.fixture
def plain(spark: SparkSession, tmp_path: Path) -> Path:
    place = tmp_path / "plain"
    frame = spark.createDataFrame(ROWS, SCHEMA).coalesce(1)
    frame.write.option("mapreduce.fileoutputcommitter.marksuccessfuljobs", "false").partitionBy(
        "day"
    ).parquet(str(place))
    return place


def find(files: Files, place: Path, wanted: str = "auto") -> SourceTable:
    return SourceTable.find(files, SOURCE, str(place), wanted)


def test_a_plain_table_is_its_data_files(spark: SparkSession, files: Files, plain: Path) -> None:
    (plain / "_runs").mkdir()
    (plain / "_runs/r1.json").write_text("{}")
    (plain / "_staging/r2").mkdir(parents=True)
    (plain / "_staging/r2/x.parquet").write_text("no Parquet")
    table = find(files, plain)
    assert table == SourceTable(SOURCE, f"file:{plain}", is_delta=False)
    assert table.runs(files) == {"r1"}
    entries = table.entries(files)
    assert [entry.uri.split("/")[-2] for entry in entries] == ["day=2024-02-29", "day=2024-03-01"]
    expected = spark.createDataFrame(ROWS, SCHEMA)
    assert_df_equality(table.read(spark, entries), expected, ignore_row_order=True, ignore_nullable=True)
    table.refuse_changed(files, entries)


def test_some_partitions_are_listed_alone(spark: SparkSession, files: Files, plain: Path) -> None:
    table, partitions = find(files, plain), ["day=2024-03-01", "day=2024-03-02"]
    entries = table.entries(files, partitions)
    assert [each["key"] for each in table.read(spark, entries).collect()] == ["c"]
    table.refuse_changed(files, entries, partitions)
    assert table.entries(files, ["day=1999-01-01"]) == []
    assert table.read(spark, []).collect() == []


def test_only_the_columns_asked_for_are_read(spark: SparkSession, files: Files, plain: Path) -> None:
    few = replace(SOURCE, schema=type(SCHEMA)([SCHEMA["day"], SCHEMA["key"]]))
    table = SourceTable.find(files, few, str(plain), "auto")
    found = table.read(spark, table.entries(files)).orderBy("key").first()
    assert found is not None
    assert found.asDict() == {"day": LEAP, "key": "a"}


def test_a_file_that_comes_or_goes_meanwhile_is_noticed(files: Files, plain: Path) -> None:
    table = find(files, plain)
    entries = table.entries(files)
    next(plain.glob("day=2024-02-29/*.parquet")).rename(plain / "day=2024-02-29/00000002-r2-00000.parquet")
    with pytest.raises(JobFailed, match=r"plain: changed while the run was reading; nothing was written"):
        table.refuse_changed(files, entries)
    table.refuse_changed(files, entries[1:], ["day=2024-03-01"])


def test_a_commit_under_way_is_refused(files: Files, plain: Path) -> None:
    table = find(files, plain)
    (plain / "_journal.json").write_text("{}")
    with pytest.raises(
        JobFailed, match=r"_journal\.json: a run of things is writing to the table, or was cut off"
    ):
        table.entries(files, ["day=2024-03-01"])


@pytest.mark.parametrize("wanted", ["auto", "parquet", "delta"])
def test_what_is_no_table_is_refused(files: Files, tmp_path: Path, wanted: str) -> None:
    (tmp_path / "2024/02").mkdir(parents=True)
    (tmp_path / "day=2024-02-29.txt").write_text("")
    with pytest.raises(UsageError) as refused:
        find(files, tmp_path, wanted)
    kind = {"auto": "", "parquet": "parquet ", "delta": "delta "}[wanted]
    marks = "_delta_log" if wanted == "delta" else "day= or _runs"
    assert str(refused.value) == (
        f"--input {tmp_path}: expected a {kind}table of things, found no folder of it that begins with {marks}; "
        "accepted: what that job wrote to its --output"
    )


def test_a_delta_table_is_its_newest_commit_and_read_as_of_then(
    delta: SparkSession, files: Files, tmp_path: Path
) -> None:
    place, frame = tmp_path / "delta", delta.createDataFrame(ROWS, SCHEMA)
    writer = frame.write.format("delta").partitionBy("day")
    writer.save(str(place))
    table = find(files, place)
    assert table.is_delta
    entries = table.entries(files)
    assert [entry.name for entry in entries] == [f"{0:020}.json"]
    writer.mode("append").save(str(place))
    assert_df_equality(table.read(delta, entries), frame, ignore_row_order=True, ignore_nullable=True)
    table.refuse_changed(files, entries)
    later = table.entries(files, ["day=2024-03-01"])
    assert table.read(delta, later).filter(F.col("day") == NEXT).count() == 2


def test_a_session_without_delta_is_told_what_is_missing(files: Files, tmp_path: Path) -> None:
    (tmp_path / "_delta_log").mkdir()
    session = Mock(**{"conf.get.return_value": ""})
    with pytest.raises(
        UsageError, match="is a Delta table, for which this run is not set up; accepted: --input-f"
    ):
        find(files, tmp_path).read(session, [])


def test_a_delta_log_without_a_commit_is_refused(files: Files, tmp_path: Path) -> None:
    (tmp_path / "_delta_log").mkdir()
    with pytest.raises(UsageError, match=r"expected a Delta table, its log has no commit"):
        find(files, tmp_path).entries(files)
