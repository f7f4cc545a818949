from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from jobs.common.readers import fast
from jobs.common.readers.fast import LIBRARIES, hadoop_settings, hindrance, versions


def test_where_all_is_there_nothing_is_in_the_way(spark: SparkSession) -> None:
    assert hindrance(spark, ["/a", "file:/b"]) is None
    assert set(versions()) == set(LIBRARIES)


@pytest.mark.parametrize("name", LIBRARIES)
def test_a_library_that_the_driver_lacks_is_named(
    spark: SparkSession, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(fast, "find_spec", lambda library: None if library == name else library)
    assert hindrance(spark, ["/a"]) == f"the driver's Python has no {name}"


def test_libraries_that_do_not_go_together_are_not_taken(
    spark: SparkSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(name: str) -> Any:
        raise ImportError(f"{name} needs another numpy")

    monkeypatch.setattr(fast, "import_module", refuse)
    assert "the driver's libraries do not go together: jobs.common.native.running needs" in str(
        hindrance(spark, ["/a"])
    )


def test_libraries_in_tasks_must_be_the_driver_s(
    spark: SparkSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = versions()
    monkeypatch.setattr(fast, "versions", lambda: {**own, "duckdb": "0.1"})
    why = str(hindrance(spark, ["/a"]))
    assert why.startswith("libraries in tasks are not the driver's: ")
    assert own["duckdb"] in why


def test_a_place_that_only_hadoop_reaches_is_named(spark: SparkSession, tmp_path: Path) -> None:
    assert hindrance(spark, [str(tmp_path), "hdfs://node/x"]) == "hdfs:// is read by Hadoop alone"


def test_a_bucket_s_own_settings_are_seen(spark: SparkSession) -> None:
    conf = spark._jsc.hadoopConfiguration()
    conf.set("fs.s3a.bucket.own.endpoint", "e")
    try:
        assert "the bucket own has a setting of its own (fs.s3a.bucket.own.endpoint)" in str(
            hindrance(spark, ["s3a://own/x"])
        )
    finally:
        conf.unset("fs.s3a.bucket.own.endpoint")


def test_settings_that_are_not_set_are_left_out(spark: SparkSession) -> None:
    assert hadoop_settings(spark, ["fs.file.impl", "no.such.setting"]).keys() <= {"fs.file.impl"}
