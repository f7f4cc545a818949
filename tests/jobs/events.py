"""CloudTrail events for tests, in every form that they travel in, and runs of cloudtrail_events on them."""

import gzip
import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from pyspark.sql import DataFrame, SparkSession

from jobs.cloudtrail_events import EVENTS, JOB
from jobs.common.runner import run
from tests.jobs.running import Flags, Places, Reader

REGIONS = ("us-east-1", "eu-west-2", "ap-southeast-2", "us-gov-west-1", "cn-north-1")
YEARS = (2013, 2016, 2020, 2024)
FORMS = ("records", "pretty", "lines", "envelopes", "lookups", "glued", "events")


def event(event_id: str = "e", **changes: Any) -> dict[str, Any]:
    """Make a good event of 2024-02-29, 05:00 UTC, in us-east-1, but for the changes."""
    good = {
        "eventVersion": "1.08",
        "userIdentity": {"type": "IAMUser", "accountId": "123456789012", "userName": "alice"},
        "eventTime": "2024-02-29T05:00:00Z",
        "eventSource": "ec2.amazonaws.com",
        "eventName": "RunInstances",
        "awsRegion": "us-east-1",
        "requestParameters": {"instanceType": "m7g.large", "minCount": 1},
        "responseElements": None,
        "eventID": event_id,
        "readOnly": False,
        "eventType": "AwsApiCall",
    }
    return {**good, **changes}


def many_events(count: int) -> Iterator[dict[str, Any]]:
    """Make events over all regions and years, as many in each day of a region where the count allows it."""
    for number in range(count):
        region, year = REGIONS[number % 5], YEARS[number // 5 % 4]
        time = f"{year}-02-{28 + number // 20 % 2 * (year % 4 == 0)}T{number // 40 % 24:02}:00:00Z"
        yield event(f"e{number}", awsRegion=region, eventTime=time, requestParameters={"number": number})


def in_form(form: str, events: Iterable[dict[str, Any]]) -> bytes:
    """Write events as one object of this form."""
    if form in ("records", "pretty"):
        return json.dumps({"Records": list(events)}, indent=2 if form == "pretty" else None).encode()
    wraps: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {"envelopes": envelope, "lookups": lookup}
    wrap = wraps.get(form, dict)
    indent, end = (2, "\n") if form in ("envelopes", "events") else (None, "" if form == "glued" else "\n")
    return "".join(json.dumps(wrap(one), indent=indent) + end for one in events).encode()


def envelope(one: dict[str, Any]) -> dict[str, Any]:
    """Put an event into EventBridge's envelope."""
    about = {"id": f"envelope of {one['eventID']}", "time": one["eventTime"], "region": one["awsRegion"]}
    fixed = {
        "version": "0",
        "detail-type": "AWS API Call via CloudTrail",
        "source": "aws.ec2",
        "resources": [],
    }
    return {**fixed, **about, "account": "123456789012", "detail": one}


def lookup(one: dict[str, Any]) -> dict[str, Any]:
    """Put an event into an answer of LookupEvents."""
    return {
        "EventId": one["eventID"],
        "ReadOnly": "false",
        "Resources": [],
        "CloudTrailEvent": json.dumps(one),
    }


def put(path: Path, content: bytes) -> Path:
    """Write an object, compressed where its name says so."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(content, 1) if path.suffix == ".gz" else content)
    return path


def run_events(
    spark: SparkSession, places: Flags, inputs: Iterable[Path | str], *further: str
) -> dict[str, Any]:
    """Run cloudtrail_events and return its manifest."""
    return run(JOB, JOB.parse(places.argv(inputs, *Reader.flags, *further)), spark).journal.manifest


def event_files(places: Places) -> str:
    """Return the table as any engine may read it."""
    return f"{places.table}/event_date=*/region=*/*.parquet"


def event_rows(spark: SparkSession, places: Places) -> DataFrame:
    """Read the table in the declared order of its columns."""
    return spark.read.parquet(str(places.table)).select(*EVENTS.names)
