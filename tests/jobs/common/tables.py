"""A small table for tests: rows of a key, an instant, a value and a note, by day."""

from datetime import UTC, date, datetime

from pyspark.sql.types import DateType, DoubleType, StringType, StructField, StructType, TimestampType

from jobs.common.table import Table

DAY = date(2024, 2, 29)
SCHEMA = StructType(
    [
        StructField("key", StringType()),
        StructField("time", TimestampType()),
        StructField("value", DoubleType()),
        StructField("note", StringType()),
        StructField("source", StringType()),
        StructField("day", DateType()),
    ]
)
TABLE = Table(
    schema=SCHEMA,
    partition_by=("day",),
    key=("day", "key"),
    newest="time",
    provenance=("source",),
    sort_by=("key", "time"),
    time="time",
)


def at(hour: int) -> datetime:
    """Return an hour of the day."""
    return datetime(2024, 2, 29, hour, tzinfo=UTC)


FIVE = at(5)


def row(
    key: str,
    *,
    time: datetime | None = FIVE,
    value: float | None = None,
    note: str | None = None,
    source: str | None = "s",
    day: date = DAY,
) -> tuple[object, ...]:
    """Make a row."""
    return (key, time, value, note, source, day)
