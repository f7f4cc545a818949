import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.common.readers.cloudtrail import NOT_A_CLOUDTRAIL_EVENT, event_of
from jobs.common.readers.documents import frame
from tests.jobs.common.readers.framing_examples import values, written

EVENT = {
    "eventVersion": "1.08",
    "eventSource": "ec2.amazonaws.com",
    "eventName": "RunInstances",
    "eventID": "e",
}
INSIGHT = {"eventVersion": "1.07", "eventType": "AwsCloudTrailInsight", "insightDetails": {"state": "Start"}}
ENVELOPE = {
    "version": "0",
    "id": "1",
    "detail-type": "AWS API Call via CloudTrail",
    "source": "aws.ec2",
    "account": "123456789012",
    "time": "2024-02-29T00:00:00Z",
    "region": "us-east-1",
    "resources": [],
}
LOOKUP = {"EventId": "e", "EventName": "RunInstances", "ReadOnly": "false", "Username": "u", "Resources": []}


@pytest.mark.parametrize(
    "event", [EVENT, INSIGHT, {**EVENT, "detail": {}}], ids=["event", "insight", "detail"]
)
def test_an_event_is_itself_in_whatever_it_travels(event: dict[str, Any]) -> None:
    assert event_of(event) == event
    assert event_of({**ENVELOPE, "detail": event}) == event
    assert event_of({**LOOKUP, "CloudTrailEvent": json.dumps(event)}) == event


@pytest.mark.parametrize(
    ("message", "beyond"),
    [
        ({**ENVELOPE, "detail": EVENT, "debug": True}, {"debug": True}),
        ({**ENVELOPE, "detail": EVENT, "resources": ["arn"]}, {"resources": ["arn"]}),
        ({**ENVELOPE, "detail": EVENT, "replay-name": "r"}, {"replay-name": "r"}),
        (
            {**LOOKUP, "CloudTrailEvent": json.dumps(EVENT), "Resources": [{"ResourceName": "i-1"}]},
            {"Resources": [{"ResourceName": "i-1"}]},
        ),
    ],
)
def test_what_an_envelope_says_beyond_the_event_is_kept(
    message: dict[str, Any], beyond: dict[str, Any]
) -> None:
    assert event_of(message) == {**EVENT, "envelope": beyond}


@pytest.mark.parametrize(
    "message",
    [
        {},
        {"eventVersion": "1.08"},
        {name: value for name, value in EVENT.items() if name != "eventVersion"},
        {name: value for name, value in EVENT.items() if name != "eventName"},
        {name: value for name, value in EVENT.items() if name != "eventSource"},
        {**EVENT, "eventVersion": None},
        {**EVENT, "eventSource": "aws:s3"},
        {"detail": "x"},
        {"detail": [EVENT]},
        {**ENVELOPE, "detail": {"state": "pending"}},
        {**ENVELOPE, "detail": {**ENVELOPE, "detail": EVENT}},
        {**ENVELOPE, "detail": {**EVENT, "envelope": 1}, "debug": True},
        {"CloudTrailEvent": EVENT},
        {"CloudTrailEvent": "{"},
        {"CloudTrailEvent": json.dumps(EVENT) + "x"},
        {"CloudTrailEvent": json.dumps(EVENT) * 2},
        {"CloudTrailEvent": f"[{json.dumps(EVENT)}]"},
        {"CloudTrailEvent": '{"eventVersion":"1","eventVersion":"1","eventType":"x"}'},
        {"CloudTrailEvent": '{"eventVersion":"1","eventType":"\\ud800"}'},
        {"CloudTrailEvent": ""},
    ],
)
def test_anything_else_is_no_event(message: dict[str, Any]) -> None:
    assert event_of(message) == NOT_A_CLOUDTRAIL_EVENT


def test_what_services_send_to_functions_is_no_event(shared_data: Path) -> None:
    seen = [
        event_of(found.value) if isinstance(found.value, dict) else found.fault
        for file in sorted((shared_data / "aws_events").glob("*.json"))
        for found in frame([file.read_bytes()])
    ]
    assert len(seen) > 20
    # One is malformed on purpose; some have members beside their records.
    assert set(seen) == {NOT_A_CLOUDTRAIL_EVENT, "malformed_json", "outside_records"}


members = st.dictionaries(st.sampled_from([*EVENT, "userIdentity", "x", "detail"]), values, max_size=5)


@given(further=members, beyond=st.dictionaries(st.sampled_from(["debug", "replay-name"]), values, max_size=2))
def test_no_member_of_an_event_or_of_its_envelope_is_lost(
    further: dict[str, Any], beyond: dict[str, Any]
) -> None:
    event = {**further, **EVENT}
    kept = {name: value for name, value in beyond.items() if value not in (None, [])}
    expected = {**event, "envelope": kept} if kept else event
    assert event_of({**ENVELOPE, **beyond, "detail": event}) == expected
    assert event_of({**LOOKUP, **beyond, "CloudTrailEvent": written(event)}) == expected
