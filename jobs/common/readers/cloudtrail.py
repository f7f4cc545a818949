"""CloudTrail events, and what they travel in: by themselves, in EventBridge's envelope, in an answer of LookupEvents.

Pure Python over the standard library, because it runs in the tasks of any cluster.
"""

from collections.abc import Mapping
from typing import Any

from jobs.common.readers.framing import fault_of, scan

NOT_A_CLOUDTRAIL_EVENT = "not_a_cloudtrail_event"
ENVELOPE = "envelope"

# What EventBridge and LookupEvents say again of the event that they carry.
_EVENTBRIDGE = frozenset(("version", "id", "detail-type", "source", "account", "time", "region", "detail"))
_LOOKUP = frozenset(
    (
        "EventId",
        "EventName",
        "ReadOnly",
        "AccessKeyId",
        "EventTime",
        "EventSource",
        "Username",
        "CloudTrailEvent",
    )
)


def event_of(message: Mapping[str, Any]) -> Mapping[str, Any] | str:
    """Return the CloudTrail event that a message is or carries, or why there is none.

    What an envelope says beyond the event is kept in the event's member `envelope`.
    """
    if _is_event(message):
        return message
    if "CloudTrailEvent" in message:
        event, known = _parsed(message["CloudTrailEvent"]), _LOOKUP
    else:
        event, known = message.get("detail"), _EVENTBRIDGE
    if type(event) is not dict or not _is_event(event):
        return NOT_A_CLOUDTRAIL_EVENT
    beyond = {name: value for name, value in message.items() if name not in known and value not in (None, [])}
    if not beyond:
        return event
    # Neither of the two may be lost, and CloudTrail knows no such member.
    return NOT_A_CLOUDTRAIL_EVENT if ENVELOPE in event else {**event, ENVELOPE: beyond}


def _is_event(members: Mapping[str, Any]) -> bool:
    """Tell by the members that every version has: `eventVersion`, and what happened.

    Insights have an `eventType` in place of source and name. The records that S3, Kinesis, DynamoDB and SQS send to
    functions look alike, but for their sources: `aws:s3`.
    """
    if members.get("eventVersion") is None:
        return False
    source = members.get("eventSource")
    if type(source) is str and source.startswith("aws:"):
        return False
    return members.get("eventType") is not None or (
        source is not None and members.get("eventName") is not None
    )


def _parsed(text: object) -> Any:
    """Parse a value that stands in a text; null where the text is no JSON, or not one value alone."""
    if type(text) is not str:
        return None
    found = scan(text, 0)
    if found.end != len(text) or fault_of(text, text.encode(), found.fault):
        return None
    return found.value
