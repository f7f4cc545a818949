"""Java's classes by their full names."""

from pyspark.sql import SparkSession

from jobs.common.files.jvm import java_class


def test_a_class_is_made_and_asked_for_what_is_static(spark: SparkSession) -> None:
    assert str(java_class(spark._jvm, "java.lang.StringBuilder")("text").reverse().toString()) == "txet"
    assert java_class(spark._jvm, "java.lang.Integer").parseInt("12") == 12
    found = java_class(spark._jvm, "java.util.AbstractMap$SimpleEntry")("key", "value")
    assert (found.getKey(), found.getValue()) == ("key", "value")
