"""Rules and derived columns mean to DuckDB what they mean to Spark."""

import json
import random
from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa
import pytest
from pyspark.sql import Row, SparkSession
from pyspark.sql import functions as F

from jobs import cloudtrail_events, device_readings
from jobs.common.kinds.messages import MessageJob
from jobs.common.native import parquet
from jobs.common.native.judging import GOOD, Judge
from jobs.common.quality import REASONS, judge
from jobs.common.readers.columns import Extractor
from jobs.common.readers.portable import message_schema, messages_of
from tests.jobs.messages import message

JOBS = [device_readings.JOB, cloudtrail_events.JOB]
ODD: dict[str, list[Any]] = {
    "device_id": [None, "", 5, "a"],
    "event_time": [
        "2024-02-29T23:59:59.999999Z",
        "1999-01-01T00:00:00Z",
        "no time",
        1709182800000,
        None,
        True,
    ],
    "received_at": ["2024-02-28T00:00:00Z", "2024-02-28T05:00:00Z", "2024-03-01T00:00:00Z"],
    "location": [{"lat": 90}, {"lat": 90.0000001, "lon": -180}, {"lat": "x", "lon": 181}, 5, None],
    "metrics": [{"pm10": -0.0}, {"pm10": 100000, "rain_mm": -1}, {"co": 1e308, "o3": "1"}, [], {"so2": None}],
    "eventID": ["e", "", None, 7],
    "eventTime": ["2024-02-29T05:00:00Z", "2024-02-29T05:00:00", None, "1999-12-31T23:59:59Z"],
    "awsRegion": ["eu-west-1", "EU", "é", "x" * 32, "x" * 33, "", None, 5],
    "readOnly": [True, "true", None],
    "requestParameters": [{"a": 1}, 5, None],
}
EVENT = {"eventID": "e", "eventTime": "2024-02-29T05:00:00Z", "awsRegion": "eu-west-1"}


def messages(job: MessageJob, count: int = 400) -> list[tuple[Any, ...]]:
    """Draw messages with and without faults, as the strict reader takes them."""
    draw = random.Random(11)  # noqa: S311 - repeatable, no secret
    extract = Extractor(job.fields)
    rows = list(messages_of("u", [b'{"a":\n[]\n' + b"\xff\n" + b"{}\n"], extract))
    for _ in range(count):
        odd = {name: draw.choice(ODD[name]) for name in ODD if draw.random() < 0.25}
        one = message(**{**EVENT, **odd})
        rows += messages_of("u", [json.dumps(one).encode()], extract)
    return rows


def arrow(job: MessageJob, rows: list[tuple[Any, ...]]) -> Any:
    schema = parquet.arrow_schema(message_schema(job.fields))
    columns = [
        pa.array(column, one.type) for column, one in zip(zip(*rows, strict=True), schema, strict=True)
    ]
    return pa.table(columns, schema=schema)


def by_spark(spark: SparkSession, job: MessageJob, rows: list[tuple[Any, ...]]) -> list[Row]:
    schema = message_schema(job.fields)
    instants = [place for place, one in enumerate(job.fields) if one.kind == "timestamp"]

    def whole(place: int, value: Any) -> Any:
        return datetime.fromtimestamp(value / 1e6, UTC) if place in instants and value is not None else value

    frame = spark.createDataFrame(
        [tuple(whole(place, value) for place, value in enumerate(row)) for row in rows], schema
    )
    judged = judge(frame, job.rules)
    derived = {name: F.expr(expression) for name, expression in job.derived.items()}
    return judged.withColumns(derived).select(REASONS, *derived).collect()


@pytest.mark.parametrize("job", JOBS, ids=lambda job: job.name)
def test_reasons_and_derived_columns_are_those_of_spark(spark: SparkSession, job: MessageJob) -> None:
    rows = messages(job)
    judged = Judge(job.rules, job.derived).judge(arrow(job, rows))
    expected = by_spark(spark, job, rows)
    found = judged.select([REASONS, *job.derived]).to_pylist()
    assert found == [row.asDict() for row in expected]
    # As many different verdicts as make it worth the comparison.
    assert len({tuple(row[REASONS]) for row in expected}) > 20


@pytest.mark.parametrize("job", JOBS, ids=lambda job: job.name)
def test_what_is_picked_is_what_has_no_reason(job: MessageJob) -> None:
    sound = [row for row in messages(job) if not row[-1]]
    judge_ = Judge(job.rules, job.derived)
    picked = judge_.pick(arrow(job, sound).drop_columns(["faults", "raw", "position", "source_object"]))
    reasons = judge_.judge(arrow(job, sound)).column(REASONS).to_pylist()
    assert picked.column(GOOD).to_pylist() == [not own for own in reasons]
    assert {True, False} == set(picked.column(GOOD).to_pylist())
    assert picked.column_names == [GOOD, *job.derived]


def test_the_date_is_that_of_utc() -> None:
    job = device_readings.JOB
    one = json.dumps(message(event_time="2024-02-29T23:59:59.999999Z", received_at="2024-03-01T00:00:00Z"))
    rows = list(messages_of("u", [one.encode()], Extractor(job.fields)))
    judged = Judge(job.rules, job.derived).judge(arrow(job, rows))
    assert judged.column("event_date").to_pylist() == [date(2024, 2, 29)]
