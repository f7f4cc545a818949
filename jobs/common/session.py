"""The Spark session of a job, with what must not depend on a cluster's defaults set in code."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from pyspark import SparkConf, SparkContext
from pyspark.sql import SparkSession

from jobs.common.errors import UsageError

# Instants are instants: no session, cluster or reader may shift them.
_FIXED = {
    "spark.sql.session.timeZone": "UTC",
    # Spark 3.5's default is INT96, in nanoseconds, which other engines have given up.
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
    # Days before 1582 are those of the calendar that other engines know. Spark 3.5 refuses them, Spark 4 does this.
    "spark.sql.parquet.datetimeRebaseModeInRead": "CORRECTED",
    "spark.sql.parquet.datetimeRebaseModeInWrite": "CORRECTED",
    "spark.sql.parquet.compression.codec": "zstd",
    # A place or a value may hold "${x}": in SQL that we write it stands for itself.
    "spark.sql.variable.substitute": "false",
    # A cluster may be set up to pass over files it cannot read; a row that is passed over is lost.
    "spark.sql.files.ignoreCorruptFiles": "false",
    "spark.sql.files.ignoreMissingFiles": "false",
}


# Delta's classes come from the cluster's image, or by --properties-file; that SQL knows them is for the session to say.
_EXTENSIONS, _EXTENSION = "spark.sql.extensions", "io.delta.sql.DeltaSparkSessionExtension"
DELTA = {
    _EXTENSIONS: _EXTENSION,
    "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
}

# What PySpark asks the JVM for again and again; by full names it is PySpark 4.
_CLASSES = (
    *("functions", "PythonUtils", "SparkSession", "SerDeUtil", "PythonRDD"),
    *("org.apache.spark.sql.functions", "org.apache.spark.sql.classic.SparkSession"),
    "org.apache.spark.sql.catalyst.trees.PySparkCurrentOrigin",
)


def build(app_name: str, extra: Mapping[str, str] | None = None, *, with_delta: bool = False) -> SparkSession:
    """Return the running session, or a new one, with the settings that jobs rely on; `extra` is set first.

    Raises:
        UsageError: Where Delta is asked for and its classes are not there.
    """
    builder = SparkSession.builder.appName(app_name)
    for key, value in {**(extra or {}), **_FIXED, **(_with_delta(extra or {}) if with_delta else {})}.items():
        builder = builder.config(key, value)
    spark = builder.getOrCreate()
    # Spark's own look for a class: it knows the jars of --jars and --packages too.
    if with_delta and not spark._jvm.org.apache.spark.util.Utils.classIsLoadable(_EXTENSION):  # type: ignore[union-attr] # a session has its JVM
        raise UsageError(
            f"--format or --input-format delta: expected Delta's classes in Spark, there is no {_EXTENSION}; on EMR "
            'set the classification delta-defaults to {"delta.enabled": "true"}, on EMR Serverless spark.jars to '
            "/usr/share/aws/delta/lib/delta-spark.jar,/usr/share/aws/delta/lib/delta-storage.jar, on a laptop add "
            '--properties-file "$(scripts/jars delta)"'
        )
    _know_classes(spark)
    return spark


def _know_classes(spark: SparkSession) -> None:
    """Tell PySpark which classes it means.

    It names a few of them anew for each column of each plan, and py4j then asks the JVM, which looks for a class of
    that name in every package and every jar: a quarter of what the driver's main thread does in a small run.
    """
    jvm: Any = spark._jvm
    for name in _CLASSES:
        setattr(jvm, name, getattr(jvm, name))


def knows_delta(spark: SparkSession) -> bool:
    """Tell whether the session can read and write Delta tables."""
    return _EXTENSION in str(spark.conf.get(_EXTENSIONS, ""))


def _with_delta(extra: Mapping[str, str]) -> dict[str, str]:
    """Return `DELTA` beside the extensions that the session has by its defaults."""
    # As spark-submit starts us: its JVM knows what the cluster has set.
    if "PYSPARK_GATEWAY_PORT" in os.environ:
        SparkContext._ensure_initialized()
    others = extra.get(_EXTENSIONS) or SparkConf().get(_EXTENSIONS) or ""
    names = [name for name in others.split(",") if name and name != _EXTENSION]
    return {**DELTA, _EXTENSIONS: ",".join([*names, _EXTENSION])}


@contextmanager
def settings(spark: SparkSession, values: Mapping[str, str]) -> Iterator[None]:
    """Set SQL settings for what is planned within the block, and put back what they were."""
    before = {name: spark.conf.get(name, None) for name in values}
    try:
        for name, own in values.items():
            spark.conf.set(name, own)
        yield
    finally:
        for name, value in before.items():
            if value is None:
                spark.conf.unset(name)
            else:
                spark.conf.set(name, value)
