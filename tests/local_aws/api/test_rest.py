"""Requests by method, path, query and body."""

import json
import re
from typing import Any
from urllib.parse import quote

import pytest

from benchmarks.serverless_chaos.requests import application_request
from local_aws.api.errors import AwsError
from local_aws.api.rest import Asked, answer
from local_aws.api.wire import Answer, Json

ARN = "arn:aws:emr-serverless:us-east-1:123456789012:/applications/00a/jobruns/00b"


class Calls:
    """Takes calls, and answers or refuses them."""

    def __init__(self, told: Json | AwsError) -> None:
        """Say what is told."""
        self.told = told
        self.seen: list[tuple[str, Json]] = []

    def __call__(self, name: str, given: Json) -> Json:
        """Take a call."""
        self.seen.append((name, given))
        if isinstance(self.told, AwsError):
            raise self.told
        return self.told


def ask(
    calls: Calls, method: str, path: str, body: bytes = b"", query: dict[str, list[str]] | None = None
) -> Answer:
    return answer("emr-serverless", calls, Asked(method, path, query or {}, body))


@pytest.mark.parametrize(
    ("method", "path", "query", "name", "given"),
    [
        ("GET", "/applications", {}, "ListApplications", {}),
        (
            "GET",
            "/applications",
            {"states": ["CREATED", "STOPPED"], "maxResults": ["3"], "other": ["x"]},
            "ListApplications",
            {"states": ["CREATED", "STOPPED"], "maxResults": 3},
        ),
        (
            "GET",
            "/applications/00a/jobruns",
            {"createdAtAfter": ["2026-01-01T00:00:00Z"]},
            "ListJobRuns",
            {"applicationId": "00a", "createdAtAfter": 1767225600.0},
        ),
        (
            "GET",
            "/applications/00a/jobruns/00b/dashboard",
            {"attempt": ["2"], "accessSystemProfileLogs": ["true"]},
            "GetDashboardForJobRun",
            {"applicationId": "00a", "jobRunId": "00b", "attempt": 2, "accessSystemProfileLogs": True},
        ),
        ("DELETE", "/applications/00a", {}, "DeleteApplication", {"applicationId": "00a"}),
        (
            "DELETE",
            f"/tags/{quote(ARN, safe='')}",
            {"tagKeys": ["a", "b"]},
            "UntagResource",
            {"resourceArn": ARN, "tagKeys": ["a", "b"]},
        ),
    ],
)
def test_a_request_is_an_operation_with_its_input(
    method: str, path: str, query: dict[str, list[str]], name: str, given: dict[str, Any]
) -> None:
    calls = Calls({})
    assert ask(calls, method, path, query=query).status == 200
    assert calls.seen == [(name, given)]


def test_a_body_has_the_rest_and_what_is_not_in_the_model_is_ignored() -> None:
    calls = Calls({"applicationId": "00a"})
    request = application_request()
    told = ask(calls, "POST", "/applications", json.dumps({**request, "odd": 1}).encode())
    assert calls.seen == [("CreateApplication", request)]
    assert (told.status, json.loads(told.body)) == (200, {"applicationId": "00a"})
    assert told.headers["Content-Type"] == "application/json"
    assert told.headers["Content-Length"] == str(len(told.body))
    assert re.fullmatch(r"[0-9a-f-]{36}", told.headers["x-amzn-RequestId"])


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("ValidationException", 400),
        ("ResourceNotFoundException", 404),
        ("ConflictException", 409),
        ("ServiceQuotaExceededException", 402),
        ("InternalServerException", 500),
        ("ThrottlingException", 429),
        ("SerializationException", 400),
    ],
)
def test_an_error_has_the_models_status_and_its_code_in_a_header(code: str, status: int) -> None:
    told = ask(Calls(AwsError(code, "why")), "GET", "/applications")
    assert (told.status, told.headers["x-amzn-ErrorType"]) == (status, code)
    assert json.loads(told.body) == {"message": "why"}


@pytest.mark.parametrize(
    ("method", "path", "query", "body", "code"),
    [
        ("PUT", "/applications", {}, b"", "UnknownOperationException"),
        ("GET", "/applications/a/b/c/d", {}, b"", "UnknownOperationException"),
        ("POST", "/applications", {}, b"{", "SerializationException"),
        ("POST", "/applications", {}, b"[]", "SerializationException"),
        ("GET", "/applications", {"maxResults": ["many"]}, b"", "SerializationException"),
        ("GET", "/applications/00a/jobruns", {"createdAtAfter": ["soon"]}, b"", "SerializationException"),
        (
            "GET",
            "/applications/00a/jobruns/00b/dashboard",
            {"accessSystemProfileLogs": ["maybe"]},
            b"",
            "SerializationException",
        ),
    ],
)
def test_what_is_no_request_is_refused(
    method: str, path: str, query: dict[str, list[str]], body: bytes, code: str
) -> None:
    calls = Calls({})
    told = ask(calls, method, path, body, query)
    assert told.headers["x-amzn-ErrorType"] == code
    assert calls.seen == []
