"""cloudtrail_events: from events to rows, step by step, as whole frames; then whole runs on events in every form."""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from chispa import assert_df_equality
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.types import ArrayType, StringType, StructField, StructType

from jobs.cloudtrail_events import EVENTS, FIELDS, JOB, TABLE, main, transform
from jobs.common.quality import REASONS, judge
from jobs.common.readers.portable import message_schema
from jobs.common.table import keep_greatest
from tests.jobs.events import (
    FORMS,
    REGIONS,
    YEARS,
    event,
    event_files,
    event_rows,
    in_form,
    many_events,
    put,
    run_events,
)
from tests.jobs.running import Places, quarantine_files, query

MESSAGE = message_schema(FIELDS)
NOON = datetime(2024, 2, 29, 12, tzinfo=UTC)
GOOD = {
    "event_id": "e",
    "event_time": NOON,
    "region": "us-east-1",
    "source_object": "file:/raw/a",
    "position": 0,
    "raw": bytearray(b"{}"),
}


def messages(spark: SparkSession, *changes: Mapping[str, Any]) -> DataFrame:
    """Make messages that are good but for what each change says."""
    rows = [{**dict.fromkeys(MESSAGE.names), **GOOD, **change} for change in changes]
    return spark.createDataFrame([tuple(row[name] for name in MESSAGE.names) for row in rows], MESSAGE)


def events(spark: SparkSession, *changes: Mapping[str, Any]) -> DataFrame:
    """Make rows as the table holds them, from the same good message."""
    rows = [
        {**dict.fromkeys(EVENTS.names), **GOOD, "event_date": date(2024, 2, 29), **change}
        for change in changes
    ]
    return spark.createDataFrame([tuple(row[name] for name in EVENTS.names) for row in rows], EVENTS)


def assert_same(actual: DataFrame, expected: DataFrame) -> None:
    assert_df_equality(actual, expected, ignore_nullable=True, ignore_row_order=True)


FULL = {
    **{field.column: field.column for field in FIELDS if field.kind in ("string", "json")},
    "event_id": "e",
    "region": "us-east-1",
    "read_only": True,
    "management_event": False,
    "rescued": '{"x":1}',
}
LAST_INSTANT = datetime(2024, 2, 29, 23, 59, 59, 999_999, UTC)
MARCH = datetime(2024, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("message", "row"),
    [
        pytest.param(FULL, FULL, id="normal"),
        pytest.param({}, {}, id="every optional column null"),
        pytest.param({"event_time": LAST_INSTANT}, {"event_time": LAST_INSTANT}, id="the last instant of a day"),
        pytest.param(
            {"event_time": MARCH}, {"event_time": MARCH, "event_date": date(2024, 3, 1)}, id="the first of the next"
        ),
    ],
)  # fmt: skip
def test_an_event_becomes_a_row(
    spark: SparkSession, message: Mapping[str, Any], row: Mapping[str, Any]
) -> None:
    assert_same(transform(messages(spark, message)), events(spark, row))


def test_no_event_becomes_no_row(spark: SparkSession) -> None:
    assert_same(transform(spark.createDataFrame([], MESSAGE)), spark.createDataFrame([], EVENTS))


def test_duplicate_events_become_as_many_rows_for_the_table_to_choose_from(spark: SparkSession) -> None:
    assert_same(transform(messages(spark, {}, {})), events(spark, {}, {}))


def test_every_column_of_the_table_has_the_type_of_its_field() -> None:
    assert [(field.name, field.dataType) for field in EVENTS][: len(FIELDS)] == [
        (field.name, field.dataType) for field in MESSAGE
    ][: len(FIELDS)]
    assert EVENTS.names[len(FIELDS) :] == ["rescued", "source_object", "event_date"]


