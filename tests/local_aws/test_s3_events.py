"""Events as S3 sends them."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from moto.s3 import notifications

from local_aws import s3_events
from local_aws.clients import client
from local_aws.server import Settings
from tests.local_aws.embedded import FAST, embedded

KEY = "2026/01/a b+ü.gz"


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    with embedded(tmp_path, Settings(durations=FAST)) as made:
        yield made.aws.url


def test_events_have_what_tells_newer_from_older(url: str) -> None:
    s3, sqs = client(url, "s3"), client(url, "sqs")
    s3.create_bucket(Bucket="versioned-of-events")
    s3.put_bucket_versioning(Bucket="versioned-of-events", VersioningConfiguration={"Status": "Enabled"})
    queue = sqs.create_queue(QueueName="versioned-of-events")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    events = ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"]
    s3.put_bucket_notification_configuration(
        Bucket="versioned-of-events",
        NotificationConfiguration={"QueueConfigurations": [{"QueueArn": arn, "Events": events}]},
    )
    version = s3.put_object(Bucket="versioned-of-events", Key=KEY, Body=b"a")["VersionId"]
    s3.put_object(Bucket="versioned-of-events", Key=KEY, Body=b"b")
    s3.delete_object(Bucket="versioned-of-events", Key=KEY, VersionId=version)
    last = s3.head_object(Bucket="versioned-of-events", Key=KEY)["VersionId"]
    s3.delete_object(Bucket="versioned-of-events", Key=KEY, VersionId=last)
    messages = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)["Messages"]
    bodies = [json.loads(message["Body"]) for message in messages]
    records: list[dict[str, Any]] = [record for body in bodies for record in body.get("Records", [])]
    assert [record["eventName"] for record in records] == [
        "ObjectCreated:Put",
        "ObjectCreated:Put",
        "ObjectRemoved:Delete",
    ]
    first, second, removed = [record["s3"]["object"] for record in records]
    assert {each["key"] for each in (first, second, removed)} == {"2026/01/a+b%2B%C3%BC.gz"}
    assert first["versionId"] == version
    assert first["sequencer"] < second["sequencer"] < removed["sequencer"]
    assert "size" in first
    assert "size" not in removed
    s3.close()
    sqs.close()


def test_a_function_that_is_told_is_invoked_and_without_a_server_the_log_says_so(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    told: list[tuple[str, bytes]] = []
    is_told = threading.Event()

    def invoke(arn: str, payload: bytes) -> None:
        told.append((arn, payload))
        is_told.set()

    s3_events.complete()
    send: Any = notifications._invoke_awslambda
    monkeypatch.setattr(s3_events.Invocations, "invoke", invoke)
    send("1", {"Records": []}, "arn:f", "us-east-1")
    assert is_told.wait(30)
    assert told == [("arn:f", b'{"Records": []}')]
    monkeypatch.setattr(s3_events.Invocations, "invoke", None)
    send("1", {}, "arn:f", "us-east-1")
    assert "an S3 event is for arn:f, and no server runs functions" in caplog.text
