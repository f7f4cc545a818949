"""What the JVM tells of many files at once; of S3's etags, `test_objects.py` beside it."""

from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from jobs.common.files import Entry
from jobs.common.files.jvm import java_class
from jobs.common.files.statuses import Statuses


@pytest.fixture
def statuses(spark: SparkSession) -> Statuses:
    return Statuses(spark._jvm, spark._jsc.hadoopConfiguration())


def entry(path: Path) -> Entry:
    stat = path.stat()
    size = 0 if path.is_dir() else stat.st_size
    return Entry(f"file:{path}", size, stat.st_mtime_ns // 1_000_000, None, path.is_dir())


@pytest.mark.parametrize("page", [1, 3, 7, 8])
def test_a_listing_is_whole_whatever_its_pages(
    spark: SparkSession, statuses: Statuses, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, page: int
) -> None:
    monkeypatch.setattr("jobs.common.files.statuses._PAGE", page)
    for number in range(6):
        (tmp_path / f"{number}").write_text("x" * number)
    (tmp_path / "folder").mkdir()
    expected = sorted(map(entry, tmp_path.iterdir()))
    path = java_class(spark._jvm, "org.apache.hadoop.fs.Path")(str(tmp_path))
    system = path.getFileSystem(spark._jsc.hadoopConfiguration())
    assert sorted(statuses.of_array(system.listStatus(path))) == expected
    assert sorted(statuses.of_iterator(system.listStatusIterator(path))) == expected
    assert (
        statuses.of_array(
            system.listStatus(java_class(spark._jvm, "org.apache.hadoop.fs.Path")(f"{tmp_path}/folder"))
        )
        == []
    )


def test_names_are_found_in_their_order_as_often_as_asked_and_the_last_may_be_missing(
    statuses: Statuses, tmp_path: Path
) -> None:
    (tmp_path / "a b").write_text("1")
    (tmp_path / "folder").mkdir()
    asked = ["folder", "none", "a b", "a b", "folder/none", "none"]
    folder, file = entry(tmp_path / "folder"), entry(tmp_path / "a b")
    assert statuses.find([f"file:{tmp_path}/{name}" for name in asked]) == [
        folder,
        None,
        file,
        file,
        None,
        None,
    ]