@pytest.mark.parametrize(
    ("rows", "stays"),
    [
        pytest.param([{"user_arn": "z"}, {"event_time": LAST_INSTANT}], {"event_time": LAST_INSTANT}, id="time first"),
        pytest.param([{"user_arn": "z"}, {"event_name": "a"}], {"event_name": "a"}, id="schema order"),
        pytest.param([{"read_only": False}, {"read_only": None}], {"read_only": False}, id="a value before none"),
        pytest.param([{"read_only": True}, {"read_only": False}], {"read_only": True}, id="true before false"),
        pytest.param([{"rescued": "{}"}, {}], {"rescued": "{}"}, id="what is rescued counts"),
        pytest.param([{"source_object": "z"}, {"source_object": "a"}], {"source_object": "a"}, id="but for source"),
    ],
)  # fmt: skip
def test_of_rows_with_one_key_the_greatest_stays(
    spark: SparkSession, rows: list[dict[str, Any]], stays: dict[str, Any]
) -> None:
    for order in (rows, rows[::-1]):
        assert_same(keep_greatest(events(spark, *order), TABLE), events(spark, stays))


@pytest.mark.parametrize(
    "other", [{"event_id": "f"}, {"region": "eu-west-2"}, {"event_date": date(2024, 3, 1)}]
)
def test_another_key_is_another_row(spark: SparkSession, other: dict[str, Any]) -> None:
    rows = events(spark, {}, other)
    assert_same(keep_greatest(rows, TABLE), rows)


JUDGED = StructType([StructField("event_id", StringType()), StructField(REASONS, ArrayType(StringType()))])


@pytest.mark.parametrize(
    ("message", "reasons"),
    [
        ({}, []),
        ({"region": "a"}, []),
        ({"region": "ap-southeast-3"}, []),
        ({"region": "a" * 32}, []),
        ({"region": "a" * 33}, ["out_of_range_awsRegion"]),
        ({"region": "US-EAST-1"}, ["out_of_range_awsRegion"]),
        ({"region": "us/east"}, ["out_of_range_awsRegion"]),
        ({"region": ".."}, ["out_of_range_awsRegion"]),
        ({"region": "us east"}, ["out_of_range_awsRegion"]),
        ({"region": "us-east-1\n"}, ["out_of_range_awsRegion"]),
        ({"region": "é"}, ["out_of_range_awsRegion"]),
        ({"region": None}, ["missing_awsRegion"]),
        ({"region": None, "faults": ["bad_type_awsRegion"]}, ["bad_type_awsRegion"]),
        ({"region": None, "event_time": None}, ["missing_eventTime", "missing_awsRegion"]),
        ({"event_time": None, "faults": ["out_of_range_eventTime"]}, ["out_of_range_eventTime"]),
        (
            {"region": "?", "faults": ["bad_type_readOnly", "bad_type_userIdentity.arn", "bad_type_userIdentity"]},
            ["bad_type_userIdentity", "bad_type_userIdentity.arn", "bad_type_readOnly", "out_of_range_awsRegion"],
        ),
    ],
)  # fmt: skip
def test_reasons_come_in_their_order(
    spark: SparkSession, message: dict[str, Any], reasons: list[str]
) -> None:
    judged = judge(messages(spark, message), JOB.rules).select("event_id", REASONS)
    assert_same(judged, spark.createDataFrame([("e", reasons)], JUDGED))


@pytest.mark.parametrize("reason", ["malformed_json", "outside_records", "not_a_cloudtrail_event"])
def test_what_cannot_be_read_as_an_event_has_that_reason_alone(spark: SparkSession, reason: str) -> None:
    nothing = {"event_id": None, "event_time": None, "region": None, "faults": [reason]}
    judged = judge(messages(spark, nothing), JOB.rules).select("event_id", REASONS)
    assert_same(judged, spark.createDataFrame([(None, [reason])], JUDGED))


def test_the_entry_says_how_it_is_used(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["--help"])
    assert stop.value.code == 0
    assert "usage: cloudtrail_events" in capsys.readouterr().out


GENERATED = 1400


@pytest.fixture(scope="module")
def generated(
    spark: SparkSession,
    tmp_path_factory: pytest.TempPathFactory,
    reader: str,  # noqa: ARG001 - each sets it
) -> tuple[Places, dict[str, Any]]:
    """Run on events of all regions and years, a form an object, in one run."""
    root = tmp_path_factory.mktemp("generated")
    each = GENERATED // len(FORMS)
    all_events = list(many_events(GENERATED))
    for number, form in enumerate(FORMS):
        content = in_form(form, all_events[number * each : (number + 1) * each])
        put(root / "raw" / f"{form}.{'json.gz' if number % 2 else 'json'}", content)
    places = Places(root)
    return places, run_events(spark, places, [root / "raw"])


