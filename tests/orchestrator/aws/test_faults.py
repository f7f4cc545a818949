"""What a failed call means, and the words in which it is told."""

import pytest
from botocore import exceptions
from botocore.retries.standard import ThrottledRetryableChecker
from urllib3.exceptions import ProtocolError

from orchestrator.aws.faults import THROTTLES, Meaning, RefusedCallError, meaning, refusal, unknown
from orchestrator.errors import UsageError
from tests.orchestrator.aws.pretended import client_error

URL = "https://elasticmapreduce.us-east-1.amazonaws.com/"
DENIED = (
    "User: arn:aws:iam::123456789012:user/ann is not authorized to perform: elasticmapreduce:RunJobFlow on resource: "
    "arn:aws:elasticmapreduce:us-east-1:123456789012:cluster/* because no identity-based policy allows it"
)


@pytest.mark.parametrize(
    ("error", "found"),
    [
        *((client_error(code), Meaning.THROTTLED) for code in sorted(THROTTLES)),
        (client_error("SlowDown", status=503), Meaning.THROTTLED),
        (client_error("InternalFailure", status=500), Meaning.UNKNOWN),
        (client_error("502", status=502), Meaning.UNKNOWN),
        (client_error("ValidationException", status=499), Meaning.REFUSED),
        (exceptions.EndpointConnectionError(endpoint_url=URL), Meaning.NOT_SENT),
        (exceptions.ConnectTimeoutError(endpoint_url=URL), Meaning.NOT_SENT),
        (exceptions.ProxyConnectionError(proxy_url=URL), Meaning.NOT_SENT),
        (exceptions.ReadTimeoutError(endpoint_url=URL), Meaning.UNKNOWN),
        (exceptions.ConnectionClosedError(endpoint_url=URL), Meaning.UNKNOWN),
        (exceptions.ResponseStreamingError(error="cut"), Meaning.UNKNOWN),
        (exceptions.IncompleteReadError(actual_bytes=1, expected_bytes=2), Meaning.UNKNOWN),
        (exceptions.SSLError(endpoint_url=URL, error=OSError("EOF occurred")), Meaning.UNKNOWN),
        (exceptions.HTTPClientError(error=OSError("reset")), Meaning.UNKNOWN),
        (ProtocolError("broken"), Meaning.UNKNOWN),
        (exceptions.CredentialRetrievalError(provider="iam-role", error_msg="busy"), Meaning.NOT_SENT),
        (exceptions.MetadataRetrievalError(error_msg="busy"), Meaning.NOT_SENT),
        (exceptions.ParamValidationError(report="wrong"), Meaning.REFUSED),
        (exceptions.NoCredentialsError(), Meaning.REFUSED),
    ],
)
def test_a_failure_says_what_is_known_of_the_call(error: Exception, found: Meaning) -> None:
    assert meaning(error) is found


def test_what_botocore_takes_for_throttling_in_emr_and_s3_is_throttling_here() -> None:
    # Codes of other services: DynamoDB's, EC2's, and limits that do not pass by waiting.
    others = {
        "BandwidthLimitExceeded",
        "EC2ThrottledException",
        "LimitExceededException",
        "ProvisionedThroughputExceededException",
        "TransactionInProgressException",
    }
    assert set(vars(ThrottledRetryableChecker)["_THROTTLED_ERROR_CODES"]) - others <= THROTTLES


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (
            client_error("ValidationException", "Invalid release label: emr-9"),
            "EMR RunJobFlow: ValidationException: Invalid release label: emr-9 (request id r-1)",
        ),
        (
            client_error("AccessDeniedException", DENIED),
            (
                f"EMR RunJobFlow: AccessDeniedException: {DENIED} (request id r-1); allow the caller "
                "elasticmapreduce:RunJobFlow on arn:aws:elasticmapreduce:us-east-1:123456789012:cluster/*: "
                "orchestrator doctor prints the statement"
            ),
        ),
        (
            client_error("AccessDenied", "Access Denied", 403),
            (
                "EMR RunJobFlow: AccessDenied: Access Denied (request id r-1); the caller's policy does not allow it: "
                "orchestrator doctor prints the statement"
            ),
        ),
        (
            client_error("ExpiredTokenException", "expired"),
            (
                "EMR RunJobFlow: ExpiredTokenException: expired (request id r-1); the credentials have expired: "
                "sign in again; what was begun goes on, and the same command takes it up"
            ),
        ),
        (
            exceptions.ParamValidationError(report="Unknown parameter"),
            "EMR RunJobFlow: Parameter validation failed:\nUnknown parameter",
        ),
    ],
)
def test_a_refusal_is_told_with_code_request_and_what_is_missing(error: Exception, text: str) -> None:
    told = refusal("EMR", "RunJobFlow", error)
    assert str(told) == text
    assert isinstance(told, RefusedCallError)
    assert told.exit_code == 3


def test_a_refusal_keeps_what_aws_said() -> None:
    told = refusal("EMR", "RunJobFlow", client_error("ValidationException", "No such subnet"))
    assert isinstance(told, RefusedCallError)
    assert (told.code, told.aws_message) == ("ValidationException", "No such subnet")


@pytest.mark.parametrize(
    "error",
    [exceptions.NoCredentialsError(), exceptions.PartialCredentialsError(provider="env", cred_var="key")],
)
def test_without_credentials_the_command_was_used_wrongly(error: Exception) -> None:
    told = refusal("EMR", "ListClusters", error)
    assert isinstance(told, UsageError)
    assert "no AWS credentials were found" in str(told)
    assert "or use the embedded AWS: --local" in str(told)


def test_an_unknown_outcome_says_that_it_may_have_been_carried_out() -> None:
    told = unknown("EMR", "RunJobFlow", exceptions.ConnectionClosedError(endpoint_url="e"))
    assert str(told).startswith(
        "EMR RunJobFlow: no answer came, and it may have been carried out (ConnectionClosedError: "
    )
    assert told.exit_code == 3
