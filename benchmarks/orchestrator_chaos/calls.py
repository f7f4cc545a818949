"""Calls of AWS on their way: counted, and each of them where a fault may strike."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    IncompleteReadError,
    ReadTimeoutError,
    SSLError,
)

from benchmarks.orchestrator_chaos.stage import Actor, Crash

_URL: Final = "embedded:"


class Fault(StrEnum):
    """What happens to a call."""

    CRASH_BEFORE = "crash before"
    CRASH_AFTER = "crash after"
    LOST = "lost answer"
    THROTTLED = "throttled"
    PAUSED = "paused"
    PAUSED_TO_DEATH = "paused, crash after"


# Longer than any claim: the process was put to sleep right before its call left.
PAUSE_S: Final = 1000.0
# Within the bounds: all but the pauses, beyond which a second cluster is found and ended.
WITHIN: Final = (Fault.CRASH_BEFORE, Fault.CRASH_AFTER, Fault.LOST, Fault.THROTTLED)
# By actor and call: its number, from 0, or `operation#n`, the n-th call of that operation.
Place = tuple[str, int | str]
Script = Mapping[Place, Fault]


@dataclass
class Wire:
    """What stands between one actor and AWS; faults come by the script, or as `strikes` says for each call."""

    actor: Actor
    script: Script
    strikes: Callable[[str], Fault | None] = lambda _operation: None
    calls: list[str] = field(default_factory=list)
    struck: list[tuple[int, str, Fault]] = field(default_factory=list)
    throttled: int = 0

    def carry(self, operation: str, call: Callable[[], Any]) -> Any:
        """Make a call, and let happen to it what is to happen."""
        self.actor.step_aside()
        # Only a script asks which call of its kind it is, and counting takes long after many calls.
        number, nth = len(self.calls), self.calls.count(operation) if self.script else 0
        self.calls.append(operation)
        fault = (
            self.script.get((self.actor.name, number))
            or self.script.get((self.actor.name, f"{operation}#{nth}"))
            or self.strikes(operation)
        )
        if fault is None:
            return self._answered(call)
        self.struck.append((number, operation, fault))
        if fault is Fault.CRASH_BEFORE:
            raise Crash
        if fault is Fault.THROTTLED:
            answer: Any = {
                "Error": {"Code": "ThrottlingException", "Message": "Rate exceeded"},
                "ResponseMetadata": {"HTTPStatusCode": 400},
            }
            raise ClientError(answer, operation)
        if fault in {Fault.PAUSED, Fault.PAUSED_TO_DEATH}:
            self.actor.sleep(PAUSE_S)
        answered = self._answered(call)
        if fault is Fault.PAUSED:
            return answered
        if fault in {Fault.CRASH_AFTER, Fault.PAUSED_TO_DEATH}:
            raise Crash
        raise _lost(number, operation)

    def _answered(self, call: Callable[[], Any]) -> Any:
        try:
            return call()
        except ClientError as error:
            self.throttled += error.response["Error"]["Code"] == "ThrottlingException"
            raise


def _lost(number: int, operation: str) -> Exception:
    """Choose how an answer is lost: there are many ways."""
    told: Any = {"Error": {"Code": "InternalFailure"}, "ResponseMetadata": {"HTTPStatusCode": 503}}
    ways = (
        ConnectionClosedError(endpoint_url=_URL),
        SSLError(endpoint_url=_URL, error=OSError("EOF occurred in violation of protocol")),
        ReadTimeoutError(endpoint_url=_URL),
        ClientError(told, operation),
        IncompleteReadError(actual_bytes=0, expected_bytes=9),
    )
    return ways[number % len(ways)]


class WiredClient:
    """A boto3 client whose calls go over a wire."""

    def __init__(self, client: Any, wire: Wire) -> None:
        """Put it before a client."""
        self._client, self._wire = client, wire

    def __getattr__(self, method: str) -> Callable[..., Any]:
        """Return a method that goes over the wire."""
        found = getattr(self._client, method)
        return lambda **request: self._wire.carry(method, lambda: found(**request))
