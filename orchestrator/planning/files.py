"""The files that somebody names: clusters, pipelines and jobs of them, each given the variables that it declares."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from orchestrator.checkout import ROOT
from orchestrator.config import extends, variables
from orchestrator.config.cluster import ClusterConfig, load_cluster
from orchestrator.config.near import meant
from orchestrator.config.pipeline import Pipeline, is_pipeline, load_pipeline
from orchestrator.config.reading import read
from orchestrator.errors import UsageError

PIPELINES: Final = "pipelines"
# What every file may declare, and the orchestrator knows by itself.
BUCKET: Final = "bucket"


@dataclass(frozen=True)
class JobName:
    """A pipeline's file and, where only one job of it is meant, its name."""

    path: Path
    job: str | None = None


def job_name(text: str, root: Path = ROOT) -> JobName:
    """Read `PIPELINE[:JOB]`, the pipeline by its file or by its name in pipelines/.

    Raises:
        UsageError: There is no such file.
    """
    for name, job in ((text, None), text.rpartition(":")[::2]):
        for path in (Path(name), root / PIPELINES / f"{name}.yaml"):
            if name and path.is_file():
                return JobName(path, job or None)
    known = sorted(path.stem for path in (root / PIPELINES).glob("*.yaml"))
    raise UsageError(
        f"{text}: expected a pipeline's file, or its name in {PIPELINES}/ ({', '.join(known)}), and after a colon a "
        "job of it where only that is meant"
    )


def is_pipeline_file(path: Path) -> bool:
    """Tell a pipeline's file from a cluster's.

    Raises:
        UsageError: It cannot be opened.
    """
    return is_pipeline(read(path))


def load_files(
    pipeline: Path | None, cluster: Path | None, given: Mapping[str, Any], bucket: str
) -> tuple[Pipeline | None, ClusterConfig | None]:
    """Load a pipeline and a cluster, where `cluster` is None the pipeline's own.

    Raises:
        UsageError: A file cannot be opened, or no file declares a variable that is given.
    """
    known = {BUCKET: bucket, **given}
    if pipeline is None:
        _check(given, _of_cluster(cluster))
        return None, _cluster(cluster, known)
    declared = _of_pipeline(pipeline)
    loaded = load_pipeline(pipeline, _only(known, declared))
    path = cluster or loaded.cluster
    _check(given, declared | _of_cluster(path))
    return loaded, _cluster(path, known)


def _cluster(path: Path | None, known: Mapping[str, Any]) -> ClusterConfig | None:
    return None if path is None else load_cluster(path, _only(known, _of_cluster(path)))


def _only(given: Mapping[str, Any], names: frozenset[str]) -> dict[str, Any]:
    return {name: value for name, value in given.items() if name in names}


def _of_pipeline(path: Path) -> frozenset[str]:
    return _names(read(path).value.get(variables.KEY))


def _of_cluster(path: Path | None) -> frozenset[str]:
    if path is None or not path.is_file():
        return frozenset()
    block = extends.load(path).root.entries().get(variables.KEY)
    return frozenset() if block is None else _names(block.plain())


def _names(block: Any) -> frozenset[str]:
    return frozenset(block) if isinstance(block, Mapping) else frozenset()


def _check(given: Mapping[str, Any], declared: frozenset[str]) -> None:
    unknown = [name for name in given if name not in declared]
    if unknown:
        told = [f"--var {name}: no file declares it{meant(name, sorted(declared))}" for name in unknown]
        raise UsageError("\n".join([*told, f"declared: {', '.join(sorted(declared)) or 'none'}"]))
