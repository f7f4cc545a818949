"""What is wrong with a value, or not advisable: a finding before it is known where the value was written."""

from dataclasses import dataclass

from orchestrator.findings import Level, ValuePath


@dataclass(frozen=True, kw_only=True)
class Problem:
    """A finding without file and line, as in `orchestrator.findings.Finding`."""

    level: Level
    path: ValuePath
    problem: str
    value: str | None = None
    expected: str | None = None
    source: str | None = None
