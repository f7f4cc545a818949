"""What a failed call means: not done, done perhaps, or refused for good."""

import re
from enum import StrEnum
from typing import Final

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    CredentialRetrievalError,
    EndpointConnectionError,
    InvalidRegionError,
    MetadataRetrievalError,
    NoCredentialsError,
    NoRegionError,
    ParamValidationError,
    PartialCredentialsError,
    ProxyConnectionError,
    SSOTokenLoadError,
    TokenRetrievalError,
    UnauthorizedSSOTokenError,
)
from urllib3.exceptions import HTTPError

from orchestrator.errors import OrchestratorError, RefusedError, UsageError
from orchestrator.secrets import redact

THROTTLES: Final = frozenset(
    {
        # S3: another write on a condition is under way
        # (https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html).
        "ConditionalRequestConflict",
        "PriorRequestNotComplete",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "TooManyRequestsException",
    }
)
_ACCESS: Final = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"})
_SERVER_ERROR: Final = 500
# Who may not do what, in the words of IAM:
# https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
_NOT_AUTHORIZED: Final = re.compile(
    r"not authorized to perform: (?P<action>[\w-]+:\w+)(?: on resource: (?P<resource>\S+))?"
)
# Raised before a request is sent.
_NEVER_SENT: Final = (
    EndpointConnectionError,
    ConnectTimeoutError,
    ProxyConnectionError,
    # Credentials that could not be had this time: of a role, or of the instance.
    CredentialRetrievalError,
    MetadataRetrievalError,
)
# Raised by boto3 instead of a request.
_NEVER_BEGUN: Final = (
    NoCredentialsError,
    PartialCredentialsError,
    ParamValidationError,
    NoRegionError,
    TokenRetrievalError,
    UnauthorizedSSOTokenError,
    SSOTokenLoadError,
    InvalidRegionError,
)


class Meaning(StrEnum):
    """What is known of a call that failed."""

    THROTTLED = "throttled"
    NOT_SENT = "not sent"
    UNKNOWN = "unknown"
    REFUSED = "refused"


class UnknownOutcomeError(OrchestratorError):
    """Raised when a call may have been carried out, and no answer says so."""

    exit_code = RefusedError.exit_code


class RefusedCallError(RefusedError):
    """Raised when AWS refuses a call; `code` and `aws_message` are AWS's own."""

    def __init__(self, text: str, code: str, aws_message: str) -> None:
        """Keep what AWS said beside the text."""
        super().__init__(text)
        self.code, self.aws_message = code, aws_message


class EndedError(RefusedCallError):
    """Raised when what is to run something ends, or has ended."""


class BusyError(RefusedCallError):
    """Raised when what is to run something takes nothing now, and will again."""


def meaning(error: Exception) -> Meaning:
    """Tell what a failure of boto3 says of the call; where it says nothing, the call may have been carried out."""
    if isinstance(error, ClientError):
        if code_of(error) in THROTTLES:
            return Meaning.THROTTLED
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        return Meaning.UNKNOWN if status >= _SERVER_ERROR else Meaning.REFUSED
    if isinstance(error, _NEVER_SENT):
        return Meaning.NOT_SENT
    return Meaning.REFUSED if isinstance(error, _NEVER_BEGUN) else Meaning.UNKNOWN


def code_of(error: ClientError) -> str:
    """Return AWS's code of an error."""
    return str(error.response.get("Error", {}).get("Code", ""))


def refusal(service: str, operation: str, error: Exception) -> OrchestratorError:
    """Say in our words that AWS has refused a call, with the permission that is missing where one is.

    AWS may repeat what it refuses, and what is said here is kept in records: so secrets are taken out.
    """
    if isinstance(error, NoCredentialsError | PartialCredentialsError):
        return UsageError(
            f"{service} {operation}: no AWS credentials were found ({error}); set them up (aws configure, AWS_PROFILE, "
            "--profile NAME), or use the embedded AWS: --local"
        )
    if not isinstance(error, ClientError):
        return RefusedCallError(redact(f"{service} {operation}: {error!s}"), type(error).__name__, "")
    code = code_of(error)
    message = redact(str(error.response.get("Error", {}).get("Message", "")))
    request_id = error.response.get("ResponseMetadata", {}).get("RequestId", "none")
    text = f"{service} {operation}: {code}: {message} (request id {request_id}){_next_step(code, message)}"
    return RefusedCallError(text, code, message)


def unanswered(service: str, operation: str, missing: str) -> UnknownOutcomeError:
    """Say that an answer came, and not what it should hold: what was cut off on its way."""
    return UnknownOutcomeError(
        f"{service} {operation}: the answer has no {missing}; it may have been carried out"
    )


def unknown(service: str, operation: str, error: Exception) -> UnknownOutcomeError:
    """Say that nobody knows whether a call was carried out."""
    return UnknownOutcomeError(
        f"{service} {operation}: no answer came, and it may have been carried out "
        f"({type(error).__name__}: {error!s})"
    )


def _next_step(code: str, message: str) -> str:
    found = _NOT_AUTHORIZED.search(message)
    if found:
        on = f" on {found['resource'].rstrip('.')}" if found["resource"] else ""
        return f"; allow the caller {found['action']}{on}: orchestrator doctor prints the statement"
    if code in _ACCESS:
        return "; the caller's policy does not allow it: orchestrator doctor prints the statement"
    if "Expired" in code:
        return "; the credentials have expired: sign in again; what was begun goes on, and the same command takes it up"
    return ""


# urllib3's own comes through where a body is read.
AWS_ERRORS: Final = (ClientError, BotoCoreError, HTTPError)
