"""Reading the body of a message, whichever road it took from S3.

Roads: S3 to SQS; S3 to SNS to SQS, raw or wrapped; S3 to EventBridge to SQS, or through SNS; S3 or SNS to Lambda. Of an
invocation of Lambda by SQS, hand over each `body` by itself: each has its own message to acknowledge.

A message may have several records, of which the good ones are taken and the bad ones refused one by one.
"""

from collections.abc import Callable
from typing import Any, Final, TypeAlias

import msgspec

from ingestion.s3_events.keys import shown
from ingestion.s3_events.model import AllowList, Found, ObjectEvent, Reason, Refusal, RefusedError
from ingestion.s3_events.records import of_bridge, of_notification

# SQS takes up to 1 MiB, Lambda 6 MB in one call
# (https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html).
MOST_BYTES: Final = 6 * 2**20
_MOST_ENVELOPES: Final = 4
_TEST: Final = "s3:TestEvent"

# A part of a message, how to read it, and its position.
_Part: TypeAlias = tuple[str, Callable[[], ObjectEvent | str]]


def read(body: str | bytes, allowed: AllowList) -> Found:
    """Read all that a message's body has to say; whatever the bytes are, nothing is raised."""
    events: list[ObjectEvent] = []
    refusals: list[Refusal] = []
    idle: list[str] = []
    position = "message"
    try:
        parts = _parts(_decoded(body), allowed, "", 0)
    except RefusedError as refused:
        return Found(refusals=(Refusal(refused.reason, refused.text, position),))
    for position, part in parts:
        try:
            found = part()
        except RefusedError as refused:
            refusals.append(Refusal(refused.reason, refused.text, position))
        else:
            if isinstance(found, str):
                idle.append(found)
            else:
                events.append(found)
    return Found(tuple(events), tuple(refusals), tuple(idle))


def _decoded(body: str | bytes) -> dict[str, Any]:
    if len(body) > MOST_BYTES:
        raise RefusedError(Reason.TOO_LARGE, f"message: expected up to {MOST_BYTES} bytes, got {len(body)}")
    try:
        raw = body.encode() if isinstance(body, str) else bytes(body)
        raw.decode()
    except UnicodeError:
        raise RefusedError(Reason.NOT_TEXT, "message: expected UTF-8, got other bytes") from None
    try:
        value = msgspec.json.decode(raw)
    except RecursionError:
        raise RefusedError(Reason.TOO_DEEP, "message: expected a few levels of JSON, got too many") from None
    except msgspec.MsgspecError as error:
        raise RefusedError(Reason.NOT_JSON, f"message: expected JSON, got {shown(body)}: {error}") from None
    if not isinstance(value, dict):
        raise RefusedError(Reason.NOT_AN_OBJECT, f"message: expected a JSON object, got {shown(value)}")
    return value


def _parts(message: dict[str, Any], allowed: AllowList, position: str, depth: int) -> list[_Part]:
    """Name the parts of a message; those of envelopes inside it too."""
    if depth > _MOST_ENVELOPES:
        raise RefusedError(
            Reason.TOO_DEEP, f"{position}: expected at most {_MOST_ENVELOPES} envelopes, got more"
        )
    if message.get("Event") == _TEST:
        return [(position or "message", lambda: _TEST)]
    if "Records" in message:
        return _of_records(message["Records"], allowed, f"{position}Records", depth)
    if "detail-type" in message:
        return [(position or "message", lambda: of_bridge(message, allowed))]
    if "Type" in message and ("Message" in message or "TopicArn" in message):
        return _unwrapped(message, allowed, f"{position}Message", depth)
    raise RefusedError(
        Reason.UNKNOWN_SHAPE,
        "message: expected an S3 notification, an event of EventBridge, or one of them in an SNS message, got an "
        f"object with {shown(sorted(message))}",
    )


def _of_records(records: object, allowed: AllowList, position: str, depth: int) -> list[_Part]:
    if not isinstance(records, list) or not records:
        raise RefusedError(Reason.UNKNOWN_SHAPE, f"{position}: expected some records, got {shown(records)}")
    parts: list[_Part] = []
    for number, record in enumerate(records):
        place = f"{position}[{number}]"
        if isinstance(record, dict) and record.get("EventSource") == "aws:sns":
            parts += _inside(record.get("Sns"), allowed, f"{place}.Sns.Message", depth)
        elif isinstance(record, dict) and record.get("eventSource") == "aws:sqs":
            parts.append(
                (
                    place,
                    _refusing(
                        Reason.SQS_ENVELOPE,
                        "record: expected the body of one SQS message, got the whole invocation",
                    ),
                )
            )
        else:
            parts.append((place, lambda record=record: of_notification(record, allowed)))  # type: ignore[misc] # mypy takes no default in a lambda
    return parts


def _inside(wrapped: object, allowed: AllowList, position: str, depth: int) -> list[_Part]:
    """Open one of several envelopes: what is wrong with it is its own part."""
    if not isinstance(wrapped, dict):
        return [(position, _refusing(Reason.FIELD_MISSING, f"Sns: expected an object, got {shown(wrapped)}"))]
    try:
        return _unwrapped(wrapped, allowed, position, depth)
    except RefusedError as refused:
        return [(position, _refusing(refused.reason, refused.text))]


def _unwrapped(message: dict[str, Any], allowed: AllowList, position: str, depth: int) -> list[_Part]:
    """Open an SNS envelope (https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html)."""
    if message.get("Type") != "Notification":
        raise RefusedError(
            Reason.NOT_A_NOTIFICATION,
            f"Type: expected 'Notification', got {shown(message.get('Type'))}; a subscription is confirmed by hand",
        )
    inner = message.get("Message")
    if not isinstance(inner, str):
        raise RefusedError(Reason.FIELD_MISSING, f"Message: expected some text, got {shown(inner)}")
    return _parts(_decoded(inner), allowed, f"{position}.", depth + 1)


def _refusing(reason: Reason, text: str) -> Callable[[], ObjectEvent | str]:
    def refuse() -> ObjectEvent | str:
        raise RefusedError(reason, text)

    return refuse
