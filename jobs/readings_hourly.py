"""readings_hourly: what devices measured in each hour, how complete it is, and what is out of the ordinary.

Grain and key: (`event_date`, `device_id`, `hour_start`), one row each; an hour without readings has none.
Inputs: the table of device_readings, whole or by the manifests of the runs that changed it. Schedule: after its runs.
Rerun: safe. Rows are recomputed from what the table of readings holds by then, in any order of manifests.
"""

import sys
from collections.abc import Sequence
from functools import reduce

from pyspark.sql import Column, DataFrame, Window, WindowSpec
from pyspark.sql import functions as F
from pyspark.sql.types import (
    BooleanType,
    DataType,
    DateType,
    DoubleType,
    LongType,
    StringType,
    StructField,
    StructType,
    TimestampType,
)

from jobs import device_readings
from jobs.common import runner
from jobs.common.kinds.derived import DerivedJob
from jobs.common.kinds.sources import Source
from jobs.common.table import Table
from jobs.device_readings import METRICS

FIGURES: dict[str, DataType] = {
    "count": LongType(),
    "min": DoubleType(),
    "max": DoubleType(),
    "mean": DoubleType(),
    "zscore": DoubleType(),
    "is_anomaly": BooleanType(),
}

HOURS = StructType(
    [
        StructField("device_id", StringType()),
        StructField("hour_start", TimestampType()),
        StructField("readings", LongType()),
        StructField("expected_readings", LongType()),
        StructField("completeness", DoubleType()),
        *(StructField(f"{metric}_{name}", kind) for metric in METRICS for name, kind in FIGURES.items()),
        StructField("event_date", DateType()),
    ]
)

READ = StructType(
    [
        field
        for field in device_readings.READINGS
        if field.name in ("device_id", "event_time", *METRICS, "event_date")
    ]
)

TABLE = Table(
    schema=HOURS,
    partition_by=("event_date",),
    key=("event_date", "device_id", "hour_start"),
    newest=None,
    provenance=(),
    sort_by=("device_id", "hour_start"),
    time="hour_start",
)

BASELINE_DAYS = 28
FEWEST_IN_BASELINE = 7
# Iglewicz and Hoaglin (1993), as in the NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.5.17.
NORMAL_PER_MAD = 0.6745
MOST_ZSCORE = 3.5
# What IBM Cognos Analytics divides by where the MAD is zero: a normal deviation is 1.253314 mean absolute ones.
MEAN_DEVIATIONS = 1.253314
# Readings are added up in whole units and whole billionths: sums of longs do not depend on their order, those of
# doubles do, and neither part overflows below nine billion readings an hour.
BILLION = 1e9


def transform(readings: DataFrame, cadence_per_hour: int) -> DataFrame:
    """Take all readings to rows of `HOURS`."""
    return readings.transform(by_hour, cadence_per_hour).transform(with_flags)


def by_hour(readings: DataFrame, cadence_per_hour: int) -> DataFrame:
    """Count and measure each device's hours: the columns of `HOURS` without those of flags."""
    whole_hour = F.date_trunc("hour", "event_time").alias("hour_start")
    figures = [figure for metric in METRICS for figure in _figures(metric)]
    counted = readings.groupBy("event_date", "device_id", whole_hour).agg(
        F.count("*").alias("readings"), *figures
    )
    share = F.col("readings") / F.lit(float(cadence_per_hour))
    return counted.withColumns(
        {
            "expected_readings": F.lit(cadence_per_hour).cast("long"),
            "completeness": F.least(share, F.lit(1.0)),
        }
    ).select(*(name for name in HOURS.names if name in _MEASURED))


def with_flags(hours: DataFrame) -> DataFrame:
    """Hold each hour's means against the same hour of the days before: rows of `HOURS`, as many."""
    # The columns of a row travel as one, and those of metrics as an array: Spark makes code for each column at each
    # step, and the JVM compiles it, which would take more time than the data.
    slim = hours.select(*_SAME_HOUR, F.struct(*hours.columns).alias("hour"), F.array(*_MEANS).alias("means"))
    earlier = slim.withColumn("earlier", F.collect_list("means").over(_days_before()))
    held = earlier.select("hour", _held_against_baselines().alias("held"))
    steps = (_with_median, _with_deviations, _with_spread, _with_zscore, _with_anomaly)
    judged = reduce(lambda rows, step: rows.withColumn("held", F.transform("held", step)), steps, held)
    of_metrics = (
        F.col("held")[position][name].alias(f"{metric}_{name}")
        for position, metric in enumerate(METRICS)
        for name in ("zscore", "is_anomaly")
    )
    return judged.select("hour.*", *of_metrics).select(*HOURS.names)


