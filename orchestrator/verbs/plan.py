"""Plans what somebody asks for: the launch of a cluster's file, or a run of a pipeline or one of its jobs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from orchestrator.aws.objects import Objects
from orchestrator.checkout import ROOT
from orchestrator.config.cluster import ClusterConfig
from orchestrator.engine.edge import Edge
from orchestrator.errors import UsageError
from orchestrator.identity import digest
from orchestrator.packaging.deploy import Collected, collect
from orchestrator.planning import clusters, standing
from orchestrator.planning.files import is_pipeline_file, job_name, load_files
from orchestrator.planning.runs import Request, plan_run, uploads
from orchestrator.planning.standing import Standing
from orchestrator.plans import Plan, decode
from orchestrator.secrets import find_secrets


@dataclass(frozen=True)
class Asked:
    """What somebody asks for.

    `what` is a plan's file, a cluster's file, or `PIPELINE[:JOB]`; `job` is `PIPELINE:JOB` beside a cluster's file;
    `cluster` a cluster's id or another cluster file than the pipeline's own.
    """

    what: str
    job: str | None = None
    cluster: str | None = None
    key: str | None = None
    variables: Mapping[str, Any] = field(default_factory=dict)
    root: Path = ROOT


@dataclass(frozen=True)
class Planned:
    """A plan, the files that it is about, and what there is already of it."""

    plan: Plan
    collected: Collected
    standing: Standing


def plan(edge: Edge, objects: Objects, bucket: str, asked: Asked, until: float) -> Planned:
    """Plan it; nothing is changed.

    Raises:
        UsageError: A file has errors, or what is asked for does not fit together.
        RefusedCallError: Inputs may not be listed.
    """
    _refuse_secret(asked.key)
    collected = collect(bucket, asked.root)
    path = Path(asked.what)
    if path.suffix == ".json" and path.is_file() and (read := _read(path)) is not None:
        return _of_file(edge, read, bucket, collected, str(path), until)
    made = _make(objects, bucket, asked, collected, until)
    found = standing.look(edge, made, until)
    return Planned(standing.settled(made, found), collected, found)


def _refuse_secret(key: str | None) -> None:
    """Refuse a key that would stand in the state, and in what is printed, for all to read."""
    for _, kind in find_secrets(key or ""):
        raise UsageError(
            f"--key: holds what looks like a secret ({kind}), and it is kept and shown with the run; expected some name"
        )


def _read(path: Path) -> Plan | None:
    """Read a plan; None where the file is a cluster's, in JSON."""
    body = path.read_bytes()
    return decode(str(path), body) if b'"run_id"' in body else None


def _of_file(edge: Edge, read: Plan, bucket: str, collected: Collected, file: str, until: float) -> Planned:
    if read.bucket != bucket:
        raise UsageError(
            f"{file}: planned for the bucket {read.bucket}, not for {bucket}: give --bucket {read.bucket}"
        )
    found = standing.look(edge, read, until)
    if standing.settled(read, found) != read and found.record is None:
        raise UsageError(
            f"{file}: since it was planned, a cluster has been launched or has ended: it would be number "
            f"{found.number} in its row now, not {read.cluster.number}; plan again"
        )
    return Planned(read, collected, found)


def _make(objects: Objects, bucket: str, asked: Asked, collected: Collected, until: float) -> Plan:
    path = Path(asked.what)
    if path.is_file() and not is_pipeline_file(path):
        if asked.job is None:
            return _launch(asked, path, bucket, collected)
        return _run(objects, bucket, asked, collected, until, named=asked.job, cluster=path)
    if asked.job is not None:
        raise UsageError(
            f"--job {asked.job}: it goes with a cluster's file, got {asked.what}; name it PIPELINE:JOB instead"
        )
    return _run(objects, bucket, asked, collected, until, named=asked.what, cluster=None)


def _launch(asked: Asked, path: Path, bucket: str, collected: Collected) -> Plan:
    _, config = load_files(None, path, asked.variables, bucket)
    assert config is not None  # noqa: S101 - a file was named
    cluster = clusters.shared(config, bucket, asked.key or "", collected.artifacts)
    return Plan(
        name=str(config.request["Name"]),
        run_id=f"r{digest('launch', cluster.base)}",
        key=asked.key or "",
        bucket=bucket,
        cluster=cluster,
        uploads=uploads(collected),
        warnings=clusters.warnings(config),
    )


def _run(  # noqa: PLR0913 - what a run's plan depends on
    objects: Objects,
    bucket: str,
    asked: Asked,
    collected: Collected,
    until: float,
    *,
    named: str,
    cluster: Path | None,
) -> Plan:
    found = job_name(named, asked.root)
    other = asked.cluster if asked.cluster and not asked.cluster.startswith("j-") else None
    path = cluster or (Path(other) if other else None)
    pipeline, config = load_files(found.path, path, asked.variables, bucket)
    assert pipeline is not None  # noqa: S101 - a file was named
    given: str | ClusterConfig | None = asked.cluster if asked.cluster and other is None else config
    if given is None:
        raise UsageError(
            f"{pipeline.file}: cluster: it names none; give a running one (--cluster j-…) or a file (--cluster FILE)"
        )
    return plan_run(Request(pipeline, given, bucket, asked.key, found.job), collected, objects, until)
