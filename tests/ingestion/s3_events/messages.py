"""Messages as S3, EventBridge and SNS write them, with one thing changed."""

import json
from typing import Any

from ingestion.s3_events.model import AllowList, Kind, ObjectEvent

ALLOWED = AllowList({"raw": ("readings/", "late/"), "all": ("",)})
CREATED = ObjectEvent(
    Kind.CREATED, "raw", "readings/a b.gz", None, "e1", "0055AED6DCD90281E5", 7, 1_700_000_000.5
)
MISSING = object()


def record(event: str = "ObjectCreated:Put", **changed: Any) -> dict[str, Any]:
    """Write a record; `changed` names fields by their path with double underscores, MISSING takes one out."""
    made: dict[str, Any] = {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "eventTime": "2023-11-14T22:13:20.500Z",
        "eventName": event,
        "s3": {
            "bucket": {"name": "raw"},
            "object": {
                "key": "readings/a+b.gz",
                "size": 7,
                "eTag": "e1",
                "sequencer": "0055AED6DCD90281E5",
            },
        },
    }
    return _changed(made, changed)


def bridge(detail_type: str = "Object Created", **changed: Any) -> dict[str, Any]:
    """Write an event of EventBridge."""
    made: dict[str, Any] = {
        "version": "0",
        "detail-type": detail_type,
        "source": "aws.s3",
        "time": "2023-11-14T22:13:20.500Z",
        "detail": {
            "version": "0",
            "bucket": {"name": "raw"},
            "object": {
                "key": "readings/a b.gz",
                "size": 7,
                "etag": "e1",
                "sequencer": "0055aed6dcd90281e5",
            },
        },
    }
    return _changed(made, changed)


def notification(*records: object) -> str:
    """Write a message with those records."""
    return json.dumps({"Records": list(records)})


def sns(message: str, **changed: Any) -> dict[str, Any]:
    """Wrap a message as SNS does for SQS."""
    made = {
        "Type": "Notification",
        "MessageId": "1",
        "TopicArn": "arn:aws:sns:eu-west-1:1:t",
        "Message": message,
    }
    return _changed(made, changed)


def _changed(made: dict[str, Any], changed: dict[str, Any]) -> dict[str, Any]:
    for path, value in changed.items():
        *holders, name = path.split("__")
        holder = made
        for each in holders:
            holder = holder[each]
        if value is MISSING:
            del holder[name]
        else:
            holder[name] = value
    return made
