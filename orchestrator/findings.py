"""What is wrong, or not advisable, in a file or a request: all of it at once, each with its place.

A rule yields findings and never raises; whoever needs a faultless file asks `refuse_errors`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from orchestrator.errors import UsageError

# The steps from a document's root to a value: names of mappings, numbers of lists.
ValuePath = tuple[str | int, ...]
_MOST_CHARACTERS = 80


class Level(StrEnum):
    """How bad it is: an error stops everything, a warning is advice."""

    ERROR = "ERROR"
    WARNING = "WARNING"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One fault or one piece of advice.

    `file` and `line` (from 1) say where it was written, `path` which value it is, `value` what was met, as text;
    `expected` what is accepted, and `source` where AWS states it.
    """

    level: Level
    file: str
    line: int | None = None
    path: ValuePath = ()
    problem: str
    value: str | None = None
    expected: str | None = None
    source: str | None = None

    def __str__(self) -> str:
        """Write it down in a line: `file:line: LEVEL: path: problem, got value; expected …; see source`."""
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        dotted = dotted_path(self.path)
        met = "" if self.value is None else f", got {self.value}"
        expected = "" if self.expected is None else f"; expected {self.expected}"
        source = "" if self.source is None else f"; see {self.source}"
        return (
            f"{place}: {self.level}: {dotted + ': ' if dotted else ''}{self.problem}{met}{expected}{source}"
        )


class FindingsError(UsageError):
    """Raised when a file has errors; its text is all of them, a line each."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        """Keep the findings beside their text."""
        super().__init__("\n".join(["found errors:", *map(str, findings)]))
        self.findings = tuple(findings)


def errors(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return those that stop everything."""
    return tuple(each for each in findings if each.level is Level.ERROR)


def refuse_errors(findings: Iterable[Finding]) -> None:
    """Stop where there are errors.

    Raises:
        FindingsError: With all of them.
    """
    if found := errors(findings):
        raise FindingsError(found)


def dotted_path(path: ValuePath) -> str:
    """Write a path as people do: `Instances.InstanceFleets[1].TargetSpotCapacity`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def shown(value: object) -> str:
    """Show a value that was met, shortened, on one line."""
    text = repr(value)
    return text if len(text) <= _MOST_CHARACTERS else f"{text[: _MOST_CHARACTERS - 1]}…"
