"""What a rule is: a function from a cluster, or an application, to faults, with a level and a source."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from orchestrator.findings import Level, ValuePath, shown
from orchestrator.problems import Problem

MOST_FAULTS: Final = 100
_GUIDE: Final = "https://docs.aws.amazon.com/emr/latest/ManagementGuide"


@dataclass(frozen=True)
class Fault:
    """What a rule finds: where, what, the value met and what is accepted."""

    path: ValuePath
    problem: str
    value: object = None
    expected: str | None = None


# What is judged: a cluster, or an application of EMR Serverless.
Judged = TypeVar("Judged")
Check = Callable[[Judged], Iterator[Fault]]


@dataclass(frozen=True)
class Rule(Generic[Judged]):
    """A check with the level of what it finds, and where AWS states it."""

    check: Check[Judged]
    level: Level
    source: str

    @property
    def name(self) -> str:
        """Say what the rule is about, as its check's docstring does."""
        return (self.check.__doc__ or "").split("\n")[0].removesuffix(".")

    def problems(self, cluster: Judged) -> Iterator[Problem]:
        """Hold a cluster against the rule; a file with very many faults of one kind is told of some."""
        for count, fault in enumerate(self.check(cluster)):
            if count == MOST_FAULTS:
                problem = f"more than {MOST_FAULTS} findings of this kind; the rest is not told"
                yield Problem(level=self.level, path=fault.path[:1], problem=problem, source=self.source)
                return
            yield Problem(
                level=self.level,
                path=fault.path,
                problem=fault.problem,
                value=None if fault.value is None else shown(fault.value),
                expected=fault.expected,
                source=self.source,
            )


def api(shape: str) -> str:
    """Return where AWS documents a structure or an operation."""
    return f"https://docs.aws.amazon.com/emr/latest/APIReference/API_{shape}.html"


def guide(page: str) -> str:
    """Return a page of the EMR management guide."""
    return f"{_GUIDE}/{page}.html"


def error(source: str, *checks: Check[Judged]) -> tuple[Rule[Judged], ...]:
    """Make rules whose faults stop everything."""
    return tuple(Rule(each, Level.ERROR, source) for each in checks)


def advice(source: str, *checks: Check[Judged]) -> tuple[Rule[Judged], ...]:
    """Make rules whose faults are advice."""
    return tuple(Rule(each, Level.WARNING, source) for each in checks)


def is_outside(value: float | None, least: float, most: float) -> bool:
    """Tell whether a value that is given lies outside a range, whose ends belong to it."""
    return value is not None and not least <= value <= most
