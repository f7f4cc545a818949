"""Who is who: ids of runs, and tokens that stand in the names of clusters and steps (decision D10).

Neither RunJobFlow nor AddJobFlowSteps takes a token, and lists of clusters bring no tags: so the token stands in the
Name, as `device_readings (ejs-3f2a…-1)`. Its hexadecimal digits say what the thing is for, its last number which
attempt, or which cluster in a row, it is. EMR Serverless takes tokens, and for how long it knows them AWS does not say:
so there it is both, and an application's name, which takes neither blanks nor brackets, is `nightly/ejs-3f2a…-1`.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from orchestrator.errors import UsageError

# Cluster.Name and StepConfig.Name: up to 256 characters, and of a cluster's none of these
# (https://docs.aws.amazon.com/emr/latest/APIReference/API_RunJobFlow.html).
MOST_CHARACTERS: Final = 256
NOT_IN_NAMES: Final = frozenset("<>$|`\r\n\t")
# What a job takes as --run-id, and what stands in its files' names.
RUN_ID: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")
_DIGITS: Final = 20
_IN_NAMES: Final = r"ejs-(?P<base>[0-9a-f]{20})-(?P<number>[1-9][0-9]*)"
_TOKEN: Final = re.compile(rf"\({_IN_NAMES}\)\Z")
_OF_APPLICATION: Final = re.compile(rf"/{_IN_NAMES}\Z")
# https://docs.aws.amazon.com/emr-serverless/latest/APIReference/API_CreateApplication.html
APPLICATION_NAME: Final = re.compile(r"[A-Za-z0-9._/#-]+")
MOST_OF_APPLICATION: Final = 64


@dataclass(frozen=True, order=True)
class Token:
    """What stands in a Name."""

    base: str
    number: int = 1

    def __str__(self) -> str:
        """Write it as it stands there."""
        return f"ejs-{self.base}-{self.number}"


def digest(*parts: Any) -> str:
    """Hash values that JSON can hold, so that neither the order of keys nor the way of writing them matters."""
    text = json.dumps(parts, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]


def run_id(kind: str, names: Mapping[str, Any], key: str) -> str:
    """Name a run, the same for the same names, parameters and key."""
    return f"r{digest('run', kind, names, key)}"


def named(name: str, token: Token) -> str:
    """Return a Name that carries a token.

    Raises:
        UsageError: The name is empty, too long, or has characters that EMR does not take.
    """
    full = f"{name} ({token})"
    bad = sorted(NOT_IN_NAMES & set(name)) or [char for char in name if not char.isprintable()]
    if bad or not name.strip():
        raise UsageError(
            f"Name: expected some text without {''.join(sorted('<>$|`'))} and control characters, got {name!r}"
        )
    if len(full) > MOST_CHARACTERS:
        most = MOST_CHARACTERS - len(full) + len(name)
        raise UsageError(
            f"Name: expected up to {most} characters beside the token, got {len(name)}: {name!r}"
        )
    return full


def named_application(name: str, token: Token) -> str:
    """Return the name of an application of EMR Serverless that carries a token.

    Raises:
        UsageError: The name is empty, too long, or has characters that EMR Serverless does not take.
    """
    full = f"{name}/{token}"
    most = MOST_OF_APPLICATION - len(full) + len(name)
    if not APPLICATION_NAME.fullmatch(name) or len(name) > most:
        raise UsageError(
            f"name: expected 1 to {most} of A-Z, a-z, 0-9 and ._/#- beside the token, got {len(name)}: {name!r}"
        )
    return full


def token_of(name: str) -> Token | None:
    """Find the token in a Name; None where it is not one of ours."""
    found = _TOKEN.search(name) or _OF_APPLICATION.search(name)
    return Token(found["base"], int(found["number"])) if found else None


def bare_name(name: str) -> str:
    """Return a Name without its token."""
    return _OF_APPLICATION.sub("", _TOKEN.sub("", name)).rstrip()
