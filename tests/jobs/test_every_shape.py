"""Every job, in either format, on local paths and on s3://: the same rows and counts, whatever the shape."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from jobs import cloudtrail_events, device_readings, readings_hourly
from jobs.common.arguments import Format
from jobs.common.runner import Job, run
from local_aws.s3_server import Faults, S3Server
from tests.jobs.events import event, in_form, many_events
from tests.jobs.events import put as put_object
from tests.jobs.messages import message, put

pytestmark = pytest.mark.usefixtures("interpreted")
PARTS = ("first", "second")
LATER = {"received_at": "2024-06-01T00:00:00Z"}
# Every third reading; the second part moves one to another hour, so that its own becomes empty, and brings a late day.
FIRST = [
    message(device, str(day), event_time=f"2024-02-{day:02}T05:10:00Z", metrics={"pm2_5": day % 3 + 1.0})
    for device in "ab"
    for day in range(1, 12)
]
SECOND = [
    message("a", "3", event_time="2024-02-03T06:00:00Z", metrics={"pm2_5": 1.0}, **LATER),
    message("b", "late", event_time="2024-02-10T05:59:00Z", metrics={"pm2_5": 99.0}, **LATER),
]


@dataclass(frozen=True)
class Outcome:
    """What both parts left of each table: its rows as text, and what the manifests count."""

    rows: dict[str, list[Any]]
    counts: dict[str, Any]


def write_inputs(raw: Path) -> Path:
    """Write messages and events in two parts."""
    put(raw / "messages/first/a", [*FIRST, *FIRST[:2], "no json"])
    put(raw / "messages/second/b", SECOND)
    events = list(many_events(10))
    put_object(raw / "events/first/a.json.gz", in_form("records", [*events, event("")]))
    changed = [{**events[0], "eventName": "TerminateInstances"}, *events[1:5], event("new")]
    put_object(raw / "events/second/b.json.gz", in_form("envelopes", changed))
    return raw


def run_everything(spark: SparkSession, format_: Format, raw: str, root: str) -> Outcome:
    """Run each job on the first part, then on the second."""
    counts: dict[str, Any] = {}

    def go(job: Job[Any], part: str, *flags: str) -> None:
        told = f"{root}/manifests/{job.name}-{part}.json"
        argv = ["--output", f"{root}/{job.name}", "--manifest", told, "--run-id", part, "--format", format_]
        done = run(job, job.parse([*argv, *flags]), spark)
        changed = [(each["values"], each["rows"], each["changed_hours"]) for each in partitions(done)]
        counts[f"{job.name} {part}"] = (done.journal.manifest["rows"], changed)

    for part in PARTS:
        refused = ("--quarantine", f"{root}/quarantine")
        go(device_readings.JOB, part, "--input", f"{raw}/messages/{part}", *refused)
        changes = f"{root}/manifests/device_readings-{part}.json"
        readings = ("--input", f"{root}/device_readings", "--input-format", format_)
        go(readings_hourly.JOB, part, *readings, "--changes-from", changes)
        go(cloudtrail_events.JOB, part, "--input", f"{raw}/events/{part}", "--quarantine", f"{root}/refused")
    names = [job.name for job in (device_readings.JOB, readings_hourly.JOB, cloudtrail_events.JOB)]
    return Outcome({name: rows(spark, format_, f"{root}/{name}", raw) for name in names}, counts)


def partitions(done: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = done.journal.manifest["partitions"]
    return found


def rows(spark: SparkSession, format_: Format, table: str, raw: str) -> list[Any]:
    """Collect a table as text, by name of column; objects are named by what follows `raw`."""
    frame = spark.read.format(format_).load(table)
    names = sorted(frame.columns)
    texts = frame.select(*(F.replace(F.col(name).cast("string"), F.lit(raw), F.lit("")) for name in names))
    return [names, *sorted(tuple(map(str, row)) for row in texts.collect())]


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_inputs(tmp_path_factory.mktemp("raw"))


@pytest.fixture(scope="module")
def expected(spark: SparkSession, raw: Path, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """Run everything to plain tables on local paths, and see that all that can happen to a row has happened."""
    found = run_everything(spark, "parquet", f"file:{raw}", f"file:{tmp_path_factory.mktemp('plain')}")
    readings, hours, events = (
        found.counts[f"{name} second"][0]
        for name in ("device_readings", "readings_hourly", "cloudtrail_events")
    )
    assert (readings["inserted"], readings["updated"]) == (1, 1)
    assert (hours["inserted"], hours["deleted"]) == (1, 1)
    assert hours["updated"] > 1
    assert (events["inserted"], events["updated"], events["duplicates"]) == (1, 1, 4)
    return found


@pytest.fixture
def on_s3(s3: S3Server, bucket: str, raw: Path) -> str:
    """Upload the inputs; returns the bucket's URI."""
    for path in raw.rglob("*"):
        if path.is_file():
            s3.client.upload_file(str(path), bucket, f"raw/{path.relative_to(raw)}")
    return f"s3://{bucket}"


@pytest.fixture
def weather(s3: S3Server, request: pytest.FixtureRequest) -> Iterator[Faults | None]:
    """Let some requests fail, where that is asked for."""
    if not request.param:
        yield None
        return
    with s3.failing(Faults(statuses=(500, 503), rate=0.01)) as faults:
        yield faults
    assert faults.injected > 15


@pytest.mark.parametrize(
    ("format_", "weather"),
    [pytest.param("parquet", False, marks=pytest.mark.one_release), ("delta", True)],
    indirect=["weather"],
)
@pytest.mark.usefixtures("weather")
def test_tables_on_s3(
    delta: SparkSession, s3: S3Server, on_s3: str, expected: Outcome, format_: Format
) -> None:
    assert run_everything(delta, format_, f"{on_s3}/raw", f"{on_s3}/lake") == expected
    bucket = on_s3.removeprefix("s3://")
    assert s3.uploads(bucket) == []
    left = [key for key in s3.keys(bucket, "lake/") if "_staging" in key or key.endswith("_journal.json")]
    assert left == []