def test_events_of_many_regions_and_years_land_in_their_own_partitions(
    generated: tuple[Places, dict[str, Any]],
) -> None:
    places, manifest = generated
    assert manifest["rows"]["inserted"] == manifest["rows"]["read"] == GENERATED
    expected: dict[tuple[str, str], int] = {}
    for one in many_events(GENERATED):
        key = one["eventTime"][:10], one["awsRegion"]
        expected[key] = expected.get(key, 0) + 1
    assert {region for _, region in expected} == set(REGIONS)
    assert {int(day[:4]) for day, _ in expected} == set(YEARS)
    sql = "SELECT event_date::VARCHAR, region, count(*) FROM files GROUP BY ALL"
    assert {(day, region): rows for day, region, rows in query(sql, event_files(places))} == expected
    assert len(manifest["partitions"]) == len(expected)


@pytest.mark.usefixtures("reader")
def test_order_grouping_and_form_of_the_objects_do_not_matter(
    spark: SparkSession, generated: tuple[Places, dict[str, Any]], tmp_path: Path
) -> None:
    reversed_events = list(many_events(GENERATED))[::-1]
    half = GENERATED // 2
    places = Places(tmp_path)
    first = put(
        tmp_path / "1.json", b"\n".join(in_form("pretty", reversed_events[at:half]) for at in (0, 350))
    )
    second = put(tmp_path / "2.json.gz", in_form("glued", reversed_events[half - 100 :]))
    rows = run_events(spark, places, [first])["rows"]
    assert (rows["inserted"], rows["duplicates"]) == (half, half - 350)
    rows = run_events(spark, places, [second])["rows"]
    assert (rows["inserted"], rows["duplicates"]) == (half, 100)
    assert_same(
        event_rows(spark, places).drop("source_object"), event_rows(spark, generated[0]).drop("source_object")
    )


@pytest.mark.usefixtures("reader")
def test_what_is_no_good_event_goes_to_quarantine_with_its_bytes(spark: SparkSession, tmp_path: Path) -> None:
    bad = {
        '{"Records":[]}': "not_a_cloudtrail_event",
        "7": "not_an_object",
        json.dumps(event("")): "missing_eventID",
        json.dumps(event("a", eventTime=None)): "missing_eventTime",
        json.dumps(event("b", eventTime="yesterday")): "bad_type_eventTime",
        json.dumps(event("c", awsRegion="../../up")): "out_of_range_awsRegion",
        json.dumps(event("d", readOnly="true")): "bad_type_readOnly",
        json.dumps(event("f", userIdentity="root")): "bad_type_userIdentity",
        json.dumps(event("g", x="\ud800")): "bad_encoding",
    }
    good = [json.dumps(event("h", requestParameters="text")), json.dumps(event("i", new={"member": 1.0}))]
    content = '{"Records":[' + ",".join([good[0], *bad, good[1]]) + '],"note":1}\n{"Records":[' + good[0]
    places = Places(tmp_path)
    rows = run_events(spark, places, [put(tmp_path / "raw.json", content.encode())])["rows"]
    assert rows["quarantined"] == {
        **dict.fromkeys(bad.values(), 1), "outside_records": 1, "truncated_object": 1
    }  # fmt: skip
    assert (rows["read"], rows["inserted"], rows["duplicates"]) == (len(bad) + 5, 2, 1)
    found = {
        bytes(raw).decode(): reasons[0]
        for reasons, raw in query("SELECT reasons, raw FROM files", quarantine_files(places))
    }
    assert found == {**bad, '"note":1': "outside_records", "": "truncated_object"}
    kept = "SELECT event_id, request_parameters, rescued FROM files ORDER BY 1"
    assert query(kept, event_files(places)) == [
        ("h", '"text"', None),
        ("i", '{"instanceType":"m7g.large","minCount":1}', '{"new":{"member":1.0}}'),
    ]
