"""A stream that takes what it likes."""

from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError, ConnectionClosedError


class Crash(BaseException):
    """The process is gone."""


class Stream:
    """Takes records; faults come call by call: a number of records that it does not take, or the name of a failure."""

    def __init__(self, *faults: str | int) -> None:
        """Begin empty."""
        self.faults = list(faults)
        self.taken: list[bytes] = []
        self.calls: list[int] = []
        self.on_call: Callable[[], None] = lambda: None

    def put_records(self, StreamName: str, Records: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803 - boto3's names
        """Take records, as the next fault says."""
        assert StreamName == "devices"
        self.on_call()
        self.calls.append(len(Records))
        fault = self.faults.pop(0) if self.faults else 0
        if fault == "crash before":
            raise Crash
        if fault == "throttled":
            told: Any = {"Error": {"Code": "ProvisionedThroughputExceededException", "Message": ""}}
            raise ClientError(told, "PutRecords")
        if fault == "refused":
            told = {"Error": {"Code": "ResourceNotFoundException", "Message": "no stream"}}
            raise ClientError(told, "PutRecords")
        refused = fault if isinstance(fault, int) else 0
        kept = Records[refused:]
        self.taken += [record["Data"] for record in kept]
        if fault == "lost":
            raise ConnectionClosedError(endpoint_url="x")
        if fault == "crash after":
            raise Crash
        no: dict[str, str] = {"ErrorCode": "ProvisionedThroughputExceededException", "ErrorMessage": "slow"}
        yes: dict[str, str] = {"SequenceNumber": "1", "ShardId": "s"}
        return {"FailedRecordCount": refused, "Records": [no] * refused + [yes] * len(kept)}


class Clock:
    """Time that passes when somebody sleeps."""

    def __init__(self) -> None:
        """Begin."""
        self.instant = 0.0
        self.slept: list[float] = []

    def now(self) -> float:
        """Return this instant."""
        return self.instant

    def sleep(self, seconds: float, /) -> None:
        """Let time pass."""
        self.slept.append(seconds)
        self.instant += seconds
