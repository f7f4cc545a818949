"""What AWS answers instead of a result."""


class AwsError(Exception):
    """An error answer: its code (`__type`), its message and its HTTP status."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        """Take what the answer says."""
        super().__init__(f"{code}: {message}")
        self.code, self.message, self.status = code, message, status


def validation(message: str) -> AwsError:
    """Return what most of EMR's older operations answer to a request that is wrong."""
    return AwsError("ValidationException", message)


def invalid_request(message: str) -> AwsError:
    """Return what EMR's newer operations answer to a request that is wrong."""
    return AwsError("InvalidRequestException", message)
