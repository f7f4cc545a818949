"""Bodies of messages: every road from S3, every kind of poison, and nothing raised whatever comes."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingestion.s3_events.model import Found, Reason
from ingestion.s3_events.reading import read
from tests.ingestion.s3_events.messages import (
    ALLOWED,
    CREATED,
    MISSING,
    bridge,
    notification,
    record,
    sns,
)

MESSAGE = notification(record())


@pytest.mark.parametrize(
    "body",
    [
        MESSAGE,
        MESSAGE.encode(),
        json.dumps(bridge()),
        json.dumps(sns(MESSAGE)),
        json.dumps(sns(json.dumps(bridge()))),
        json.dumps(sns(json.dumps(sns(MESSAGE)))),
        json.dumps({"Records": [{"EventSource": "aws:sns", "Sns": sns(MESSAGE)}]}),
    ],
    ids=["S3", "bytes", "EventBridge", "SNS", "EventBridge by SNS", "two topics", "Lambda by SNS"],
)
def test_an_event_is_the_same_whichever_road_it_took(body: str | bytes) -> None:
    assert read(body, ALLOWED) == Found(events=(CREATED,))


@pytest.mark.parametrize("event", ["s3:TestEvent", None])
def test_what_s3_sends_to_try_a_queue_needs_nothing_done(event: str | None) -> None:
    test = {
        "Service": "Amazon S3",
        "Event": "s3:TestEvent",
        "Time": "2014-10-13T15:57:02.089Z",
        "Bucket": "raw",
    }
    body = json.dumps(test) if event else json.dumps(sns(json.dumps(test)))
    assert read(body, ALLOWED) == Found(idle=("s3:TestEvent",))


POISON: list[tuple[str | bytes, Reason, str]] = [
    (b"\xff\xfe", Reason.NOT_TEXT, "message"),
    ("\ud800", Reason.NOT_TEXT, "message"),
    (b"x" * (6 * 2**20 + 1), Reason.TOO_LARGE, "message"),
    ("", Reason.NOT_JSON, "message"),
    ("Hello from SNS!", Reason.NOT_JSON, "message"),
    (MESSAGE[:-9], Reason.NOT_JSON, "message"),
    ('{"Records": [NaN]}', Reason.NOT_JSON, "message"),
    ("[" * 100_000, Reason.TOO_DEEP, "message"),
    ("[]", Reason.NOT_AN_OBJECT, "message"),
    ("null", Reason.NOT_AN_OBJECT, "message"),
    ("{}", Reason.UNKNOWN_SHAPE, "message"),
    ('{"Records": []}', Reason.UNKNOWN_SHAPE, "message"),
    ('{"Records": {"0": 1}}', Reason.UNKNOWN_SHAPE, "message"),
    (notification({"eventSource": "aws:sqs", "body": MESSAGE}), Reason.SQS_ENVELOPE, "Records[0]"),
    (notification("a"), Reason.FIELD_MISSING, "Records[0]"),
    (notification(record(eventSource="aws:ec2")), Reason.UNKNOWN_SOURCE, "Records[0]"),
    (notification(record(eventVersion="3.0")), Reason.UNKNOWN_VERSION, "Records[0]"),
    (notification(record(eventVersion=2.1)), Reason.UNKNOWN_VERSION, "Records[0]"),
    (notification(record("ObjectPainted:Red")), Reason.UNKNOWN_EVENT, "Records[0]"),
    (notification(record(s3=MISSING)), Reason.FIELD_MISSING, "Records[0]"),
    (notification(record(s3__bucket__name="")), Reason.FIELD_MISSING, "Records[0]"),
    (notification(record(s3__object__key=MISSING)), Reason.FIELD_MISSING, "Records[0]"),
    (notification(record(eventTime="yesterday")), Reason.BAD_TIME, "Records[0]"),
    (notification(record(s3__object__size=-1)), Reason.BAD_SIZE, "Records[0]"),
    (notification(record(s3__object__size=MISSING)), Reason.BAD_SIZE, "Records[0]"),
    (notification(record(s3__object__sequencer="Happy Sequencer")), Reason.BAD_SEQUENCER, "Records[0]"),
    (notification(record(s3__object__versionId="a b")), Reason.BAD_VERSION_ID, "Records[0]"),
    (notification(record(s3__object__eTag=MISSING)), Reason.BAD_ETAG, "Records[0]"),
    (notification(record(s3__object__key="readings/%FF")), Reason.KEY_NOT_UTF8, "Records[0]"),
    (notification(record(s3__object__key="readings/" + "a" * 1020)), Reason.KEY_TOO_LONG, "Records[0]"),
    (notification(record(s3__object__key="readings/%0Aa")), Reason.KEY_CONTROL_CHARACTER, "Records[0]"),
    (notification(record(s3__object__key="readings/../x")), Reason.KEY_GOES_UP, "Records[0]"),
    (notification(record(s3__object__key="readings%2F%2E%2E%2Fx")), Reason.KEY_GOES_UP, "Records[0]"),
    (notification(record(s3__object__key="readings/%252e%252e/x")), Reason.KEY_ENCODED_TWICE, "Records[0]"),
    (notification(record(s3__bucket__name="theirs")), Reason.BUCKET_NOT_ALLOWED, "Records[0]"),
    (notification(record(s3__object__key="reading")), Reason.PREFIX_NOT_ALLOWED, "Records[0]"),
    (json.dumps(bridge(source="aws.ec2")), Reason.UNKNOWN_SOURCE, "message"),
    (json.dumps(bridge(version="1")), Reason.UNKNOWN_VERSION, "message"),
    (json.dumps(bridge(detail=MISSING)), Reason.FIELD_MISSING, "message"),
    (json.dumps(bridge("Instance Launched")), Reason.UNKNOWN_EVENT, "message"),
    (json.dumps(sns(MESSAGE, Type="SubscriptionConfirmation")), Reason.NOT_A_NOTIFICATION, "message"),
    (json.dumps(sns(MESSAGE, Message=7)), Reason.FIELD_MISSING, "message"),
    (
        json.dumps({"Records": [{"EventSource": "aws:sns", "Sns": 1}]}),
        Reason.FIELD_MISSING,
        "Records[0].Sns.Message",
    ),
]


@pytest.mark.parametrize(("body", "reason", "position"), POISON)
def test_poison_is_refused_with_its_reason_and_place(
    body: str | bytes, reason: Reason, position: str
) -> None:
    found = read(body, ALLOWED)
    assert (found.events, found.idle) == ((), ())
    assert [(each.reason, each.position) for each in found.refusals] == [(reason, position)]
    (text,) = [each.text for each in found.refusals]
    assert "expected" in text
    assert "got" in text
    assert text.isprintable()


def test_every_reason_has_its_poison() -> None:
    assert {reason for _, reason, _ in POISON} == set(Reason)


def test_of_a_message_the_good_records_are_taken_and_the_bad_refused_one_by_one() -> None:
    body = notification(
        record(eventSource="x"), record(), record("ObjectAcl:Put"), record(eventTime=1), record()
    )
    found = read(json.dumps(sns(body)), ALLOWED)
    assert found.events == (CREATED, CREATED)
    assert found.idle == ("ObjectAcl:Put",)
    assert [(each.reason, each.position) for each in found.refusals] == [
        (Reason.UNKNOWN_SOURCE, "Message.Records[0]"),
        (Reason.BAD_TIME, "Message.Records[3]"),
    ]


def test_envelopes_without_end_are_refused() -> None:
    body = MESSAGE
    for _ in range(6):
        body = json.dumps(sns(body))
    assert [each.reason for each in read(body, ALLOWED).refusals] == [Reason.TOO_DEEP]


def test_the_samples_of_aws_are_read_or_refused(shared_data: Path) -> None:
    read_ = {
        path.name: read(path.read_bytes(), ALLOWED) for path in (shared_data / "aws_events").glob("*.json")
    }
    taken = {
        name: [each.reason for each in found.refusals]
        for name, found in read_.items()
        if "s3" in name.lower() or name == "sns-event.json"
    }
    assert taken == {
        # Their buckets are not on the list; the sequencer of the other two is no hexadecimal number.
        "powertools_s3Event.json": [Reason.BUCKET_NOT_ALLOWED],
        "powertools_s3EventBridgeNotificationObjectCreatedEvent.json": [Reason.BUCKET_NOT_ALLOWED],
        "s3-event.json": [Reason.BAD_SEQUENCER],
        "s3-event-with-decoded.json": [Reason.BAD_SEQUENCER],
        "sns-event.json": [Reason.NOT_JSON],
    }
    assert all(found.refusals and not found.events for found in read_.values())


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=8,
)
PATHS = st.sampled_from(
    [
        *("eventVersion", "eventSource", "eventTime", "eventName", "s3", "s3__bucket", "s3__object"),
        *("s3__bucket__name", "s3__object__key", "s3__object__size", "s3__object__eTag"),
        *("s3__object__sequencer", "s3__object__versionId"),
    ]
)


@given(st.binary(max_size=60) | st.text(max_size=60) | VALUES.map(json.dumps))
@settings(max_examples=150)
def test_nothing_is_raised_whatever_the_bytes(body: str | bytes) -> None:
    found = read(body, ALLOWED)
    assert not found.events
    assert len(found.refusals) == 1


@given(PATHS, VALUES)
@settings(max_examples=200)
def test_nothing_is_raised_whatever_a_field_holds(path: str, value: Any) -> None:
    found = read(notification(record(**{path: value}), record()), ALLOWED)
    assert found.events[-1] == CREATED
    assert len(found.events) + len(found.refusals) + len(found.idle) == 2
