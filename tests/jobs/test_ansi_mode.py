"""A run gives the same in either mode of Spark's SQL: lenient, Spark 3.5's default, and ANSI, that of Spark 4."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import DataFrame, Row, SparkSession
from pyspark.sql import functions as F

from jobs.common.arguments import FORMATS, Format
from jobs.common.quality import REASONS, judge
from jobs.common.readers.portable import message_schema
from jobs.common.session import settings
from jobs.device_readings import FIELDS, JOB, transform
from tests.jobs.messages import message, put
from tests.jobs.running import Places, quarantine_files, query, run_readings

MODES = ("false", "true")
MOST, LEAST = "2100-12-31T23:59:59.999999Z", "2000-01-01T00:00:00Z"
# Where a cast, a sum, an index or an instant could overflow, or a text be taken for a number.
EXTREMES: list[dict[str, Any] | str] = [
    message("9223372036854775808", "-1", firmware="1e400", lat=-90, wind_direction=""),
    message("first", event_time=LEAST, received_at=LEAST, metrics={"co": 5e-324}),
    message("last", event_time=MOST, received_at=MOST, metrics={"pm10": 100_000}),
    message("ahead", event_time=MOST, received_at=LEAST),
    message("beyond", received_at=4_133_980_800_000),
    message("huge", metrics={"pm2_5": 1.7976931348623157e308, "rain_mm": -(2**70)}),
    message("texts", metrics={"so2": "1"}, event_time="2024-02-30T00:00:00Z", lat="x"),
    message("", event_id=None, unknown={"n": 2**200}),
    '{"metrics":{"o3":1e309},"event_time":9223372036854775808}',
    "[]",
    "no json",
]
REFUSED = 8


@dataclass(frozen=True)
class Outcome:
    """What two runs left: rows of the table and of the quarantine as text, and what their manifests count."""

    table: list[str]
    quarantine: list[Any]
    counts: list[dict[str, Any]]
    partitions: list[Any]


def run_twice(spark: SparkSession, places: Places, format_: Format, raw: list[Path]) -> Outcome:
    """Run on the extremes, then on corrections of them with news, into one table."""
    told = [
        run_readings(spark, places, [part], "--format", format_, "--run-id", f"r{number}")
        for number, part in enumerate(raw)
    ]
    rows = spark.read.format(format_).load(str(places.table)).collect()
    refused = query("SELECT reasons, source_object, position, raw FROM files", quarantine_files(places))
    return Outcome(
        table=sorted(str(sorted(row.asDict().items())) for row in rows),
        quarantine=sorted(refused, key=str),
        counts=[manifest["rows"] for manifest in told],
        partitions=[[{**partition, "bytes": 0} for partition in manifest["partitions"]] for manifest in told],
    )


def texts(frame: DataFrame) -> list[Row]:
    """Collect values as Spark writes them: no NaN is equal to another, and Python has no instant before 0001."""
    return frame.select(*(F.col(name).cast("string") for name in frame.columns)).collect()


@pytest.mark.parametrize("format_", FORMATS)
def test_two_runs_give_the_same_in_either_mode(delta: SparkSession, tmp_path: Path, format_: Format) -> None:
    corrected: dict[str, Any] = {"event_time": MOST, "received_at": MOST, "metrics": {"pm10": 0}}
    raw = [
        put(tmp_path / "raw" / "extremes", EXTREMES),
        put(tmp_path / "raw" / "more", [*EXTREMES, message("last", **corrected), message("new")]),
    ]
    outcomes = []
    for mode in MODES:
        with settings(delta, {"spark.sql.ansi.enabled": mode}):
            outcomes.append(run_twice(delta, Places(tmp_path / mode), format_, raw))
    lenient, ansi = outcomes
    assert ansi == lenient
    first, second = ansi.counts
    assert sum(first["quarantined"].values()) == sum(second["quarantined"].values()) == REFUSED
    assert (first["inserted"], second["inserted"], second["duplicates"]) == (3, 1, 4)


def test_messages_are_judged_and_transformed_alike_in_either_mode(spark: SparkSession) -> None:
    schema = message_schema(FIELDS)
    at = [f"TIMESTAMP'{year}-01-01 00:00:00'" for year in ("0001", "9999")]
    extremes = {
        "pm2_5": ["double('NaN')", "double('Infinity')", "1.7976931348623157e308D", "null"],
        "event_time": [*at, "null"],
        "received_at": [*at, "null"],
        "faults": ["array()", "array('malformed_json')", "null"],
    }
    frame = spark.range(1)
    for name in schema.names:
        values = ", ".join(extremes.get(name, ["null"]))
        frame = frame.selectExpr("*", f"explode(array({values})) AS `{name}`")
    frame = frame.selectExpr(*(f"cast({f.name} AS {f.dataType.simpleString()})" for f in schema.fields))
    found = []
    for mode in MODES:
        with settings(spark, {"spark.sql.ansi.enabled": mode}):
            judged = judge(frame, JOB.rules)
            found.append([texts(judged.select(REASONS)), texts(transform(judged))])
    lenient, ansi = found
    assert ansi == lenient
    assert [len(rows) for rows in ansi] == [4 * 3 * 3 * 3] * 2
