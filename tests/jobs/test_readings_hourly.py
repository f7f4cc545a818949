"""readings_hourly: from readings to hours and their flags; the flags once more in plain Python."""

import statistics
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from unittest.mock import Mock

import pytest
from chispa import assert_df_equality
from hypothesis import given, settings
from hypothesis import strategies as st
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.types import StructType

from jobs.common import runner
from jobs.common.errors import UsageError
from jobs.common.session import settings as conf
from jobs.device_readings import METRICS
from jobs.readings_hourly import FIGURES, HOURS, JOB, READ, by_hour, transform, with_flags
from tests.conftest import IS_CI

FIRST = date(2024, 2, 1)
NOTHING: dict[str, Any] = {"count": 0, "min": None, "max": None, "mean": None}
UNFLAGGED: dict[str, Any] = {"zscore": None, "is_anomaly": False}


def at(day: date, hour: int, minute: int = 0, second: float = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC) + timedelta(seconds=second)


def reading(time: datetime, device: str = "a", **metrics: float | None) -> tuple[object, ...]:
    values = (metrics.get(metric) for metric in METRICS)
    return (device, time, *(None if value is None else float(value) for value in values), time.date())


def frame(spark: SparkSession, rows: Sequence[tuple[object, ...]], schema: StructType = READ) -> DataFrame:
    return spark.createDataFrame(list(rows), schema)


def hour_row(
    start: datetime, readings: int, completeness: float, device: str = "a", **figures: Mapping[str, Any]
) -> tuple[object, ...]:
    """Make a row of `HOURS`; metrics that are not named have no values."""
    of_metrics = ({**NOTHING, **UNFLAGGED, **figures.get(metric, {})} for metric in METRICS)
    values = [each[name] for each in of_metrics for name in FIGURES]
    return (device, start, readings, 4, completeness, *values, start.date())


def assert_rows(actual: DataFrame, expected: Sequence[tuple[object, ...]]) -> None:
    wanted = actual.sparkSession.createDataFrame(list(expected), HOURS)
    assert_df_equality(actual, wanted, ignore_nullable=True, ignore_row_order=True)


def test_readings_become_rows_of_their_device_and_hour(spark: SparkSession) -> None:
    readings = [
        reading(at(FIRST, 5), pm2_5=0.1, co=7),
        reading(at(FIRST, 5, 59, 59.999999), pm2_5=0.2),
        reading(at(FIRST, 6), pm2_5=-0.3),
        reading(at(FIRST, 5, 30), device="b"),
    ]
    expected = [
        hour_row(
            at(FIRST, 5),
            2,
            0.5,
            pm2_5={"count": 2, "min": 0.1, "max": 0.2, "mean": 0.15},
            co={"count": 1, "min": 7.0, "max": 7.0, "mean": 7.0},
        ),
        hour_row(at(FIRST, 6), 1, 0.25, pm2_5={"count": 1, "min": -0.3, "max": -0.3, "mean": -0.3}),
        hour_row(at(FIRST, 5), 1, 0.25, device="b"),
    ]
    assert_rows(transform(frame(spark, readings), 4), expected)


def test_no_readings_give_no_rows(spark: SparkSession) -> None:
    assert_rows(transform(frame(spark, []), 4), [])


def test_an_hour_is_never_more_than_complete(spark: SparkSession) -> None:
    readings = [reading(at(FIRST, 5, minute)) for minute in range(5)]
    assert_rows(transform(frame(spark, readings), 4), [hour_row(at(FIRST, 5), 5, 1.0)])


values = st.lists(
    st.floats(-1e5, 1e5).map(lambda value: value + 0.0) | st.decimals(-100, 100, places=2).map(float),
    min_size=1,
    max_size=12,
)


