"""A cluster file: from YAML to the request that `run_job_flow` takes, with all that is wrong with it.

The straight line: read, extend, fill in variables, take our keys out, check the shape, then the rules. With
`target: serverless` it is what `create_application` takes, and what its job runs have (orchestrator.config.target).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from orchestrator.config import extends, limits, target, variables
from orchestrator.config.limits import Limits
from orchestrator.config.secret import without_secret
from orchestrator.config.variables import parse_variable, parse_variables
from orchestrator.config.written import Written
from orchestrator.findings import Finding, ValuePath
from orchestrator.problems import Problem

__all__ = ["ClusterConfig", "Limits", "load_cluster", "parse_variable", "parse_variables"]

OUR_KEYS: Final = (extends.KEY, variables.KEY, limits.KEY)


@dataclass(frozen=True)
class ClusterConfig:
    """A cluster file as it is meant.

    `request` is what `run_job_flow` takes, to be used where `findings` has no errors; `files` all that were read, the
    user's first. Of an application of EMR Serverless `request` is what `create_application` takes, `job_run` what
    all of its job runs have, and `environment` the archive with their Python, where they bring one.
    """

    file: str
    request: dict[str, Any]
    limits: Limits
    findings: tuple[Finding, ...]
    files: tuple[str, ...]
    job_run: Mapping[str, Any] | None = None
    environment: str | None = None

    @property
    def is_serverless(self) -> bool:
        """Tell whether it is an application of EMR Serverless."""
        return self.job_run is not None


def load_cluster(path: Path, variables: Mapping[str, Any]) -> ClusterConfig:
    """Load a cluster file; what is wrong in it is told by its findings.

    Args:
        path: The file.
        variables: Values that win over those in the file, by name.

    Raises:
        UsageError: Where the file cannot be opened.
    """
    extended = extends.load(path)
    return _made(extended, variables, str(path))


def _made(extended: extends.Extended, given: Mapping[str, Any], file: str) -> ClusterConfig:
    if extended.findings and not extended.root.entries():
        return ClusterConfig(file, {}, Limits(), extended.findings, extended.files)
    filled = variables.fill(extended.root, given, file)
    entries = filled.root.entries()
    block = entries.get(limits.KEY)
    checked = limits.check_limits(None if block is None else block.plain())
    read = target.read({name: each.plain() for name, each in entries.items() if name not in OUR_KEYS})
    of_shape: tuple[Problem, ...] = (*checked.problems, *read.problems)
    # What has been told of already is not told again as a consequence.
    unfilled = [each.path for each in filled.findings]
    known = [*unfilled, *(each.path for each in extended.findings), *(each.path for each in of_shape)]
    of_rules = [each for each in read.rules(checked.limits) if not _touches(each.path, known)]
    found = _placed((each for each in of_shape if not _touches(each.path, unfilled)), filled.root)
    findings = (*extended.findings, *filled.findings, *found, *_placed(of_rules, filled.root))
    return ClusterConfig(
        file,
        read.request,
        checked.limits,
        tuple(map(without_secret, findings)),
        extended.files,
        read.job_run,
        read.environment,
    )


def _touches(path: ValuePath, others: Iterable[ValuePath]) -> bool:
    """Tell whether a value is another one, or within it, or around it; the whole file does not count."""
    return any(path and other and path[: len(other)] == other[: len(path)] for other in others)


def _placed(problems: Iterable[Problem], root: Written) -> Iterator[Finding]:
    for each in problems:
        place = root.at(each.path)
        yield Finding(file=place.file, line=place.line, **asdict(each))
