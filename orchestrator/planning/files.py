"""The files that somebody names: clusters, pipelines and jobs of them, each given the variables that it declares."""

from collections.abc import Iterable, Mapping
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
from orchestrator.findings import refuse_errors, shown

PIPELINES: Final = "pipelines"
# What every file may declare without a value, and the orchestrator knows by itself.
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
            if name and is_file(path):
                return JobName(path, job or None)
    known = sorted(path.stem for path in (root / PIPELINES).glob("*.yaml"))
    raise UsageError(
        f"{shown(text)}: {_what_it_is(text)}; expected a file, or a pipeline's name in {PIPELINES}/ "
        f"({', '.join(known)}), and after a colon a job of it where only that is meant"
    )


def _what_it_is(text: str) -> str:
    try:
        is_folder = Path(text).is_dir()
    except OSError:
        is_folder = False
    return "a folder" if is_folder else "there is no such file, nor a pipeline of that name"


def is_file(path: Path) -> bool:
    """Tell whether there is such a file; a name that is too long for one is none."""
    try:
        return path.is_file()
    except OSError:
        return False


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
    if pipeline is None:
        _check(given, _of_cluster(cluster))
        return None, _cluster(cluster, given, bucket)
    declared = _of_pipeline(pipeline)
    loaded = load_pipeline(pipeline, _values(declared, given, bucket))
    path = cluster or loaded.cluster
    _check(given, {*declared, *_of_cluster(path)})
    return loaded, _cluster(path, given, bucket)


def with_followers(pipeline: Pipeline, bucket: str) -> list[Pipeline]:
    """Return a pipeline and those that follow its runs, directly or not, each once for the values it is given.

    Raises:
        FindingsError: The file of one that follows has errors.
        UsageError: There is no such pipeline.
    """
    found: dict[tuple[str, str], Pipeline] = {("", ""): pipeline}
    waiting = [pipeline]
    while waiting:
        for action in waiting.pop().then:
            name = (action.target, repr(sorted(action.variables.items())))
            if action.kind == "run" and name not in found:
                path = job_name(action.target).path
                declared = _of_pipeline(path)
                found[name] = load_pipeline(path, _values(declared, action.variables, bucket))
                refuse_errors(found[name].findings)
                waiting.append(found[name])
    return list(found.values())


def _cluster(path: Path | None, given: Mapping[str, Any], bucket: str) -> ClusterConfig | None:
    return None if path is None else load_cluster(path, _values(_of_cluster(path), given, bucket))


def _values(declared: Mapping[str, Any], given: Mapping[str, Any], bucket: str) -> dict[str, Any]:
    """Return the values for a file: of those that are given, what it declares; the bucket where it has none."""
    known = {BUCKET: bucket} if BUCKET in declared and declared[BUCKET] is None else {}
    return {**known, **{name: value for name, value in given.items() if name in declared}}


def _of_pipeline(path: Path) -> Mapping[str, Any]:
    return _block(read(path).value.get(variables.KEY))


def _of_cluster(path: Path | None) -> Mapping[str, Any]:
    if path is None or not is_file(path):
        return {}
    block = extends.load(path).root.entries().get(variables.KEY)
    return {} if block is None else _block(block.plain())


def _block(block: Any) -> Mapping[str, Any]:
    return block if isinstance(block, Mapping) else {}


def _check(given: Mapping[str, Any], declared: Iterable[str]) -> None:
    unknown = [name for name in given if name not in declared]
    if unknown:
        told = [f"--var {name}: no file declares it{meant(name, sorted(declared))}" for name in unknown]
        raise UsageError("\n".join([*told, f"declared: {', '.join(sorted(declared)) or 'none'}"]))
