"""What stands in for the edges of the edge: time, draws, and errors as botocore raises them."""

import random
from typing import Any

from botocore.exceptions import ClientError

# 2026-01-01T00:00:00Z
BEGINNING = 1_767_225_600.0


class StillClock:
    """Time that passes only where somebody sleeps."""

    def __init__(self, at: float = BEGINNING) -> None:
        """Begin at an instant."""
        self.at = at
        self.slept: list[float] = []

    def now(self) -> float:
        """Tell the time."""
        return self.at

    def sleep(self, seconds: float) -> None:
        """Let it pass."""
        self.slept.append(seconds)
        self.at += seconds


class LongestWaits(random.Random):
    """Draws the longest wait each time."""

    def uniform(self, a: float, b: float) -> float:
        """Return the upper end."""
        return max(a, b)


def client_error(code: str, message: str = "", status: int = 400, operation: str = "Any") -> ClientError:
    """Return an error answer of AWS."""
    told: Any = {
        "Error": {"Code": code, "Message": message},
        "ResponseMetadata": {"HTTPStatusCode": status, "RequestId": "r-1"},
    }
    return ClientError(told, operation)
