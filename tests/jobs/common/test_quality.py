from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from chispa import assert_df_equality
from pyspark.sql import SparkSession
from pyspark.sql.types import ArrayType, StringType, StructField, StructType

from jobs.common.quality import UNREADABLE, Rule, json_rules, judge
from jobs.common.readers.columns import Field
from jobs.common.readers.portable import message_schema

FIELDS = (
    Field("id", "string", is_required=True),
    Field("at", "timestamp", is_required=True),
    Field("seen", "timestamp", is_required=True),
    Field("note", "string"),
    Field("lat", "double", ("location", "lat"), is_required=True),
    Field("pm10", "double", ("metrics", "air", "pm10")),
    Field("rain", "double", ("metrics", "rain")),
    Field("level", "double"),
)
RANGES = {"lat": (-90, 90), "pm10": (0, 100_000), "rain": (0.5, 0.75)}
FUTURE = Rule("at_in_future", "at > seen + INTERVAL 24 HOURS")
RULES = json_rules(FIELDS, RANGES, [FUTURE])
SCHEMA = message_schema(FIELDS)
JUDGED = StructType([*SCHEMA.fields, StructField("reasons", ArrayType(StringType()))])
NOON = datetime(2020, 2, 28, 12, tzinfo=UTC)
GOOD: dict[str, Any] = {"id": "d", "at": NOON, "seen": NOON, "lat": 1.0}
NOTHING: dict[str, Any] = {}


def row(values: dict[str, Any], faults: Sequence[str] | None) -> tuple[Any, ...]:
    columns = [values.get(field.column) for field in FIELDS]
    return (*columns, None, "file:/a", 0, bytearray(b"raw"), faults)


def check(
    spark: SparkSession, cases: Sequence[tuple[dict[str, Any], Sequence[str] | None, Sequence[str]]]
) -> None:
    rows = [row(values, faults) for values, faults, _ in cases]
    expected = [(*each, list(reasons)) for each, (_, _, reasons) in zip(rows, cases, strict=True)]
    assert_df_equality(
        judge(spark.createDataFrame(rows, SCHEMA), RULES),
        spark.createDataFrame(expected, JUDGED),
        ignore_nullable=True,
    )


def test_a_good_message_has_no_reason_and_no_message_no_row(spark: SparkSession) -> None:
    full = {**GOOD, "note": "", "pm10": 5.0, "rain": 0.6, "level": 1e308}
    check(spark, [(GOOD, None, []), (full, None, []), (full, [], [])])
    check(spark, [])


def test_reasons_come_in_the_order_of_the_rules() -> None:
    assert [rule.reason for rule in RULES] == [
        "truncated_object", "bad_encoding", "malformed_json", "record_too_large", "not_an_object",
        "missing_id", "missing_at", "missing_seen", "missing_location.lat",
        "bad_type_id", "bad_type_at", "bad_type_seen", "bad_type_note", "bad_type_location",
        "bad_type_location.lat", "bad_type_metrics", "bad_type_metrics.air", "bad_type_metrics.air.pm10",
        "bad_type_metrics.rain", "bad_type_level",
        "out_of_range_at", "out_of_range_seen", "out_of_range_location.lat", "out_of_range_metrics.air.pm10",
        "out_of_range_metrics.rain", "out_of_range_level",
        "at_in_future",
    ]  # fmt: skip


def test_all_reasons_that_apply_are_given_in_order_whatever_the_order_of_faults(spark: SparkSession) -> None:
    faults = ["bad_type_metrics.rain", "out_of_range_level", "bad_type_note", "out_of_range_at"]
    check(
        spark,
        [
            (
                {"seen": NOON, "lat": 91.0, "pm10": -1.0},
                faults,
                ["missing_id", "bad_type_note", "bad_type_metrics.rain", "out_of_range_at",
                 "out_of_range_location.lat", "out_of_range_metrics.air.pm10", "out_of_range_level"],
            )
        ],
    )  # fmt: skip


