"""Plans what somebody asks for: the launch of a cluster's file, or a run of a pipeline or one of its jobs."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import msgspec

from orchestrator.aws.objects import Objects
from orchestrator.aws.serverless_words import is_id
from orchestrator.checkout import ROOT
from orchestrator.config.cluster import ClusterConfig
from orchestrator.engine.edge import Edge
from orchestrator.engine.records import State
from orchestrator.errors import UsageError
from orchestrator.identity import digest
from orchestrator.packaging.deploy import Collected, collect
from orchestrator.planning import clusters, standing
from orchestrator.planning.files import is_file, is_pipeline_file, job_name, load_files
from orchestrator.planning.inputs import Listing
from orchestrator.planning.runs import Request, plan_run, uploads
from orchestrator.planning.standing import Standing
from orchestrator.plans import Plan, decode
from orchestrator.secrets import find_secrets

_CLUSTER: Final = re.compile(r"j-[A-Z0-9]+")
# What only plans have, of all JSON that may be named in their place.
_MARK: Final = "run_id"


@dataclass(frozen=True)
class Asked:
    """What somebody asks for.

    `what` is a plan's file, a cluster's file, or `PIPELINE[:JOB]`; `job` is `PIPELINE:JOB` beside a cluster's file;
    `cluster` a cluster's id or another file than the pipeline's own; `listed` the objects that jobs read, by the
    names of jobs, where they are not to be listed anew.
    """

    what: str
    job: str | None = None
    cluster: str | None = None
    key: str | None = None
    variables: Mapping[str, Any] = field(default_factory=dict)
    root: Path = ROOT
    listed: Mapping[str, Listing] = field(default_factory=dict)


@dataclass(frozen=True)
class Planned:
    """A plan, the files that it is about, what there is already of it, and whether it was read from its file."""

    plan: Plan
    collected: Collected
    standing: Standing
    is_read: bool = False

    @property
    def launches(self) -> bool:
        """Tell whether a new cluster would be launched."""
        return self.plan.cluster.request is not None and self.standing.cluster_id is None


def plan(edge: Edge, objects: Objects, bucket: str, asked: Asked, until: float) -> Planned:
    """Plan it; nothing is changed.

    Raises:
        UsageError: A file has errors, or what is asked for does not fit together.
        RefusedCallError: Inputs may not be listed.
    """
    _refuse_secret(asked.key)
    collected = collect(bucket, asked.root)
    path = Path(asked.what)
    if is_file(path) and (read := _read(path)) is not None:
        _refuse_settings(asked)
        return _of_file(edge, read, bucket, collected, str(path), until)
    if asked.key == "":
        raise UsageError(
            "--key: expected some text, got none; without --key it is a hash of the inputs' listing"
        )
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
    """Read a plan; None where the file is no plan: a pipeline's or a cluster's, which may be JSON too."""
    try:
        body = path.read_bytes()
    except OSError as fault:
        raise UsageError(f"{path}: cannot be read: {fault.strerror}") from fault
    return decode(str(path), body) if looks_like_a_plan(body) else None


def looks_like_a_plan(body: bytes) -> bool:
    """Tell what a plan's file may hold, of whatever format, from all else."""
    try:
        value = msgspec.json.decode(body)
    except msgspec.DecodeError:
        return False
    return isinstance(value, dict) and _MARK in value


def _refuse_settings(asked: Asked) -> None:
    settings = {
        "--job": asked.job,
        "--cluster": asked.cluster,
        "--key": asked.key,
        "--var": asked.variables or None,
    }
    given = [name for name, value in settings.items() if value is not None]
    if given:
        raise UsageError(
            f"{asked.what}: a plan is carried out as it is, got {', '.join(given)} beside it; plan again with that"
        )


def _of_file(edge: Edge, read: Plan, bucket: str, collected: Collected, file: str, until: float) -> Planned:
    if read.bucket != bucket:
        raise UsageError(
            f"{file}: planned for the bucket {read.bucket}, not for {bucket}: give --bucket {read.bucket}"
        )
    found = standing.look(edge, read, until)
    if found.record is not None and found.record.state not in {State.FAILED, State.CANCELLED}:
        return Planned(read, collected, found, is_read=True)  # nothing new of it begins
    if standing.settled(read, found) != read:
        what = "a cluster of its row has been launched" if found.record is None else "its run has been tried"
        raise UsageError(
            f"{file}: since it was planned, {what}: its cluster would be number {found.number} now, not "
            f"{read.cluster.number}; plan again"
        )
    return Planned(read, collected, found, is_read=True)


def _make(objects: Objects, bucket: str, asked: Asked, collected: Collected, until: float) -> Plan:
    path = Path(asked.what)
    if is_file(path) and not is_pipeline_file(path):
        if asked.cluster is not None:
            raise UsageError(
                f"{path}: a cluster's file, expected PIPELINE[:JOB] beside the cluster {asked.cluster}"
            )
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
        name=str(config.request["name" if config.is_serverless else "Name"]),
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
    if asked.cluster and is_id(asked.cluster) and not is_file(Path(asked.cluster)):
        raise UsageError(
            f"--cluster {asked.cluster}: an application of EMR Serverless, whose file says what its job runs have; "
            "name the file, which finds the application"
        )
    other = asked.cluster if asked.cluster and not _CLUSTER.fullmatch(asked.cluster) else None
    if other and not is_file(Path(other)):
        raise UsageError(
            f"--cluster {other}: expected the id of a cluster (j-…) or a file, there is no such file"
        )
    path = cluster or (Path(other) if other else None)
    pipeline, config = load_files(found.path, path, asked.variables, bucket)
    assert pipeline is not None  # noqa: S101 - a file was named
    if cluster is not None and config is not None and clusters.keeps_alive(config):
        raise UsageError(
            f"{cluster}: --job wants a cluster that ends itself after the job, and this one stays "
            f"(KeepJobFlowAliveWhenNoSteps); run the job on it: orchestrator run {named} --cluster {cluster}"
        )
    given: str | ClusterConfig | None = asked.cluster if asked.cluster and other is None else config
    if given is None:
        raise UsageError(
            f"{pipeline.file}: cluster: it names none; give a running one (--cluster j-…) or a file (--cluster FILE)"
        )
    request = Request(pipeline, given, bucket, asked.key, found.job, asked.listed)
    return plan_run(request, collected, objects, until)
