"""The account: who calls, and whether EMR knows the release."""

from collections.abc import Iterator
from typing import Any, Final

from botocore.exceptions import (
    ClientError,
    NoCredentialsError,
    PartialCredentialsError,
    SSOError,
    TokenRetrievalError,
)

from orchestrator.aws.faults import code_of
from orchestrator.doctor.checks import Check, missing, ok

_EXPIRED: Final = frozenset(
    {"ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId", "SignatureDoesNotMatch"}
)
_SIGN_IN: Final = "aws configure, aws sso login, or AWS_PROFILE; --local needs none"


def check_credentials(sts: Any) -> Iterator[Check]:
    """See who calls."""
    try:
        yield ok("credentials", str(sts.get_caller_identity()["Arn"]))
    except (NoCredentialsError, PartialCredentialsError, SSOError, TokenRetrievalError) as error:
        yield missing("credentials", str(error), _SIGN_IN)
    except ClientError as error:
        if code_of(error) not in _EXPIRED:
            raise
        yield missing("credentials", f"{code_of(error)}: AWS does not take them", _SIGN_IN)


def check_release(emr: Any, label: str) -> Iterator[Check]:
    """See whether EMR has a release in this Region."""
    name = "EMR release"
    try:
        told = emr.describe_release_label(ReleaseLabel=label)
    except ClientError as error:
        if code_of(error) not in ("InvalidRequestException", "ValidationException"):
            raise
        yield missing(
            name, f"EMR does not know {label} here", "aws emr list-release-labels names those there are"
        )
        return
    spark = [
        app.get("Version", "")
        for app in told.get("Applications", [])
        if app.get("Name", "").lower() == "spark"
    ]
    yield ok(name, f"{label}{f', Spark {spark[0]}' if spark else ''}")