def _figures(metric: str) -> list[Column]:
    value, count = F.col(metric), F.count(metric)
    whole = F.floor(value)
    billionths = F.rint((value - whole) * BILLION).cast("long")
    least, greatest = F.min(metric), F.max(metric)
    mean = (F.sum(whole) + F.sum(billionths) / BILLION) / count
    return [
        count.alias(f"{metric}_count"),
        least.alias(f"{metric}_min"),
        greatest.alias(f"{metric}_max"),
        # Rounding to billionths must not take the mean out of the range of what was measured.
        F.greatest(least, F.least(greatest, mean)).alias(f"{metric}_mean"),
    ]


_MEASURED = {name for name in HOURS.names if not name.endswith(("_zscore", "_is_anomaly"))}


_SAME_HOUR = ("device_id", "hour_start", "event_date")
_MEANS = [f"{metric}_mean" for metric in METRICS]


def _days_before() -> WindowSpec:
    """Frame the same hour of the days before."""
    days = Window.partitionBy("device_id", F.hour("hour_start")).orderBy(F.unix_date("event_date"))
    return days.rangeBetween(-BASELINE_DAYS, -1)


def _held_against_baselines() -> Column:
    """Pair each metric's mean with those of the same hour of the days before, sorted: then sums have one result."""

    def pair(metric: Column) -> Column:
        baseline = F.filter(F.transform("earlier", lambda means: F.get(means, metric)), F.isnotnull)
        return F.struct(F.get(F.col("means"), metric).alias("mean"), F.sort_array(baseline).alias("baseline"))

    return F.transform(F.array(*(F.lit(position) for position in range(len(METRICS)))), pair)


def _with_median(one: Column) -> Column:
    return F.struct(
        one["mean"].alias("mean"), one["baseline"].alias("baseline"), _median(one["baseline"]).alias("median")
    )


def _with_deviations(one: Column) -> Column:
    median = one["median"]
    deviations = F.sort_array(F.transform(one["baseline"], lambda mean: F.abs(mean - median)))
    distance = one["mean"] - median
    return F.struct(distance.alias("distance"), deviations.alias("deviations"))


def _with_spread(one: Column) -> Column:
    deviations = one["deviations"]
    has_baseline = F.size(deviations) >= FEWEST_IN_BASELINE
    return F.struct(
        F.when(has_baseline, one["distance"]).alias("distance"),
        deviations.alias("deviations"),
        _median(deviations).alias("mad"),
    )


def _with_zscore(one: Column) -> Column:
    distance, mad, deviations = one["distance"], one["mad"], one["deviations"]
    # Seldom asked for: a mean of deviations is worked out where their median is zero, and not elsewhere.
    total = F.aggregate(deviations, F.lit(0.0), lambda so_far, each: so_far + each)
    zscore = (
        F.when(distance.isNull(), F.lit(None))
        .when(mad > 0, distance * NORMAL_PER_MAD / mad)
        .when(total > 0, distance / (total / F.size(deviations) * MEAN_DEVIATIONS))
        .when(distance == 0, 0.0)
    )
    return F.struct(distance.alias("distance"), zscore.alias("zscore"))


def _with_anomaly(one: Column) -> Column:
    # With a baseline that never varies, another value is infinitely far from it: no number says so, the flag does.
    is_far = F.coalesce(F.abs(one["zscore"]) > MOST_ZSCORE, F.lit(True))
    is_anomaly = F.when(one["distance"].isNotNull(), is_far).otherwise(False)
    return F.struct(one["zscore"].alias("zscore"), is_anomaly.alias("is_anomaly"))


def _median(ordered: Column) -> Column:
    size = F.size(ordered)
    lower, upper = ((size - 1) / 2).cast("int"), (size / 2).cast("int")
    return (F.get(ordered, lower) + F.get(ordered, upper)) / 2


JOB = DerivedJob(
    name="readings_hourly",
    version="1",
    description="Hourly figures and anomaly flags from the table of device_readings, partitioned by event_date.",
    source=Source(job=device_readings.JOB.name, schema=READ, partition="event_date", time="event_time"),
    table=TABLE,
    counted="readings",
    expected="expected_readings",
    days_before=BASELINE_DAYS,
    measure=by_hour,
    complete=with_flags,
)


def main(argv: Sequence[str]) -> int:
    """Run the job and return its exit code."""
    return runner.main(JOB, argv)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