def test_a_message_that_cannot_be_parsed_has_that_reason_alone(spark: SparkSession) -> None:
    check(spark, [(NOTHING, [reason], [reason]) for reason in UNREADABLE])


def test_null_is_missing_but_not_where_the_value_has_another_fault(spark: SparkSession) -> None:
    cases: list[tuple[dict[str, Any], Sequence[str] | None, Sequence[str]]] = [
        (NOTHING, None, ["missing_id", "missing_at", "missing_seen", "missing_location.lat"]),
        ({**GOOD, "id": None}, ["bad_type_id"], ["bad_type_id"]),
        ({**GOOD, "at": None}, ["bad_type_at"], ["bad_type_at"]),
        ({**GOOD, "at": None}, ["out_of_range_at"], ["out_of_range_at"]),
        ({**GOOD, "at": None}, ["out_of_range_seen"], ["missing_at", "out_of_range_seen"]),
        ({**GOOD, "lat": None}, ["bad_type_location"], ["bad_type_location"]),
        ({**GOOD, "lat": None}, ["bad_type_location.lat"], ["bad_type_location.lat"]),
        ({**GOOD, "lat": None}, ["out_of_range_location.lat"], ["out_of_range_location.lat"]),
        ({**GOOD, "lat": None}, ["bad_type_metrics"], ["missing_location.lat", "bad_type_metrics"]),
        ({**GOOD, "pm10": None}, ["bad_type_metrics.air"], ["bad_type_metrics.air"]),
        ({**GOOD, "note": None, "rain": None, "level": None}, None, []),
    ]
    check(spark, cases)


@pytest.mark.parametrize(
    ("column", "reason", "lowest", "highest"),
    [
        ("lat", "out_of_range_location.lat", -90.0, 90.0),
        ("pm10", "out_of_range_metrics.air.pm10", 0.0, 100_000.0),
        ("rain", "out_of_range_metrics.rain", 0.5, 0.75),
    ],
)
def test_both_ends_of_a_range_belong_to_it(
    spark: SparkSession, column: str, reason: str, lowest: float, highest: float
) -> None:
    check(
        spark,
        [
            ({**GOOD, column: lowest}, None, []),
            ({**GOOD, column: highest}, None, []),
            ({**GOOD, column: lowest - 1e-9}, None, [reason]),
            ({**GOOD, column: highest + 1e-9}, None, [reason]),
            ({**GOOD, column: -1e308}, None, [reason]),
            ({**GOOD, column: 1e308}, None, [reason]),
        ],
    )


def test_further_rules_come_last_and_null_is_no(spark: SparkSession) -> None:
    just, over = (datetime(2020, 2, 29, 12, 0, 0, micros, UTC) for micros in (0, 1))
    check(
        spark,
        [
            ({**GOOD, "at": just}, None, []),
            ({**GOOD, "at": over}, None, ["at_in_future"]),
            ({**GOOD, "at": over, "lat": 99.0}, None, ["out_of_range_location.lat", "at_in_future"]),
            ({**GOOD, "at": over, "seen": None}, None, ["missing_seen"]),
            ({**GOOD, "at": None}, None, ["missing_at"]),
        ],
    )


def test_a_range_on_a_field_of_text_is_no_rule() -> None:
    assert json_rules([Field("a", "string")], {"a": (0, 1)}) == json_rules([Field("a", "string")], {})


def test_json_is_never_of_another_type_and_only_numbers_and_instants_are_out_of_range() -> None:
    fields = [Field("flag", "boolean"), Field("body", "json", ("outer", "body")), Field("all", "json")]
    assert [rule.reason for rule in json_rules(fields, {})] == [
        *UNREADABLE,
        "bad_type_flag",
        "bad_type_outer",
    ]


def test_a_dataset_may_have_reasons_of_its_own_for_what_cannot_be_read(spark: SparkSession) -> None:
    rules = json_rules(FIELDS, RANGES, [], (*UNREADABLE, "not_mine"))
    frame = spark.createDataFrame([row({}, ["not_mine"])], SCHEMA)
    assert [found.reasons for found in judge(frame, rules).collect()] == [["not_mine"]]
