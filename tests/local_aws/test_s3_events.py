"""Events as S3 sends them."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from moto.s3 import notifications

from ingestion.s3_events.model import AllowList, Kind, ObjectEvent
from ingestion.s3_events.reading import read
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


class Told:
    """A versioned bucket that tells a queue, and EventBridge with a rule for another."""

    def __init__(self, url: str, name: str) -> None:
        """Make them."""
        self.name = name
        self.s3, self.sqs, self.events = client(url, "s3"), client(url, "sqs"), client(url, "events")
        self.urls = [self.sqs.create_queue(QueueName=each)["QueueUrl"] for each in (name, f"{name}-bridge")]
        arn, of_bridge = (
            self.sqs.get_queue_attributes(QueueUrl=each, AttributeNames=["QueueArn"])["Attributes"][
                "QueueArn"
            ]
            for each in self.urls
        )
        self.s3.create_bucket(Bucket=name)
        self.s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
        told = ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"]
        self.s3.put_bucket_notification_configuration(
            Bucket=name,
            NotificationConfiguration={
                "QueueConfigurations": [{"QueueArn": arn, "Events": told}],
                "EventBridgeConfiguration": {},
            },
        )
        # A schedule is no rule for events, and a target that moto does not know no fault of who writes.
        self.events.put_rule(Name=f"a-{name}", ScheduleExpression="rate(1 minute)")
        self.events.put_targets(Rule=f"a-{name}", Targets=[{"Id": "1", "Arn": of_bridge}])
        pattern = json.dumps({"source": ["aws.s3"], "detail": {"bucket": {"name": [name]}}})
        self.events.put_rule(Name=f"b-{name}", EventPattern=pattern)
        function = "arn:aws:lambda:us-east-1:123456789012:function:nobody"
        self.events.put_targets(Rule=f"b-{name}", Targets=[{"Id": "1", "Arn": function}])
        self.events.put_rule(Name=f"c-{name}", EventPattern=pattern)
        self.events.put_targets(Rule=f"c-{name}", Targets=[{"Id": "1", "Arn": of_bridge}])

    def read(self, at: int) -> list[ObjectEvent]:
        """Return the events of a queue, as our reader takes them."""
        found = self.sqs.receive_message(QueueUrl=self.urls[at], MaxNumberOfMessages=10)
        allowed = AllowList({self.name: [""]})
        read_ones = [read(each["Body"], allowed) for each in found.get("Messages", [])]
        assert not [refusal for each in read_ones for refusal in each.refusals]
        return [event for each in read_ones for event in each.events]

    def close(self) -> None:
        """Let no rule stay in the account, which moto keeps for other tests, and close the clients."""
        for name in (f"{letter}-{self.name}" for letter in "abc"):
            self.events.remove_targets(Rule=name, Ids=["1"])
            self.events.delete_rule(Name=name)
        for each in (self.s3, self.sqs, self.events):
            each.close()


def test_delete_markers_are_told_and_all_who_hear_of_an_event_hear_the_same_place_in_its_keys_order(
    url: str,
) -> None:
    told = Told(url, "marked-of-events")
    version = told.s3.put_object(Bucket=told.name, Key=KEY, Body=b"abc")["VersionId"]
    marker = told.s3.delete_object(Bucket=told.name, Key=KEY)["VersionId"]
    told.s3.delete_objects(Bucket=told.name, Delete={"Objects": [{"Key": KEY}]})
    direct, bridged = told.read(0), told.read(1)
    assert [(each.kind, each.key, each.size) for each in direct] == [
        (Kind.CREATED, KEY, 3),
        (Kind.DELETED, KEY, 0),
        (Kind.DELETED, KEY, 0),
    ]
    assert [each.version_id for each in direct[:2]] == [version, marker]
    sequencers = [str(each.sequencer) for each in direct]
    assert sequencers == sorted(set(sequencers))
    # The instants are written to the second there.
    same = [msgspec.structs.replace(each, event_time=0) for each in direct]
    assert [msgspec.structs.replace(each, event_time=0) for each in bridged] == same
    told.close()


def test_the_last_version_of_a_key_may_be_a_delete_marker(url: str) -> None:
    told = Told(url, "last-of-events")
    version = told.s3.put_object(Bucket=told.name, Key="a", Body=b"abc")["VersionId"]
    marker = told.s3.delete_object(Bucket=told.name, Key="a")["VersionId"]
    for each in (version, marker):
        told.s3.delete_object(Bucket=told.name, Key="a", VersionId=each)
    assert [each.kind for each in told.read(1)] == [Kind.CREATED, Kind.DELETED, Kind.ERASED]
    told.close()


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
