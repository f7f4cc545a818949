"""The event that Firehose calls the function with, and the records of its answer, as AWS defines them.

https://docs.aws.amazon.com/firehose/latest/dev/data-transformation.html
"""

from collections.abc import Mapping
from typing import Any, Final, Literal, NotRequired, TypedDict

import msgspec

from ingestion.firehose_transform.errors import WrongEventError

Result = Literal["Ok", "Dropped", "ProcessingFailed"]

WANTED: Final = "expected a Firehose transformation event (invocationId, deliveryStreamArn, region, records)"
NEXT_STEP: Final = "connect this function to a Firehose stream as its transformation, and to nothing else"
_TOLD_KEYS: Final = 8


class StreamMetadata(msgspec.Struct, frozen=True, rename="camel", gc=False):
    """Where a record stood in the Kinesis stream that is the source."""

    partition_key: str = ""


class SourceRecord(msgspec.Struct, frozen=True, rename="camel", gc=False):
    """One record as Firehose hands it over; `data` is base64."""

    record_id: str
    data: str
    approximate_arrival_timestamp: int | float | str = 0
    kinesis_record_metadata: StreamMetadata | None = None

    @property
    def partition_key(self) -> str:
        """The key under which the record came to the Kinesis stream, or nothing."""
        return self.kinesis_record_metadata.partition_key if self.kinesis_record_metadata else ""


class FirehoseEvent(msgspec.Struct, frozen=True, rename="camel"):
    """One call of the function: a batch of records of one delivery stream."""

    invocation_id: str
    delivery_stream_arn: str
    region: str
    records: list[SourceRecord]
    source_kinesis_stream_arn: str | None = None

    @property
    def delivery_stream(self) -> str:
        """The delivery stream's name; nothing where the ARN is none of a delivery stream."""
        _, found, name = self.delivery_stream_arn.partition(":deliverystream/")
        return name if found else ""


class Metadata(TypedDict):
    """What goes beside a record's data."""

    partitionKeys: dict[str, str]


class Answer(TypedDict):
    """One record of the answer."""

    recordId: str
    result: Result
    data: str
    metadata: NotRequired[Metadata]


class Response(TypedDict):
    """The answer: each recordId of the event once, in the event's order."""

    records: list[Answer]


def read_event(event: object) -> FirehoseEvent:
    """Take an event by its shape.

    Raises:
        WrongEventError: it is another service's, or not an event at all.
    """
    try:
        return msgspec.convert(event, FirehoseEvent)
    except msgspec.ValidationError as error:
        raise WrongEventError(f"{WANTED}, got {_kind_of(event)}: {error}; {NEXT_STEP}") from error


def _kind_of(event: object) -> str:
    if not isinstance(event, Mapping):
        return type(event).__name__
    source = _source_of(event)
    keys = ", ".join(str(key)[:40] for key in list(event)[:_TOLD_KEYS])
    return f"an event of {source}" if source else f"an object with the keys {keys or '(none)'}"


def _source_of(event: Mapping[Any, Any]) -> str:
    """Name the service where the event does: in its records, or as EventBridge has it."""
    records = event.get("Records")
    first = records[0] if isinstance(records, list) and records else event
    if not isinstance(first, Mapping):
        return ""
    names = (first.get(key) for key in ("eventSource", "EventSource", "source"))
    return next((name[:40] for name in names if isinstance(name, str)), "")
