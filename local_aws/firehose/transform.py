"""The Lambda function's contract: https://docs.aws.amazon.com/firehose/latest/dev/data-transformation.html.

Codes and messages of failures are those that Firehose writes into its envelope:
https://docs.aws.amazon.com/firehose/latest/dev/monitoring-with-cloudwatch-logs.html
"""

import base64
import binascii
import json
import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from local_aws.firehose.records import Record

log = logging.getLogger("local_aws")
_RESULTS: Final = ("Ok", "Dropped", "ProcessingFailed")
_TIMED_OUT: Final = (
    "Lambda.FunctionTimedOut",
    "The Lambda function invocation timed out. Increase the Timeout setting in the Lambda function.",
)
_FAILED: Final = (
    "Lambda.FunctionError",
    "The Lambda function was successfully invoked but it returned an error result.",
)
_STATUS: Final = ("Lambda.ProcessingFailedStatus", "ProcessingFailed status set for record")
_UNPARSED: Final = (
    "Lambda.JsonProcessingException",
    (
        "There was an error parsing returned records from the Lambda function. Ensure that the returned records "
        "follow the status model required by Amazon Data Firehose."
    ),
)
_MISSING: Final = (
    "Lambda.MissingRecordId",
    "One or more record Ids were not returned. Ensure that the Lambda function returns all received record Ids.",
)
_DUPLICATED: Final = (
    "Lambda.DuplicatedRecordId",
    (
        "Multiple records were returned with the same record ID. Ensure that the Lambda function returns unique "
        "record IDs for each record."
    ),
)


class FunctionTimedOutError(Exception):
    """The function ran longer than it may."""


class FunctionError(Exception):
    """The function was invoked, and failed."""


class InvokeError(Exception):
    """The function could not be invoked: a code and a message."""

    def __init__(self, code: str, message: str) -> None:
        """Take what Lambda says."""
        super().__init__(message)
        self.code, self.message = code, message


# From the payload of an event to that of the function's answer.
Invoke: TypeAlias = Callable[[bytes], bytes]


@dataclass(frozen=True)
class Written:
    """A record to be delivered: its bytes, and the values of its partition keys."""

    record: Record
    data: bytes
    keys: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Failed:
    """A record that was not transformed, and why."""

    record: Record
    attempts: int
    code: str
    message: str
    ended_at: int
    arn: str | None = None

    def envelope(self) -> bytes:
        """Return the line that tells of it, with the record as it came."""
        told = {
            "attemptsMade": self.attempts,
            "arrivalTimestamp": self.record.arrived_at,
            "errorCode": self.code,
            "errorMessage": self.message,
            "attemptEndingTimestamp": self.ended_at,
            "rawData": base64.b64encode(self.record.data).decode(),
        }
        return json.dumps(told if self.arn is None else {**told, "lambdaArn": self.arn}).encode() + b"\n"


@dataclass
class Outcome:
    """What became of a batch; each of its records is in one of the three."""

    written: list[Written] = field(default_factory=list)
    dropped: list[Record] = field(default_factory=list)
    failed: list[Failed] = field(default_factory=list)


@dataclass(frozen=True)
class Context:
    """Who transforms, for whom, and how often it is tried; `now` tells the instant, in milliseconds."""

    stream_arn: str
    source_arn: str | None
    region: str
    arn: str
    retries: int
    now: Callable[[], int]
    draw: Callable[[], str]


def transform(records: Sequence[Record], invoke: Invoke, context: Context) -> Outcome:
    """Let a function transform a batch.

    An invocation that fails is tried again; records that it leaves out or marks as failed are not.
    """
    by_id = {_record_id(record, number): record for number, record in enumerate(records)}
    payload = json.dumps(_event(by_id, context)).encode()
    why, attempts = _FAILED, 0
    while attempts <= context.retries:
        attempts += 1
        try:
            return _read(invoke(payload), by_id, context, attempts)
        except FunctionTimedOutError:
            why = _TIMED_OUT
        except FunctionError:
            why = _FAILED
        except InvokeError as fault:
            why = (fault.code, fault.message)
        except Exception:
            # Records that are neither written nor failed would be gone until the next start.
            log.exception("the function %s could not be run", context.arn)
            why = _FAILED
    return Outcome(failed=[_failure(record, why, context, attempts) for record in records])


def _event(by_id: Mapping[str, Record], context: Context) -> dict[str, Any]:
    source = {} if context.source_arn is None else {"sourceKinesisStreamArn": context.source_arn}
    return {
        "invocationId": context.draw(),
        "deliveryStreamArn": context.stream_arn,
        **source,
        "region": context.region,
        "records": [_told(record_id, record, context) for record_id, record in by_id.items()],
    }


def _told(record_id: str, record: Record, context: Context) -> dict[str, Any]:
    told: dict[str, Any] = {
        "recordId": record_id,
        "approximateArrivalTimestamp": record.arrived_at,
        "data": base64.b64encode(record.data).decode(),
    }
    if context.source_arn is not None:
        told["kinesisRecordMetadata"] = {
            "sequenceNumber": record.sequence,
            "subsequenceNumber": record.sub,
            "partitionKey": record.partition_key,
            "shardId": record.shard,
            "approximateArrivalTimestamp": record.arrived_at,
        }
    return told


def _record_id(record: Record, number: int) -> str:
    return f"{record.sequence}{record.sub:06d}{number:06d}"


def _read(body: bytes, by_id: Mapping[str, Record], context: Context, attempts: int) -> Outcome:
    """Sort records by what the function answers."""
    outcome = Outcome()
    try:
        answers = json.loads(body)["records"]
        counts = Counter(each["recordId"] for each in answers)
        by_answer = {each["recordId"]: each for each in answers}
    except (ValueError, KeyError, TypeError, RecursionError):
        outcome.failed += [_failure(record, _UNPARSED, context, attempts) for record in by_id.values()]
        return outcome
    for record_id, record in by_id.items():
        if counts[record_id] != 1:
            why = _MISSING if counts[record_id] == 0 else _DUPLICATED
            outcome.failed.append(_failure(record, why, context, attempts))
            continue
        _sort(outcome, record, by_answer[record_id], context, attempts)
    return outcome


def _sort(
    outcome: Outcome, record: Record, answer: Mapping[str, Any], context: Context, attempts: int
) -> None:
    result = answer.get("result")
    try:
        if result == "Ok":
            keys = (answer.get("metadata") or {}).get("partitionKeys") or {}
            told = tuple(sorted((str(name), str(value)) for name, value in keys.items()))
            outcome.written.append(Written(record, base64.b64decode(answer["data"], validate=True), told))
            return
    except (KeyError, TypeError, AttributeError, binascii.Error, ValueError):
        result = None
    if result == "Dropped":
        outcome.dropped.append(record)
    else:
        why = _STATUS if result in _RESULTS else _UNPARSED
        outcome.failed.append(_failure(record, why, context, attempts))


def _failure(record: Record, why: tuple[str, str], context: Context, attempts: int) -> Failed:
    return Failed(record, attempts, *why, ended_at=context.now(), arn=context.arn)
