"""Calls of AWS on their way: counted, and each of them where a fault may strike."""

import contextlib
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
    SLOW = "slow"
    LATE = "late effect"
    REFUSED = "refused look"


# Longer than any claim: the process was put to sleep right before its call left.
PAUSE_S: Final = 1000.0
# A slow call needs so long to arrive, and its answer so long again.
SLOW_S: Final = 15.0
# Nobody hears of a late one; it takes effect within the bound for calls nevertheless.
LATE_S: Final = 40.0
# Within the bounds: all but the pauses, beyond which a second cluster is found and ended.
WITHIN: Final = (Fault.CRASH_BEFORE, Fault.CRASH_AFTER, Fault.LOST, Fault.THROTTLED)
DRAWN: Final = (*WITHIN, *WITHIN, Fault.SLOW, Fault.LATE, Fault.REFUSED)
_LOOKS: Final = ("list_", "describe_", "get_")
_PAUSES: Final = {Fault.PAUSED: PAUSE_S, Fault.PAUSED_TO_DEATH: PAUSE_S, Fault.SLOW: SLOW_S}
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
            raise _refusal("ThrottlingException", "Rate exceeded", operation)
        if fault is Fault.REFUSED and operation.startswith(_LOOKS):
            raise _refusal("AccessDeniedException", "not now", operation)
        if fault is Fault.LATE:
            world = self.actor.stage.emr.world
            world.agenda.after(int(LATE_S * 1000), lambda: _unheard(call))
            raise _lost(number, operation)
        if fault in _PAUSES:
            self.actor.sleep(_PAUSES[fault])
        answered = self._answered(call)
        if fault is Fault.SLOW:
            self.actor.sleep(SLOW_S)
        if fault in {Fault.PAUSED, Fault.SLOW, Fault.REFUSED}:
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


def _unheard(call: Callable[[], Any]) -> None:
    with contextlib.suppress(ClientError):
        call()


def _refusal(code: str, message: str, operation: str) -> ClientError:
    answer: Any = {
        "Error": {"Code": code, "Message": message},
        "ResponseMetadata": {"HTTPStatusCode": 400},
    }
    return ClientError(answer, operation)


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
