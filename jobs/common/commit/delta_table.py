"""What is asked of a Delta table, by Delta's SQL and its data source alone: the cluster's own Delta must do."""

from collections.abc import Mapping, Sequence
from datetime import date

from pyspark.sql import DataFrame, Row, SparkSession
from pyspark.sql.types import DateType, StructType

from jobs.common.errors import JobFailed


def at_version(spark: SparkSession, place: str, version: int) -> DataFrame:
    """Read a table as one version had it."""
    return spark.read.format("delta").option("versionAsOf", version).load(place)


def detail(spark: SparkSession, place: str) -> Row:
    """Return what Delta tells of a table."""
    return _first(spark.sql(f"DESCRIBE DETAIL {named(place)}").first(), place)


def named(place: str) -> str:
    """Name a table by its place, for SQL."""
    return f"delta.`{place.replace('`', '``')}`"


def in_partitions(schema: StructType, partitions: Sequence[Mapping[str, str]], alias: str = "") -> str:
    """Return the condition, of literals alone, that holds in partitions: Delta then opens no file of any other.

    Of several partition columns each is limited by itself, to keep it short: more may be within it than asked for.
    """
    columns = list(partitions[0]) if partitions else []
    limits = []
    for column in columns:
        values = sorted({partition[column] for partition in partitions})
        is_date = isinstance(schema[column].dataType, DateType)
        literals = ", ".join(_date(value) if is_date else _text(value) for value in values)
        limits.append(f"{alias}`{column}` IN ({literals})")
    return " AND ".join(limits) or "false"


def _date(value: str) -> str:
    return f"DATE'{date.fromisoformat(value).isoformat()}'"


def _text(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _first(row: Row | None, place: str) -> Row:
    if row is None:
        raise JobFailed(
            f"{place}: expected a Delta table to tell of itself, got nothing; see that it can be read"
        )
    return row
