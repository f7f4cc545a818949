"""Client tokens."""

import pytest

from local_aws.api.errors import AwsError
from local_aws.serverless.tokens import Tokens

CONFLICT = AwsError("ConflictException", "x")
REQUEST = {"applicationId": "00a", "clientToken": "t", "jobDriver": {"a": 1, "b": 2}}


def test_the_same_request_is_found_whatever_the_order_of_its_members() -> None:
    tokens = Tokens()
    assert tokens.find("StartJobRun", REQUEST, CONFLICT) is None
    tokens.keep("StartJobRun", REQUEST, "00b")
    again = {"jobDriver": {"b": 2, "a": 1}, "clientToken": "t", "applicationId": "00a"}
    assert tokens.find("StartJobRun", again, CONFLICT) == "00b"


def test_another_request_with_its_token_is_refused() -> None:
    tokens = Tokens()
    tokens.keep("StartJobRun", REQUEST, "00b")
    with pytest.raises(AwsError) as raised:
        tokens.find("StartJobRun", {**REQUEST, "name": "x"}, CONFLICT)
    assert raised.value is CONFLICT


@pytest.mark.parametrize(
    ("operation", "changed"),
    [
        ("StartJobRun", {"clientToken": "u"}),
        ("StartJobRun", {"applicationId": "00c"}),
        ("UpdateApplication", {}),
    ],
)
def test_another_token_application_or_operation_is_new(operation: str, changed: dict[str, str]) -> None:
    tokens = Tokens()
    tokens.keep("StartJobRun", REQUEST, "00b")
    assert tokens.find(operation, {**REQUEST, **changed}, CONFLICT) is None
