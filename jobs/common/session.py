"""The Spark session of a job, with what must not depend on a cluster's defaults set in code."""

from collections.abc import Mapping

from pyspark.sql import SparkSession

# Instants are instants: no session, cluster or reader may shift them.
_FIXED = {
    "spark.sql.session.timeZone": "UTC",
    # Spark 3.5's default is INT96, in nanoseconds, which other engines have given up.
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
    "spark.sql.parquet.compression.codec": "zstd",
    # Staged files must become visible by the rename of a committer that any Hadoop file system supports.
    "spark.sql.sources.partitionOverwriteMode": "static",
}


def build(app_name: str, extra: Mapping[str, str] | None = None) -> SparkSession:
    """Return the running session, or a new one, with the settings that jobs rely on; `extra` is set first."""
    builder = SparkSession.builder.appName(app_name)
    for key, value in {**(extra or {}), **_FIXED}.items():
        builder = builder.config(key, value)
    return builder.getOrCreate()
