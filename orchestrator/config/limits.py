"""`limits`: how long a cluster may live, and how long it may be idle, whatever EMR thinks of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from orchestrator.config.near import meant
from orchestrator.findings import Level, shown
from orchestrator.problems import Problem

KEY: Final = "limits"
# A year: what should live longer has no lifetime. Five minutes: below that, a cluster ends before it runs.
LIFETIME_HOURS: Final = (5 / 60, 24 * 365)
IDLE_SECONDS: Final = (60, 604_800)  # as AutoTerminationPolicy.IdleTimeout


@dataclass(frozen=True)
class Limits:
    """When a cluster is ended by the orchestrator or its reaper; None: never."""

    max_lifetime_hours: float | None = None
    idle_timeout_seconds: int | None = None


@dataclass(frozen=True)
class CheckedLimits:
    """Limits as far as they are right, and what is wrong with them."""

    limits: Limits
    problems: tuple[Problem, ...]


def check_limits(block: Any) -> CheckedLimits:
    """Read a `limits` block; none is one without limits."""
    if block is None:
        return CheckedLimits(Limits(), ())
    problems = tuple(_problems(block))
    wrong = {each.path[-1] for each in problems}
    right = (
        {name: value for name, value in block.items() if name in _NAMES and name not in wrong}
        if (isinstance(block, Mapping))
        else {}
    )
    return CheckedLimits(Limits(**right), problems)


_NAMES: Final = ("max_lifetime_hours", "idle_timeout_seconds")


def _problems(block: Any) -> Iterator[Problem]:
    names = f"one of {', '.join(_NAMES)}"
    if not isinstance(block, Mapping):
        yield Problem(
            level=Level.ERROR,
            path=(KEY,),
            problem="the wrong type",
            value=shown(block),
            expected="names and values",
        )
        return
    for name, value in block.items():
        path = (KEY, name)
        if name not in _NAMES:
            yield Problem(
                level=Level.ERROR, path=path, problem=f"unknown key{meant(name, _NAMES)}", expected=names
            )
        elif name == "max_lifetime_hours" and not _is_in(value, (int, float), LIFETIME_HOURS):
            expected = "a number of hours, from 0.0834 (5 minutes) to 8,760 (a year)"
            yield Problem(
                level=Level.ERROR, path=path, problem="no lifetime", value=shown(value), expected=expected
            )
        elif name == "idle_timeout_seconds" and not _is_in(value, (int,), IDLE_SECONDS):
            expected = "a whole number of seconds, from 60 to 604,800 (7 days)"
            yield Problem(
                level=Level.ERROR,
                path=path,
                problem="no idle time-out",
                value=shown(value),
                expected=expected,
            )


def _is_in(value: Any, kinds: tuple[type, ...], ends: tuple[float, float]) -> bool:
    return isinstance(value, kinds) and not isinstance(value, bool) and bool(ends[0] <= value <= ends[1])  # type: ignore[operator]  # kinds are numbers
