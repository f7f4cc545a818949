"""Batches that mix good events with every kind of poison that a queue can carry, through the real consumer.

The queue, its dead-letter queue, the bucket and the ledger are those of the embedded AWS; steps only take their time.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from ingestion.s3_events.model import Reason
from tests.ingestion.s3_events.messages import notification, record
from tests.ingestion.s3_events.test_reading import POISON
from tests.orchestrator.commands.eventful import Eventful

# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html
MOST_BYTES = 1024 * 1024
# What no queue takes: nothing, bytes, half characters, more than a mebibyte.
NEVER_QUEUED = {Reason.NOT_TEXT, Reason.TOO_LARGE}


def carried(lake: str) -> dict[str, Reason]:
    """Return the poison that a queue can carry, told of the bucket `lake`, with the reason of each."""
    return {
        body.replace('"name": "raw"', f'"name": "{lake}"'): reason
        for body, reason, _ in POISON
        if isinstance(body, str) and body and body.isprintable() and len(body) <= MOST_BYTES
    }


def put_aside(eventful: Eventful) -> Iterator[dict[str, Any]]:
    """Take all that the dead-letter queue has."""
    while messages := eventful.aside():
        yield from messages


@pytest.fixture
def readings(eventful: Eventful) -> Eventful:
    """Let the pipeline read what poison tells of, and the queue hear of it."""
    file = eventful.shop.folder / "two.yaml"
    file.write_text(
        file.read_text().replace("${lake}/readings", "${lake}/clean").replace("/raw/", "/readings/")
    )
    s3, lake = eventful.shop.aws.s3, eventful.shop.lake
    told = s3.get_bucket_notification_configuration(Bucket=lake)
    [queue] = told["QueueConfigurations"]
    queue["Filter"] = {"Key": {"FilterRules": [{"Name": "prefix", "Value": "readings/"}]}}
    s3.put_bucket_notification_configuration(
        Bucket=lake, NotificationConfiguration={"QueueConfigurations": [queue]}
    )
    return eventful


def test_all_that_is_good_is_done_and_each_poison_is_put_aside_with_its_reason(readings: Eventful) -> None:
    lake = readings.shop.lake
    poison = carried(lake)
    assert set(poison.values()) == set(Reason) - NEVER_QUEUED
    good = [f"readings/{number:02}.gz" for number in range(len(poison))]
    done: list[str] = []
    bodies = list(poison)
    for part in range(3):
        for key, body in list(zip(good, bodies, strict=True))[part::3]:
            readings.put(key)
            readings.sqs.send_message(QueueUrl=readings.url, MessageBody=body)
        told = readings.shop.told("events", "drain", "two.yaml")
        assert told["put_aside"] == len(bodies[part::3])
        [batch] = told["batches"]
        assert batch["outcome"] == "done"
        done += readings.read_by(batch["run_id"])
    assert sorted(done) == [f"s3://{lake}/{key}" for key in good]
    assert readings.counts() == {"done": len(good)}
    found = {
        each["Body"]: each["MessageAttributes"]["emr-job-suite-reason"]["StringValue"]
        for each in put_aside(readings)
    }
    assert found == {body: str(reason) for body, reason in poison.items()}


def test_of_a_message_with_good_and_bad_the_good_is_done_and_all_of_it_put_aside(readings: Eventful) -> None:
    lake = readings.shop.lake
    # What is older than the ledger remembers would be put aside for that.
    now = datetime.fromtimestamp(readings.shop.aws.aws.clock() / 1000, UTC)
    of_lake: dict[str, Any] = {"s3__bucket__name": lake, "eventTime": f"{now:%Y-%m-%dT%H:%M:%SZ}"}
    mixed = {
        notification(
            record(**of_lake, s3__object__key=f"readings/good-{number}"), json.loads(bad)["Records"][0]
        ): reason
        for number, (bad, reason) in enumerate(carried(lake).items())
        if bad.startswith('{"Records": [{"eventVersion"') and bad.endswith("}]}")
    }
    assert len(mixed) >= 15
    for body in mixed:
        readings.sqs.send_message(QueueUrl=readings.url, MessageBody=body)
    told = readings.shop.told("events", "drain", "two.yaml")
    assert (told["events"], told["put_aside"]) == (len(mixed), len(mixed))
    assert readings.counts() == {"done": len(mixed)}
    found = {
        each["Body"]: each["MessageAttributes"]["emr-job-suite-reason"]["StringValue"]
        for each in put_aside(readings)
    }
    assert found == {body: str(reason) for body, reason in mixed.items()}
