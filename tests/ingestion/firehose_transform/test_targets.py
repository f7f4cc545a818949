from typing import Any

import boto3
import botocore.exceptions
import pytest
from botocore.stub import Stubber

from ingestion.firehose_transform.errors import PutRefusedError
from ingestion.firehose_transform.events import FirehoseEvent
from ingestion.firehose_transform.sending_back import Piece
from ingestion.firehose_transform.targets import FirehoseTarget, KinesisTarget, connect, region_of
from tests.ingestion.firehose_transform.making import ARN, STREAM_ARN, event

PIECES = [Piece(0, (b"a",), "device-7"), Piece(1, (b"b",), "")]
REFUSED = r"^{}: An error occurred \(AccessDeniedException\).*; allow it to the function's role$"


def client(service: str) -> Any:
    return boto3.client(
        service,  # type: ignore[call-overload] # either of two
        region_name="us-east-1",
        aws_access_key_id="testing",
        aws_secret_access_key="testing",  # noqa: S106 - what moto and Stubber take
    )


def stubbed(service: str) -> tuple[Any, Any, str]:
    made = client(service)
    if service == "firehose":
        return Stubber(made), FirehoseTarget(made, "device-readings"), "put_record_batch"
    return Stubber(made), KinesisTarget(made, STREAM_ARN), "put_records"


def test_a_delivery_stream_takes_records_and_tells_which_failed() -> None:
    stubber, target, operation = stubbed("firehose")
    answer = {
        "FailedPutCount": 1,
        "RequestResponses": [{"RecordId": "1"}, {"ErrorCode": "ServiceUnavailable"}],
    }
    asked = {"DeliveryStreamName": "device-readings", "Records": [{"Data": b"\na\n"}, {"Data": b"\nb\n"}]}
    stubber.add_response(operation, answer, asked)
    with stubber:
        assert target.put(PIECES) == PIECES[1:]


def test_a_kinesis_stream_takes_records_under_the_keys_they_came_with() -> None:
    stubber, target, operation = stubbed("kinesis")
    answer = {
        "FailedRecordCount": 1,
        "Records": [{"ErrorCode": "ProvisionedThroughputExceededException"}, {}],
    }
    asked = {
        "StreamARN": STREAM_ARN,
        "Records": [
            {"Data": b"\na\n", "PartitionKey": "device-7"},
            {"Data": b"\nb\n", "PartitionKey": "sent-back"},
        ],
    }
    stubber.add_response(operation, answer, asked)
    with stubber:
        assert target.put(PIECES) == PIECES[:1]


@pytest.mark.parametrize("service", ["firehose", "kinesis"])
def test_a_fault_that_may_pass_gives_everything_back(service: str) -> None:
    stubber, target, operation = stubbed(service)
    stubber.add_client_error(operation, "ThrottlingException", http_status_code=400)
    stubber.add_client_error(operation, "Whatever", http_status_code=500)
    with stubber:
        assert target.put(PIECES) == PIECES
        assert target.put(PIECES) == PIECES


@pytest.mark.parametrize(
    ("service", "action"), [("firehose", "firehose:PutRecordBatch"), ("kinesis", "kinesis:PutRecords")]
)
def test_a_refusal_names_the_permission(service: str, action: str) -> None:
    stubber, target, operation = stubbed(service)
    stubber.add_client_error(operation, "AccessDeniedException", "no", http_status_code=400)
    with stubber, pytest.raises(PutRefusedError, match=REFUSED.format(action)):
        target.put(PIECES)


def test_an_answer_that_never_comes_counts_as_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    made = client("firehose")

    def hang(**_: object) -> None:
        raise botocore.exceptions.ReadTimeoutError(endpoint_url="firehose")

    monkeypatch.setattr(made, "put_record_batch", hang)
    assert FirehoseTarget(made, "x").put(PIECES) == PIECES


def test_records_go_back_to_where_they_came_from(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    assert isinstance(connect(event([])), FirehoseTarget)
    assert isinstance(connect(event([], STREAM_ARN)), KinesisTarget)


def test_without_an_arn_there_is_nowhere_to_send_to() -> None:
    nowhere = FirehoseEvent("call-1", "aws:lambda:events", "us-east-1", [])
    with pytest.raises(PutRefusedError) as refused:
        connect(nowhere)
    assert str(refused.value) == (
        "deliveryStreamArn: expected the ARN of a delivery stream, got 'aws:lambda:events'"
    )


@pytest.mark.parametrize(
    ("arn", "region"), [(ARN, "us-east-1"), ("aws:lambda:events", ""), ("", ""), ("arn:x", "")]
)
def test_the_region_is_the_arns(arn: str, region: str) -> None:
    assert region_of(arn) == region