@settings(max_examples=3 if IS_CI else 10)
@given(of_metric=values, shuffled=st.randoms(use_true_random=False))
def test_a_mean_is_right_to_billionths_within_the_range_and_the_same_in_any_order(
    spark: SparkSession, of_metric: list[float], shuffled: Any
) -> None:
    rows = [reading(at(FIRST, 5, minute), "a", so2=value) for minute, value in enumerate(of_metric)]
    mixed = [("b", *row[1:]) for row in shuffled.sample(rows, len(rows))]
    readings = frame(spark, [*rows, *mixed]).repartition(3)
    one, other = (
        tuple(row) for row in by_hour(readings, 1).select("so2_min", "so2_mean", "so2_max").collect()
    )
    assert one == other
    assert (one[0], one[2]) == (min(of_metric), max(of_metric))
    assert one[0] <= one[1] <= one[2]
    assert one[1] == pytest.approx(statistics.fmean(of_metric), rel=1e-12, abs=1e-9)


def test_sums_beyond_a_long_of_billionths_do_not_overflow(spark: SparkSession) -> None:
    rows = frame(spark, [reading(at(FIRST, 5), pm10=100_000)])
    many = rows.crossJoin(spark.range(100_000)).drop("id")
    assert by_hour(many, 1).select("pm10_mean").collect() == [(100_000.0,)]


def flag(value: float | None, before: Sequence[float | None]) -> tuple[float | None, bool]:
    """Say by the rules what z-score and flag a mean has."""
    baseline = sorted(mean for mean in before if mean is not None)
    if value is None or len(baseline) < 7:
        return None, False
    median = statistics.median(baseline)
    deviations = sorted(abs(mean - median) for mean in baseline)
    mad, mean_deviation = statistics.median(deviations), sum(deviations) / len(deviations)
    if mad:
        zscore = (value - median) * 0.6745 / mad
    elif mean_deviation:
        zscore = (value - median) / (mean_deviation * 1.253314)
    else:
        return (0.0, False) if value == median else (None, True)
    return zscore, abs(zscore) > 3.5


def flagged(
    spark: SparkSession, histories: Mapping[str, Mapping[int, float | None]], hour: int = 5
) -> dict[str, dict[int, tuple[Any, Any]]]:
    """Flag one hour of devices, by day: what `temperature_c` was in each."""
    readings = [
        reading(at(FIRST + timedelta(days=day), hour), device, temperature_c=value)
        for device, history in histories.items()
        for day, value in history.items()
    ]
    found: dict[str, dict[int, tuple[Any, Any]]] = {device: {} for device in histories}
    for row in transform(frame(spark, readings), 1).collect():
        day = (row["event_date"] - FIRST).days
        found[row["device_id"]][day] = (row["temperature_c_zscore"], row["temperature_c_is_anomaly"])
    return found


few = st.sampled_from([0.0, 0.5, 1.0, -3.25, 20.0])
histories = st.dictionaries(
    st.integers(0, 40),
    st.none() | few | st.floats(-90, 60).map(lambda value: round(value, 3) + 0.0),
    max_size=40,
)


@settings(max_examples=3 if IS_CI else 6)
@given(of_devices=st.lists(histories, min_size=1, max_size=8))
def test_flags_are_those_of_the_rules(spark: SparkSession, of_devices: list[dict[int, float | None]]) -> None:
    by_device = {str(number): history for number, history in enumerate(of_devices)}
    expected = {
        device: {
            day: flag(value, [history[each] for each in history if day - 28 <= each < day])
            for day, value in history.items()
        }
        for device, history in by_device.items()
    }
    assert flagged(spark, by_device) == expected


