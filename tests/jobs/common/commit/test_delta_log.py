"""A Delta table's log, as Delta writes it."""

import json
from pathlib import Path

import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from jobs.common.commit.delta_log import (
    NO_TABLE,
    DataFile,
    commits_after,
    entries,
    is_delta,
    latest_version,
)
from jobs.common.files import Files
from jobs.common.session import settings


def test_a_folder_is_a_delta_table_once_its_log_has_an_entry(delta: SparkSession, tmp_path: Path) -> None:
    files, place = Files(delta), f"file:{tmp_path}/a `b` %20"
    assert (is_delta(files, place), latest_version(files, place)) == (False, NO_TABLE)
    (tmp_path / "a `b` %20/_delta_log/_commits").mkdir(parents=True)
    assert not is_delta(files, place)
    for count in (1, 2):
        delta.range(count).write.format("delta").mode("append").save(place)
        assert is_delta(files, place)
        assert latest_version(files, place) == count - 1


@pytest.mark.parametrize(
    "checkpoint",
    [
        "00000000000000000003.checkpoint.parquet",
        "00000000000000000003.checkpoint.0000000001.0000000002.parquet",
        "00000000000000000003.checkpoint.80a083e8-7026-4e79-81be-64bd76c43a11.json",
    ],
)
def test_a_version_is_told_by_its_commit_or_where_that_is_cleaned_up_by_a_checkpoint(
    spark: SparkSession, tmp_path: Path, checkpoint: str
) -> None:
    log = tmp_path / "_delta_log"
    log.mkdir()
    for name in ("00000000000000000002.json", "_last_checkpoint", "00000000000000000003.crc", checkpoint):
        (log / name).write_text("{}")
    files, place = Files(spark), f"file:{tmp_path}"
    assert {version: entry.name for version, entry in entries(files, place).items()} == {
        2: "00000000000000000002.json",
        3: checkpoint,
    }
    assert latest_version(files, place) == 3
    (log / "00000000000000000003.json").write_text("{}")
    assert entries(files, place)[3].name == "00000000000000000003.json"
    assert [commit.version for commit in commits_after(files, place, 1)] == [3, 2]


def test_commits_tell_their_writers_words_the_figures_and_the_files(
    delta: SparkSession, tmp_path: Path
) -> None:
    files, place = Files(delta), f"file:{tmp_path}/t"
    rows = delta.range(4).withColumn("day", F.lit("a b=%20"))
    rows.coalesce(1).write.format("delta").partitionBy("day").option("userMetadata", "first").save(place)
    with settings(delta, {"spark.databricks.delta.commitInfo.userMetadata": "second"}):
        delta.sql(f"DELETE FROM delta.`{place}` WHERE id = 1")  # noqa: S608 - our own path
    second, first = commits_after(files, place, NO_TABLE)
    assert (first.version, first.user_metadata, second.version, second.user_metadata) == (
        *(0, "first"),
        *(1, "second"),
    )
    assert (first.metrics["numOutputRows"], second.metrics["numDeletedRows"]) == ("4", "1")
    assert (first.removed, second.removed) == ([], first.added)
    for held, rows_held in ((first.added, 4), (second.added, 3)):
        assert [files.parquet_rows(file.uri) for file in held] == [rows_held]
    assert list(commits_after(files, place, 1)) == []


def test_rows_that_a_deletion_vector_marks_and_files_elsewhere_are_told(
    spark: SparkSession, tmp_path: Path
) -> None:
    log = tmp_path / "_delta_log"
    log.mkdir()
    vector = {"storageType": "u", "pathOrInlineDv": "ab", "offset": 1, "sizeInBytes": 34, "cardinality": 2}
    actions = [
        {"remove": {"path": "day=1/a%2520b.parquet", "dataChange": True}},
        {"add": {"path": "day=1/a%2520b.parquet", "deletionVector": vector}},
        {"add": {"path": "s3://other/table/c.parquet", "deletionVector": None}},
        {"add": {"path": "/other/table/d.parquet"}},
    ]
    (log / "00000000000000000000.json").write_text("\n".join(map(json.dumps, actions)) + "\n")
    place = f"file:{tmp_path}"
    (commit,) = commits_after(Files(spark), place, NO_TABLE)
    assert (commit.user_metadata, commit.metrics) == (None, {})
    assert commit.removed == [DataFile(f"{place}/day=1/a%20b.parquet", 0)]
    assert commit.added == [
        DataFile(f"{place}/day=1/a%20b.parquet", 2),
        DataFile("s3://other/table/c.parquet", 0),
        DataFile("/other/table/d.parquet", 0),
    ]
