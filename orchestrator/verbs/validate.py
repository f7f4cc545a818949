"""Tell all that is wrong with cluster files and pipelines, offline."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orchestrator.config.cluster import load_cluster
from orchestrator.config.pipeline import is_pipeline, pipeline_findings
from orchestrator.config.reading import read
from orchestrator.errors import UsageError
from orchestrator.findings import Finding, Level


@dataclass(frozen=True)
class Validated:
    """A file, those that were read for it, and what was found."""

    file: str
    files: tuple[str, ...]
    findings: tuple[Finding, ...]


def validate(paths: Iterable[Path], variables: Mapping[str, Any]) -> tuple[Validated, ...]:
    """Validate files, each by itself, with the same variables; a file that cannot be read is a finding."""
    return tuple(_validated(path, variables) for path in paths)


def _validated(path: Path, variables: Mapping[str, Any]) -> Validated:
    try:
        if is_pipeline(read(path)):
            return Validated(str(path), (str(path),), tuple(pipeline_findings(path, variables)))
        config = load_cluster(path, variables)
    except UsageError as unread:
        problem = str(unread).removeprefix(f"{path}: ")
        finding = Finding(level=Level.ERROR, file=str(path), problem=problem)
        return Validated(str(path), (str(path),), (finding,))
    return Validated(config.file, config.files, config.findings)
