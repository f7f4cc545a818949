"""The Spark session of a job, with what must not depend on a cluster's defaults set in code."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from pyspark.sql import SparkSession

# Instants are instants: no session, cluster or reader may shift them.
_FIXED = {
    "spark.sql.session.timeZone": "UTC",
    # Spark 3.5's default is INT96, in nanoseconds, which other engines have given up.
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
    "spark.sql.parquet.compression.codec": "zstd",
    # A cluster may be set up to pass over files it cannot read; a row that is passed over is lost.
    "spark.sql.files.ignoreCorruptFiles": "false",
    "spark.sql.files.ignoreMissingFiles": "false",
}


def build(app_name: str, extra: Mapping[str, str] | None = None) -> SparkSession:
    """Return the running session, or a new one, with the settings that jobs rely on; `extra` is set first."""
    builder = SparkSession.builder.appName(app_name)
    for key, value in {**(extra or {}), **_FIXED}.items():
        builder = builder.config(key, value)
    return builder.getOrCreate()


@contextmanager
def settings(spark: SparkSession, values: Mapping[str, str]) -> Iterator[None]:
    """Set SQL settings for what is planned within the block, and put back what they were."""
    before = {name: str(spark.conf.get(name)) for name in values}
    try:
        for name, value in values.items():
            spark.conf.set(name, value)
        yield
    finally:
        for name, value in before.items():
            spark.conf.set(name, value)
