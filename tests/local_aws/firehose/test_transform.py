"""The contract with the function: its event, its answer, and every way to break it."""

import base64
import json
from collections.abc import Callable
from typing import Any
from zipfile import BadZipFile

import pytest

from local_aws.firehose.transform import (
    Context,
    FunctionError,
    FunctionTimedOutError,
    InvokeError,
    Outcome,
    transform,
)
from tests.local_aws.firehose.pretended import NOON, answering, records

ARN = "arn:aws:lambda:us-east-1:123456789012:function:t"
STREAM = "arn:aws:kinesis:us-east-1:123456789012:stream/devices"


def context(source: str | None = None, retries: int = 3) -> Context:
    return Context("arn:ds", source, "us-east-1", ARN, retries, lambda: NOON, lambda: "drawn")


def outcome(invoke: Callable[[bytes], bytes], *texts: str) -> Outcome:
    return transform(records(*texts), invoke, context())


def test_the_event_is_that_of_the_documentation() -> None:
    seen: list[Any] = []

    def invoke(payload: bytes) -> bytes:
        seen.append(json.loads(payload))
        return answering(payload)

    transform(records("a"), invoke, context())
    transform(records("a"), invoke, context(STREAM))
    record = {
        "recordId": "000000000000000000",
        "approximateArrivalTimestamp": NOON,
        "data": base64.b64encode(b"a").decode(),
    }
    base = {"invocationId": "drawn", "deliveryStreamArn": "arn:ds", "region": "us-east-1"}
    metadata = {
        "sequenceNumber": "000000",
        "subsequenceNumber": 0,
        "partitionKey": "key",
        "shardId": "shard-0",
        "approximateArrivalTimestamp": NOON,
    }
    assert seen == [
        {**base, "records": [record]},
        {
            **base,
            "sourceKinesisStreamArn": STREAM,
            "records": [{**record, "kinesisRecordMetadata": metadata}],
        },
    ]


def test_each_record_goes_where_its_result_says() -> None:
    found = outcome(answering, "good", "drop it", "fail it")
    assert [(each.data, each.keys) for each in found.written] == [(b"GOOD\n", (("first", "g"),))]
    assert [each.data for each in found.dropped] == [b"drop it"]
    assert [(each.record.data, each.code, each.attempts) for each in found.failed] == [
        (b"fail it", "Lambda.ProcessingFailedStatus", 1)
    ]


def changed(change: Callable[[list[dict[str, Any]]], Any]) -> Callable[[bytes], bytes]:
    """Answer as usual, but for a change."""

    def invoke(payload: bytes) -> bytes:
        answers = json.loads(answering(payload))["records"]
        told = change(answers)
        return json.dumps({"records": answers} if told is None else told).encode()

    return invoke


@pytest.mark.parametrize(
    ("change", "codes"),
    [
        (lambda told: told.pop(0) and None, ["Lambda.MissingRecordId"]),
        (lambda told: told.append(told[0]), ["Lambda.DuplicatedRecordId"]),
        (lambda told: told[0].update(result="Fine"), ["Lambda.JsonProcessingException"]),
        (lambda told: told[0].update(data="***"), ["Lambda.JsonProcessingException"]),
        (lambda told: told[0].pop("data") and None, ["Lambda.JsonProcessingException"]),
        (lambda told: told[0].update(metadata={"partitionKeys": 7}), ["Lambda.JsonProcessingException"]),
        (lambda told: told[0].update(recordId="other"), ["Lambda.MissingRecordId"]),
        (lambda told: {"answers": told}, ["Lambda.JsonProcessingException"] * 2),
        (lambda _told: [], ["Lambda.JsonProcessingException"] * 2),
        (lambda _told: {"records": 3}, ["Lambda.JsonProcessingException"] * 2),
    ],
)
def test_an_answer_that_breaks_the_contract_fails_what_it_is_about(
    change: Callable[[list[dict[str, Any]]], Any], codes: list[str]
) -> None:
    found = outcome(changed(change), "a", "b")
    assert [each.code for each in found.failed] == codes
    assert len(found.written) + len(found.failed) == 2
    assert {each.attempts for each in found.failed} == {1}


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (FunctionTimedOutError(), "Lambda.FunctionTimedOut"),
        (FunctionError("no"), "Lambda.FunctionError"),
        (InvokeError("Lambda.ResourceNotFound", "not there"), "Lambda.ResourceNotFound"),
        (BadZipFile("File is not a zip file"), "Lambda.FunctionError"),
    ],
)
def test_an_invocation_that_fails_is_tried_three_times_more(fault: Exception, code: str) -> None:
    tries = 0

    def invoke(payload: bytes) -> bytes:
        nonlocal tries
        tries += 1
        if tries <= limit:
            raise fault
        return answering(payload)

    limit = 3
    assert [each.data for each in outcome(invoke, "a").written] == [b"A\n"]
    tries, limit = 0, 4
    [failed] = outcome(invoke, "a").failed
    assert (failed.code, failed.attempts, tries) == (code, 4, 4)