STEADY = dict(enumerate([10.0, 11.0, 9.0, 10.5, 9.5, 10.0, 12.0]))
FLAGS: dict[str, tuple[dict[int, float | None], tuple[float | None, bool]]] = {
    "an ordinary value": ({**STEADY, 7: 10.5}, (0.6745, False)),
    "not far yet": ({**STEADY, 7: 12.59}, (2.59 * 0.6745 / 0.5, False)),
    "far": ({**STEADY, 7: 12.6}, (2.6 * 0.6745 / 0.5, True)),
    "an outlier": ({**STEADY, 7: 0.0}, (-13.49, True)),
    "the first of the days before is 28 days ago": ({**STEADY, 28: 0.0}, (-13.49, True)),
    "what is 29 days ago no longer counts": ({**STEADY, 29: 0.0}, (None, False)),
    "six days are too few": ({**dict(list(STEADY.items())[1:]), 7: 0.0}, (None, False)),
    "no value": ({**STEADY, 7: None}, (None, False)),
    "mostly the same: by the mean deviation": (
        {**dict.fromkeys(range(7), 0.0), 7: 8.0, 8: 10.0},
        (10 / 1.253314, True),
    ),
    "always the same, and so again": ({**dict.fromkeys(range(7), 3.0), 7: 3.0}, (0.0, False)),
    "always the same, and then not": ({**dict.fromkeys(range(7), 3.0), 7: 3.1}, (None, True)),
}


def test_an_hour_is_held_against_the_same_hour_of_the_days_before(spark: SparkSession) -> None:
    # As Spark 4 does by default: what divides by nothing, or looks beyond an array's end, fails.
    with conf(spark, {"spark.sql.ansi.enabled": "true"}):
        found = flagged(spark, {name: history for name, (history, _) in FLAGS.items()})
    last = {name: found[name][max(history)] for name, (history, _) in FLAGS.items()}
    assert last == {
        name: (None if zscore is None else pytest.approx(zscore, rel=1e-9), is_anomaly)
        for name, (_, (zscore, is_anomaly)) in FLAGS.items()
    }


def test_a_baseline_is_of_the_same_device_and_hour_of_day(spark: SparkSession) -> None:
    day = FIRST + timedelta(days=7)
    others = [
        reading(at(FIRST + timedelta(days=before), hour), device, rain_mm=value)
        for before, value in STEADY.items()
        for device, hour in (("a", 4), ("a", 6), ("b", 5))
    ]
    found = transform(frame(spark, [*others, reading(at(day, 5), rain_mm=99.0)]), 1)
    rows = found.filter(found.event_date == day).select("rain_mm_zscore", "rain_mm_is_anomaly").collect()
    assert rows == [(None, False)]


def test_the_last_hour_of_a_day_is_of_that_day_across_months(spark: SparkSession) -> None:
    leap = {(date(2024, 2, 29) - FIRST).days - back: 1.0 for back in range(7)}
    found = flagged(spark, {"a": {**leap, 29: 2.0}}, hour=23)
    assert found["a"][29] == (None, True)


def test_flags_add_no_row_and_look_at_no_row_but_the_hours(spark: SparkSession) -> None:
    measured = by_hour(frame(spark, [reading(at(FIRST, 5)), reading(at(FIRST, 6))]), 1)
    assert measured.columns == [name for name in HOURS.names if not name.endswith(("_zscore", "_is_anomaly"))]
    assert with_flags(measured).count() == 2


def test_the_job_looks_back_as_far_as_its_flags() -> None:
    assert JOB.days_before == 28
    assert JOB.source.job == "device_readings"
    assert JOB.name == "readings_hourly"


@pytest.mark.parametrize(
    ("flags", "knows_delta"),
    [
        (["--input-format", "delta"], True),
        (["--format", "delta"], True),
        (["--input-format", "parquet"], False),
    ],
)
def test_the_session_is_to_know_delta_where_it_is_read_or_written(
    monkeypatch: pytest.MonkeyPatch, flags: list[str], knows_delta: bool
) -> None:
    build = Mock(side_effect=UsageError("no Spark is started here"))
    monkeypatch.setattr(runner, "build", build)
    argv = ["--input", "i", "--output", "o", "--manifest", "m", *flags]
    assert runner.main(JOB, argv) == 2
    build.assert_called_once_with("readings_hourly", with_delta=knows_delta)
