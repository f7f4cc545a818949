"""device_readings: from messages to rows, step by step, as whole frames."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any
from unittest.mock import Mock

import pytest
from chispa import assert_df_equality
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.types import ArrayType, StringType, StructField, StructType

from jobs.common import runner
from jobs.common.quality import REASONS, judge
from jobs.common.readers.portable import message_schema
from jobs.common.table import keep_greatest
from jobs.device_readings import FIELDS, JOB, READINGS, TABLE, main, transform

MESSAGE = message_schema(FIELDS)
NOON = datetime(2024, 2, 29, 12, tzinfo=UTC)
GOOD = {
    "device_id": "d",
    "event_id": "e",
    "event_time": NOON,
    "received_at": NOON,
    "source_object": "file:/raw/a",
    "position": 0,
    "raw": bytearray(b"{}"),
}


def messages(spark: SparkSession, *changes: Mapping[str, Any]) -> DataFrame:
    """Make messages that are good but for what each change says."""
    rows = [{**dict.fromkeys(MESSAGE.names), **GOOD, **change} for change in changes]
    return spark.createDataFrame([tuple(row[name] for name in MESSAGE.names) for row in rows], MESSAGE)


def readings(spark: SparkSession, *changes: Mapping[str, Any]) -> DataFrame:
    """Make rows as the table holds them, from the same good message."""
    rows = [
        {**dict.fromkeys(READINGS.names), **GOOD, "event_date": date(2024, 2, 29), **change}
        for change in changes
    ]
    return spark.createDataFrame([tuple(row[name] for name in READINGS.names) for row in rows], READINGS)


def assert_same(actual: DataFrame, expected: DataFrame) -> None:
    assert_df_equality(actual, expected, ignore_nullable=True, ignore_row_order=True)


FULL = {
    "firmware": "1.4.2",
    "lat": 39.982,
    "lon": 116.397,
    "pm2_5": 4.0,
    "temperature_c": -0.7,
    "wind_direction": "NNW",
    "rescued": '{"x":1}',
}


@pytest.mark.parametrize(
    ("message", "row"),
    [
        pytest.param(FULL, FULL, id="normal"),
        pytest.param({}, {}, id="every optional column null"),
        pytest.param(
            {"event_time": datetime(2024, 2, 29, 23, 59, 59, 999_999, UTC)},
            {"event_time": datetime(2024, 2, 29, 23, 59, 59, 999_999, UTC)},
            id="the last instant of a leap day",
        ),
        pytest.param(
            {"event_time": datetime(2024, 3, 1, tzinfo=UTC)},
            {"event_time": datetime(2024, 3, 1, tzinfo=UTC), "event_date": date(2024, 3, 1)},
            id="the first instant of the next",
        ),
        pytest.param(
            {"event_time": datetime(2013, 3, 1, tzinfo=UTC)},
            {"event_time": datetime(2013, 3, 1, tzinfo=UTC), "event_date": date(2013, 3, 1)},
            id="late: its own date, whenever it is received",
        ),
    ],
)
def test_a_message_becomes_a_row(
    spark: SparkSession, message: Mapping[str, Any], row: Mapping[str, Any]
) -> None:
    assert_same(transform(messages(spark, message)), readings(spark, row))


def test_no_message_becomes_no_row(spark: SparkSession) -> None:
    assert_same(transform(spark.createDataFrame([], MESSAGE)), spark.createDataFrame([], READINGS))


def test_duplicate_messages_become_as_many_rows_for_the_table_to_choose_from(spark: SparkSession) -> None:
    assert_same(transform(messages(spark, {}, {})), readings(spark, {}, {}))


LATER = datetime(2024, 2, 29, 13, tzinfo=UTC)


@pytest.mark.parametrize(
    ("rows", "stays"),
    [
        pytest.param([{"pm2_5": 9.0}, {"received_at": LATER}], {"received_at": LATER}, id="received last"),
        pytest.param([{"pm2_5": 2.0}, {"pm2_5": None}], {"pm2_5": 2.0}, id="a value before none"),
        pytest.param(
            [{"lat": 1.0}, {"firmware": "1", "lat": 0.0}], {"firmware": "1", "lat": 0.0}, id="schema order"
        ),
        pytest.param([{"event_time": LATER}, {"pm2_5": 9.0}], {"event_time": LATER}, id="event time first"),
        pytest.param(
            [{"source_object": "z"}, {"source_object": "a"}],
            {"source_object": "a"},
            id="but for source",
        ),
    ],
)
def test_of_rows_with_one_key_the_greatest_stays(
    spark: SparkSession, rows: list[dict[str, Any]], stays: dict[str, Any]
) -> None:
    for order in (rows, rows[::-1]):
        assert_same(keep_greatest(readings(spark, *order), TABLE), readings(spark, stays))


@pytest.mark.parametrize("other", [{"device_id": "f"}, {"event_id": "f"}, {"event_date": date(2024, 3, 1)}])
def test_another_key_is_another_row(spark: SparkSession, other: dict[str, Any]) -> None:
    rows = readings(spark, {}, other)
    assert_same(keep_greatest(rows, TABLE), rows)


JUDGED = StructType([StructField("event_id", StringType()), StructField(REASONS, ArrayType(StringType()))])
RANGED = {
    "lat": ("location.lat", -90.0, 90.0),
    "lon": ("location.lon", -180.0, 180.0),
    "temperature_c": ("metrics.temperature_c", -90.0, 60.0),
    "dew_point_c": ("metrics.dew_point_c", -100.0, 60.0),
    "pressure_hpa": ("metrics.pressure_hpa", 300.0, 1100.0),
    "rain_mm": ("metrics.rain_mm", 0.0, 2000.0),
    "wind_speed_m_s": ("metrics.wind_speed_m_s", 0.0, 150.0),
    **{gas: (f"metrics.{gas}", 0.0, 100_000.0) for gas in ("pm2_5", "pm10", "so2", "no2", "co", "o3")},
}


def test_both_ends_of_every_range_are_inside_it(spark: SparkSession) -> None:
    inside = [{column: end} for column, (_, low, high) in RANGED.items() for end in (low, high)]
    changes = [{**change, "event_id": str(number)} for number, change in enumerate(inside)]
    expected = spark.createDataFrame([(str(number), []) for number in range(len(inside))], JUDGED)
    assert_same(judge(messages(spark, *changes), JOB.rules).select("event_id", REASONS), expected)


def test_what_lies_beyond_a_range_is_out_of_it(spark: SparkSession) -> None:
    beyond = [
        (f"{column} {end}", {column: value}, f"out_of_range_{name}")
        for column, (name, low, high) in RANGED.items()
        for end, value in (("low", low - 0.001), ("high", high + 0.001))
    ]
    changes = [{**change, "event_id": event_id} for event_id, change, _ in beyond]
    expected = spark.createDataFrame([(event_id, [reason]) for event_id, _, reason in beyond], JUDGED)
    assert_same(judge(messages(spark, *changes), JOB.rules).select("event_id", REASONS), expected)


@pytest.mark.parametrize(
    ("event_time", "reasons"),
    [
        (datetime(2024, 3, 1, 12, tzinfo=UTC), []),
        (datetime(2024, 3, 1, 12, 0, 0, 1, UTC), ["event_time_in_future"]),
        (None, ["missing_event_time"]),
    ],
)
def test_an_event_is_in_the_future_when_it_is_over_a_day_after_its_receipt(
    spark: SparkSession, event_time: datetime | None, reasons: list[str]
) -> None:
    judged = judge(messages(spark, {"event_time": event_time}), JOB.rules).select("event_id", REASONS)
    assert_same(judged, spark.createDataFrame([("e", reasons)], JUDGED))


def test_all_reasons_that_apply_come_in_their_order(spark: SparkSession) -> None:
    bad = {
        "device_id": None,
        "event_time": datetime(2099, 1, 1, tzinfo=UTC),
        "rain_mm": -1.0,
        "lat": 91.0,
        "faults": [
            "out_of_range_metrics.co",
            "bad_type_wind_direction",
            "bad_type_metrics.pm10",
            "bad_type_firmware",
        ],
    }
    expected = [
        "missing_device_id",
        "bad_type_firmware",
        "bad_type_metrics.pm10",
        "bad_type_wind_direction",
        "out_of_range_location.lat",
        "out_of_range_metrics.co",
        "out_of_range_metrics.rain_mm",
        "event_time_in_future",
    ]
    judged = judge(messages(spark, bad), JOB.rules).select("event_id", REASONS)
    assert_same(judged, spark.createDataFrame([("e", expected)], JUDGED))


def test_the_entry_says_how_it_is_used(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["--help"])
    assert stop.value.code == 0
    assert "usage: device_readings" in capsys.readouterr().out


def test_an_interrupted_run_says_so_by_its_exit_code(
    spark: SparkSession, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(runner, "run", Mock(side_effect=KeyboardInterrupt))
    assert spark.version
    assert main(["--input", "in", "--output", "out", "--quarantine", "q", "--manifest", "m.json"]) == 130
    assert capsys.readouterr().err.endswith(
        "device_readings: interrupted; the next run on the table clears up\n"
    )
