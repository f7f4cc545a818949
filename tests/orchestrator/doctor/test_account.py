"""Who calls, and whether EMR knows the release."""

from typing import Any

import pytest
from botocore.exceptions import ClientError, NoCredentialsError

from orchestrator.doctor.account import check_credentials, check_release
from orchestrator.doctor.checks import Check, State, ok
from tests.orchestrator.aws.pretended import client_error


class Says:
    """A client of which each operation answers, or raises."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer

    def __getattr__(self, _: str) -> Any:
        def operation(**_: Any) -> Any:
            if isinstance(self.answer, Exception):
                raise self.answer
            return self.answer

        return operation


def credentials(answer: Any) -> Check:
    [found] = check_credentials(Says(answer))
    return found


def test_the_caller_is_told() -> None:
    assert credentials({"Arn": "arn:aws:iam::1:user/ann"}) == ok("credentials", "arn:aws:iam::1:user/ann")


@pytest.mark.parametrize(
    ("error", "found"),
    [
        (NoCredentialsError(), "Unable to locate credentials"),
        (client_error("ExpiredToken"), "ExpiredToken: AWS does not take them"),
        (client_error("InvalidClientTokenId"), "InvalidClientTokenId: AWS does not take them"),
    ],
)
def test_without_credentials_it_is_told_how_to_get_some(error: Exception, found: str) -> None:
    told = credentials(error)
    assert (told.state, told.found) == (State.MISSING, found)
    assert told.mend == "aws configure, aws sso login, or AWS_PROFILE; --local needs none"


def test_other_errors_are_left_to_whoever_asked() -> None:
    with pytest.raises(ClientError):
        credentials(client_error("AccessDenied"))
    with pytest.raises(ClientError):
        list(check_release(Says(client_error("AccessDenied")), "emr-7.14.0"))


def test_a_release_that_emr_does_not_know_is_missing() -> None:
    [told] = check_release(Says(client_error("InvalidRequestException")), "emr-9.0.0")
    assert (told.state, told.found) == (State.MISSING, "EMR does not know emr-9.0.0 here")
    assert "aws emr list-release-labels" in told.mend


def test_a_release_is_told_with_its_spark() -> None:
    answer = {"Applications": [{"Name": "Hive", "Version": "3"}, {"Name": "Spark", "Version": "3.5.8"}]}
    assert list(check_release(Says(answer), "emr-7.14.0")) == [ok("EMR release", "emr-7.14.0, Spark 3.5.8")]
