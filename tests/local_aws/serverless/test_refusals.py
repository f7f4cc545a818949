"""Errors and their codes."""

import pytest

from local_aws.api.errors import AwsError
from local_aws.serverless import refusals


@pytest.mark.parametrize(
    ("fault", "code", "status"),
    [
        (refusals.conflict(), "ConflictException", 409),
        (refusals.missing("x"), "ResourceNotFoundException", 404),
        (refusals.no_vcpus(), "ServiceQuotaExceededException", 402),
        (refusals.wrong_state("STOPPED", "STARTED"), "ValidationException", 400),
    ],
)
def test_an_error_has_its_code_and_status(fault: AwsError, code: str, status: int) -> None:
    assert (fault.code, fault.status) == (code, status)
    assert fault.message
