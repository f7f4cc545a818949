"""The bytes of requests and answers."""

import json
import re

import pytest

from local_aws.api.wire import Answer, answer
from tests.local_aws.emr.launching import Laptop, launch_request


@pytest.fixture
def laptop() -> Laptop:
    return Laptop()


def ask(laptop: Laptop, name: str, body: bytes) -> Answer:
    return answer(laptop.emr.call, f"ElasticMapReduce.{name}", body)


def test_a_request_is_answered_in_json(laptop: Laptop) -> None:
    told = ask(laptop, "RunJobFlow", json.dumps(launch_request()).encode())
    assert told.status == 200
    assert told.headers["Content-Type"] == "application/x-amz-json-1.1"
    assert told.headers["Content-Length"] == str(len(told.body))
    assert re.fullmatch(r"[0-9a-f-]{36}", told.headers["x-amzn-RequestId"])
    assert set(json.loads(told.body)) == {"JobFlowId", "ClusterArn"}


def test_an_empty_answer_has_no_body(laptop: Laptop) -> None:
    body = json.dumps({"JobFlowIds": [laptop.launch()]}).encode()
    told = ask(laptop, "TerminateJobFlows", body)
    assert (told.status, told.body) == (200, b"")


@pytest.mark.parametrize(
    ("name", "body", "expected"),
    [
        (
            "TerminateJobFlows",
            b'{"JobFlowIds": []}',
            {"__type": "ValidationException", "message": "The JobFlowId list cannot be empty"},
        ),
        (
            "DescribeCluster",
            b'{"ClusterId": "j-X"}',
            {"__type": "InvalidRequestException", "Message": "Cluster id 'j-X' is not valid."},
        ),
        ("ListClusters", b"{", {"__type": "SerializationException", "message": ""}),
        (
            "ListClusters",
            b"[]",
            {"__type": "SerializationException", "message": "Start of structure or map expected."},
        ),
        ("ListClusters", b"[" * 200_000, {"__type": "SerializationException", "message": ""}),
        ("Nothing", b"", {"__type": "UnknownOperationException", "message": ""}),
    ],
)
def test_an_error_has_the_form_of_its_family(
    laptop: Laptop, name: str, body: bytes, expected: dict[str, str]
) -> None:
    told = ask(laptop, name, body)
    assert (told.status, json.loads(told.body)) == (400, expected)


def test_an_invalid_request_has_an_error_code_where_aws_is_known_to_give_one(laptop: Laptop) -> None:
    body = json.dumps({"ClusterId": laptop.launch()}).encode()
    told = json.loads(ask(laptop, "ListInstanceGroups", body).body)
    assert set(told) == {"__type", "Message", "ErrorCode"}
    assert told["ErrorCode"] == "API_DOES_NOT_SUPPORT_INSTANCE_FLEET_CLUSTERS"
