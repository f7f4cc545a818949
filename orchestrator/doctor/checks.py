"""A check and its outcome; what may not be looked at is unknown, and stops no other check."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from botocore.exceptions import BotoCoreError, ClientError

from orchestrator.aws.faults import code_of

_DENIED: Final = frozenset(
    {
        "403",
        "AccessDenied",
        "AccessDeniedException",
        "UnauthorizedOperation",
        "Forbidden",
        "AuthorizationError",
    }
)
# Of the embedded AWS: what it does not have.
_NOT_THERE: Final = frozenset(
    {
        "404",
        "500",
        "501",
        "InternalError",
        "NoSuchResourceException",
        "NotImplemented",
        "UnknownOperationException",
    }
)
_NOT_HERE: Final = "the embedded AWS does not have it"


class State(StrEnum):
    """How a check ended."""

    OK = "OK"
    WARN = "WARN"
    MISSING = "MISSING"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True)
class Check:
    """What was found; `mend` is the command or the policy statement that mends it."""

    name: str
    state: State
    found: str
    mend: str = ""


def ok(name: str, found: str) -> Check:
    """Say that something is as it should be."""
    return Check(name, State.OK, found)


def warn(name: str, found: str, mend: str) -> Check:
    """Advise."""
    return Check(name, State.WARN, found, mend)


def missing(name: str, found: str, mend: str) -> Check:
    """Say that something is not there, and nothing will run without."""
    return Check(name, State.MISSING, found, mend)


def unknown(name: str, found: str, mend: str = "") -> Check:
    """Say that nobody knows."""
    return Check(name, State.UNKNOWN, found, mend)


def asked(name: str, permission: str, ask: Callable[[], Iterable[Check]], *, is_local: bool) -> list[Check]:
    """Ask AWS; where it refuses to say, that is what was found."""
    found: list[Check] = []
    try:
        found.extend(ask())
    except ClientError as error:
        code = code_of(error)
        if code in _DENIED:
            return [*found, unknown(name, f"not allowed to look ({code})", f"allow the caller {permission}")]
        words = f"{code}: {error.response.get('Error', {}).get('Message', '')}"
        return [*found, unknown(name, _NOT_HERE if is_local and code in _NOT_THERE else words)]
    except BotoCoreError as error:
        return [*found, unknown(name, _NOT_HERE if is_local else f"{type(error).__name__}: {error}")]
    return found
