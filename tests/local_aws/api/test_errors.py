"""Error answers."""

from local_aws.api.errors import AwsError, invalid_request, validation


def test_an_error_says_its_code_message_and_status() -> None:
    for error, code in (
        (validation("x"), "ValidationException"),
        (invalid_request("x"), "InvalidRequestException"),
    ):
        assert (error.code, error.message, error.status, str(error)) == (code, "x", 400, f"{code}: x")
        assert error.error_code is None
    assert AwsError("InternalFailure", "", 500).status == 500
    assert invalid_request("x", "NO_GROUPS").error_code == "NO_GROUPS"
