"""What AWS answers instead of a result."""


class AwsError(Exception):
    """An error answer: its code (`__type`), message, HTTP status, and the member `ErrorCode` where it has one."""

    def __init__(self, code: str, message: str, status: int = 400, error_code: str | None = None) -> None:
        """Take what the answer says."""
        super().__init__(f"{code}: {message}")
        self.code, self.message, self.status, self.error_code = code, message, status, error_code


def validation(message: str) -> AwsError:
    """Return what most of EMR's older operations answer to a request that is wrong."""
    return AwsError("ValidationException", message)


def invalid_request(message: str, error_code: str | None = None) -> AwsError:
    """Return what EMR's newer operations answer to a request that is wrong."""
    return AwsError("InvalidRequestException", message, error_code=error_code)
