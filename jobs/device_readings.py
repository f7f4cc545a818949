"""device_readings: what devices measured, one row a message.

Grain and key: (`event_date`, `device_id`, `event_id`), one row each; of corrections the one received last.
Inputs: JSON messages as Firehose delivers them, gzip or plain. Schedule: any, as objects come in.
Rerun: safe. A run id means one list of inputs and is done once; the same inputs under another are all duplicates.
"""

import sys
from collections.abc import Sequence

from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import DateType, DoubleType, StringType, StructField, StructType, TimestampType

from jobs.common import runner
from jobs.common.kinds.messages import MessageJob
from jobs.common.quality import Rule, json_rules
from jobs.common.readers.columns import RESCUED, Field
from jobs.common.table import Table

METRICS = (
    "pm2_5",
    "pm10",
    "so2",
    "no2",
    "co",
    "o3",
    "temperature_c",
    "pressure_hpa",
    "dew_point_c",
    "rain_mm",
    "wind_speed_m_s",
)

FIELDS = (
    Field("device_id", "string", is_required=True),
    Field("event_id", "string", is_required=True),
    Field("event_time", "timestamp", is_required=True),
    Field("received_at", "timestamp", is_required=True),
    Field("firmware", "string"),
    Field("lat", "double", ("location", "lat")),
    Field("lon", "double", ("location", "lon")),
    *(Field(metric, "double", ("metrics", metric)) for metric in METRICS),
    Field("wind_direction", "string"),
)

READINGS = StructType(
    [
        StructField("device_id", StringType()),
        StructField("event_id", StringType()),
        StructField("event_time", TimestampType()),
        StructField("received_at", TimestampType()),
        StructField("firmware", StringType()),
        StructField("lat", DoubleType()),
        StructField("lon", DoubleType()),
        *(StructField(metric, DoubleType()) for metric in METRICS),
        StructField("wind_direction", StringType()),
        StructField(RESCUED, StringType()),
        StructField("source_object", StringType()),
        StructField("event_date", DateType()),
    ]
)

POLLUTANT = (0, 100_000)
RANGES = {
    "lat": (-90, 90),
    "lon": (-180, 180),
    **dict.fromkeys(("pm2_5", "pm10", "so2", "no2", "co", "o3"), POLLUTANT),
    "temperature_c": (-90, 60),
    "pressure_hpa": (300, 1100),
    "dew_point_c": (-100, 60),
    "rain_mm": (0, 2000),
    "wind_speed_m_s": (0, 150),
}

# A clock that runs ahead would put readings into days that have not come; a day allows for any wrong time zone.
IN_FUTURE = Rule("event_time_in_future", "event_time > received_at + INTERVAL 24 HOURS")

TABLE = Table(
    schema=READINGS,
    partition_by=("event_date",),
    key=("event_date", "device_id", "event_id"),
    newest="received_at",
    provenance=("source_object",),
    sort_by=("device_id", "event_time"),
    time="event_time",
)


# In SQL that Spark and the native engine both know.
DERIVED = {"event_date": "CAST(event_time AS DATE)"}


def transform(messages: DataFrame) -> DataFrame:
    """Take accepted messages to rows of `READINGS`, as many."""
    return messages.transform(with_event_date).select(*READINGS.names)


def with_event_date(messages: DataFrame) -> DataFrame:
    """Add the UTC date of the event."""
    return messages.withColumns({name: F.expr(expression) for name, expression in DERIVED.items()})


JOB = MessageJob(
    name="device_readings",
    version="1",
    description="Raw device messages to a clean table, partitioned by event_date.",
    fields=FIELDS,
    rules=tuple(json_rules(FIELDS, RANGES, [IN_FUTURE])),
    table=TABLE,
    transform=transform,
    derived=DERIVED,
)


def main(argv: Sequence[str]) -> int:
    """Run the job and return its exit code."""
    return runner.main(JOB, argv)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
