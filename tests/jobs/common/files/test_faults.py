"""What file systems refuse is told in our own words."""

from pathlib import Path

import pytest
from py4j.protocol import Py4JJavaError
from pyspark.sql import SparkSession

from jobs.common.errors import JobFailed
from jobs.common.files.faults import is_missing, is_of, refusals
from jobs.common.files.jvm import java_class


def raised(spark: SparkSession, place: Path) -> Py4JJavaError:
    """Let Hadoop fail on a place that is not there."""
    path = java_class(spark._jvm, "org.apache.hadoop.fs.Path")(f"file:{place}")
    with pytest.raises(Py4JJavaError) as fault:
        path.getFileSystem(spark._jsc.hadoopConfiguration()).getFileStatus(path)
    return fault.value


def test_an_exception_is_told_by_its_class(spark: SparkSession, tmp_path: Path) -> None:
    fault = raised(spark, tmp_path / "nothing")
    assert is_missing(fault)
    assert is_of(fault, "java.io.FileNotFoundException")
    assert not is_of(fault, "java.io.IOException")


def test_a_refusal_names_the_place_what_was_wanted_and_what_was_said(
    spark: SparkSession, tmp_path: Path
) -> None:
    fault = raised(spark, tmp_path / "nothing")
    with pytest.raises(JobFailed) as told, refusals("s3://b/x", "write this file"):
        raise fault
    assert str(told.value).startswith(
        "s3://b/x: expected to write this file, the file system refused (java.io.FileNotFoundException: File file:"
    )
    assert str(told.value).endswith("see that the place can be written and run the same command again")
