from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from jobs.common.commit.layout import Layout, data_file_name, data_files, highest_number, quarantine_folder
from jobs.common.files import Files
from tests.jobs.common.commit.commits import put


def test_everything_but_data_has_a_name_that_readers_skip() -> None:
    layout = Layout("s3://bucket/table")
    assert layout.journal == "s3://bucket/table/_journal.json"
    assert layout.all_staging == "s3://bucket/table/_staging"
    assert layout.staging("r1") == "s3://bucket/table/_staging/r1"
    assert layout.record("r1") == "s3://bucket/table/_runs/r1.json"


@pytest.mark.parametrize("quarantine", ["s3://bucket/q", "s3://bucket/q/"])
def test_each_run_has_its_own_quarantine(quarantine: str) -> None:
    assert quarantine_folder(quarantine, "r1") == "s3://bucket/q/run_id=r1"


@pytest.mark.parametrize(
    ("number", "run_id", "part", "name"),
    [
        (1, "r1", 0, "00000001-r1-00000.parquet"),
        (2, "a-b_c", 17, "00000002-a-b_c-00017.parquet"),
        (123_456_789, "r", 123_456, "123456789-r-123456.parquet"),
    ],
)
def test_a_name_gives_back_its_number(number: int, run_id: str, part: int, name: str) -> None:
    assert data_file_name(number, run_id, part) == name
    assert highest_number([name]) == number


def test_names_of_later_runs_list_after_those_of_earlier_ones() -> None:
    names = [data_file_name(number, run_id, 0) for number, run_id in ((9, "z"), (10, "a"), (11, "A"))]
    assert names == sorted(names)


@pytest.mark.parametrize(
    ("names", "highest"),
    [
        ([], 0),
        (["part-00000.parquet", "99-x.parquet", "98-r-0.csv", "97-0r-0.parquet", "96-r-0.parquet.crc"], 0),
        (["00000003-r-00000.parquet", "00000012-r-00000.parquet", "00000004-r-00009.parquet"], 12),
    ],
    ids=["of no file", "of foreign files", "of ours"],
)
def test_the_highest_number_is_that_of_our_own_files(names: list[str], highest: int) -> None:
    assert highest_number(names) == highest


@pytest.mark.parametrize(
    ("depth", "partitions"),
    [
        (0, {"": ["root.parquet"]}),
        (1, {"a=1": ["1.parquet"], "a=2": ["5.parquet"]}),
        (2, {"a=1/b=1": ["2.parquet"], "a=2/b=x y": ["7.parquet"]}),
    ],
)
def test_data_files_are_listed_by_partition(
    spark: SparkSession, tmp_path: Path, depth: int, partitions: dict[str, list[str]]
) -> None:
    names = ["root.parquet", "a=1/1.parquet", "a=1/b=1/2.parquet", "a=1/_hidden.parquet", "a=1/.x.parquet"]
    names += ["_a=3/4.parquet", "a=2/_bucket=1/5.parquet", "a=2/_other=1/6.parquet", "a=2/b=x y/7.parquet"]
    names += ["a=4/note.txt", "other/8.parquet", "_staging/r/t/a=5/9.parquet", "a=6/10.parquet._COPYING_"]
    put(tmp_path, dict.fromkeys(names, ""))
    files = Files(spark)
    found = data_files(files, files.qualified(str(tmp_path)), depth)
    assert {at: [entry.name for entry in entries] for at, entries in found.items()} == partitions


def test_a_table_that_is_not_there_has_no_data_files(spark: SparkSession, tmp_path: Path) -> None:
    files = Files(spark)
    assert data_files(files, files.qualified(str(tmp_path / "none")), 1) == {}
