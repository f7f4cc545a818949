"""From a pipeline to the plan of a run: ids, pinned inputs, steps, cluster."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from orchestrator.aws.objects import Objects
from orchestrator.config.cluster import ClusterConfig
from orchestrator.config.pipeline import Pipeline
from orchestrator.errors import UsageError
from orchestrator.findings import Level, refuse_errors
from orchestrator.identity import Token, digest, run_id
from orchestrator.job_runs import Defaults, job_run
from orchestrator.job_spec import UPSTREAM, JobSpec
from orchestrator.ownership import OWNER, RUN
from orchestrator.packaging.deploy import Collected
from orchestrator.planning import clusters
from orchestrator.planning.inputs import Listing, list_inputs
from orchestrator.plans import Plan, PlannedAction, PlannedCluster, PlannedJob, Upload
from orchestrator.rules.application import Application
from orchestrator.steps import StepRun, Upstream, arguments, step
from orchestrator.trigger_spec import RUN_ID, Action

DEFAULT_TIME_LIMIT_S: Final = 86_400.0


@dataclass(frozen=True)
class Request:
    """What somebody asks for: a pipeline or one job of it, on which cluster, under which key.

    `cluster` is a cluster's id, or the cluster file to use; `listed` are the objects that jobs are to read, where that
    is known already.
    """

    pipeline: Pipeline
    cluster: str | ClusterConfig
    bucket: str
    key: str | None = None
    only: str | None = None
    listed: Mapping[str, Listing] = field(default_factory=dict)


def plan_run(request: Request, collected: Collected, objects: Objects, until: float) -> Plan:
    """Plan a run; nothing is changed, inputs are listed.

    Raises:
        FindingsError: The pipeline's file has errors.
        UsageError: What is asked for does not fit together.
        RefusedCallError: Inputs may not be listed.
    """
    pipeline = request.pipeline
    refuse_errors(pipeline.findings)
    specs = _specs(pipeline, request.only)
    listings = {
        name: request.listed.get(name) or _listing(spec, objects, until) for name, spec in specs.items()
    }
    key = request.key or digest("inputs", {name: each.key for name, each in listings.items() if each})
    run = run_id("run", {"pipeline": pipeline.name, "jobs": [_facts(spec) for spec in specs.values()]}, key)
    is_own = isinstance(request.cluster, ClusterConfig) and not clusters.keeps_alive(request.cluster)
    action = "TERMINATE_CLUSTER" if is_own else "CONTINUE"
    jobs = _jobs(
        _Making(request.bucket, run, key, collected, listings, action, _defaults(request, run)), specs
    )
    return Plan(
        name=pipeline.name if request.only is None else f"{pipeline.name}:{request.only}",
        run_id=run,
        key=key,
        bucket=request.bucket,
        cluster=_cluster(request, run, collected, jobs),
        jobs=jobs,
        uploads=uploads(collected)
        + [_pinned(request.bucket, each) for each in listings.values() if each and each.uris],
        warnings=_warnings(request),
        then=[] if request.only else _actions(pipeline.then, run, jobs, pipeline),
    )


def _actions(
    actions: Sequence[Action], run: str, jobs: Sequence[PlannedJob], pipeline: Pipeline
) -> list[PlannedAction]:
    """Fill in what actions say of the run: they follow a run of the whole pipeline."""
    manifests = {job.name: job.manifest for job in jobs}

    def place(found: re.Match[str]) -> str:
        if found["what"] == "manifest":
            return manifests[found["job"]]
        return str(getattr(pipeline.jobs[found["job"]], found["what"]))

    return [
        PlannedAction(
            id=digest("then", run, at),
            kind=each.kind,
            text=UPSTREAM.sub(place, each.text).replace(RUN_ID, run),
            target=each.target,
            database=each.database,
            results=each.results,
            variables=dict(each.variables),
        )
        for at, each in enumerate(actions)
    ]


def uploads(collected: Collected) -> list[Upload]:
    """Return what of the checkout has to stand on S3."""
    return [Upload(uri=file.uri, sha256=file.sha256) for file in collected.files]


@dataclass(frozen=True)
class _Making:
    """What the steps of a run have in common."""

    bucket: str
    run: str
    key: str
    collected: Collected
    listings: Mapping[str, Listing | None]
    action: str
    job_runs: Defaults | None

    def manifest(self, job_run: str) -> str:
        """Place the manifest of a job's run."""
        return f"s3://{self.bucket}/_state/manifests/{job_run}.json"

    def step(self, spec: JobSpec, run: StepRun, token: Token, time_limit_s: float) -> dict[str, Any]:
        """Make the step of a job or, on EMR Serverless, its job run."""
        artifacts = self.collected.artifacts
        if self.job_runs is not None:
            return job_run(spec, run, artifacts, self.job_runs, str(token), time_limit_s)
        return step(spec.name, arguments(spec, run, artifacts), self.action)


def _specs(pipeline: Pipeline, only: str | None) -> dict[str, JobSpec]:
    if only is None:
        return dict(pipeline.jobs)
    if only not in pipeline.jobs:
        raise UsageError(
            f"{pipeline.file}: expected one of its jobs ({', '.join(pipeline.jobs)}), got {only!r}"
        )
    return {only: _alone(pipeline, pipeline.jobs[only])}


def _alone(pipeline: Pipeline, spec: JobSpec) -> JobSpec:
    """Put in where the tables of the jobs before are: that is known without a run of theirs, a manifest is not."""
    texts = (*spec.inputs, *spec.arguments)
    asked = {
        found.group() for text in texts for found in UPSTREAM.finditer(text) if found["what"] == "manifest"
    }
    if asked:
        raise UsageError(
            f"{pipeline.file}: jobs.{spec.name}: it asks for {', '.join(sorted(asked))}, which a run without the jobs "
            f"before it does not have; run the whole pipeline: orchestrator run {pipeline.file}"
        )

    def filled(texts: Sequence[str]) -> tuple[str, ...]:
        return tuple(
            UPSTREAM.sub(lambda found: str(getattr(pipeline.jobs[found["job"]], found["what"])), text)
            for text in texts
        )

    return replace(spec, inputs=filled(spec.inputs), arguments=filled(spec.arguments))


def _listing(spec: JobSpec, objects: Objects, until: float) -> Listing | None:
    """List what a job reads that no job before it writes."""
    inputs = [uri for uri in spec.inputs if not UPSTREAM.search(uri)]
    if not inputs:
        return None
    return list_inputs(objects, inputs, until, is_pinned=spec.pin_inputs)


def _facts(spec: JobSpec) -> dict[str, Any]:
    """Return what makes a job another one; how it is run (conf, retries, limits) does not."""
    return {
        "name": spec.name,
        "entry_point": spec.entry_point,
        "inputs": list(spec.inputs),
        "output": spec.output,
        "quarantine": spec.quarantine,
        "arguments": list(spec.arguments),
        "format": spec.format,
    }


def _jobs(making: _Making, specs: Mapping[str, JobSpec]) -> list[PlannedJob]:
    upstream: dict[str, Upstream] = {}
    planned = []
    for name, spec in specs.items():
        job_run = run_id("job", {"run": making.run, "job": name}, making.key)
        upstream[name] = Upstream(spec.output, making.manifest(job_run), spec.quarantine)
        planned.append(_job(making, spec, job_run, upstream, list(specs)))
    return planned


def _job(
    making: _Making, spec: JobSpec, job_run: str, upstream: Mapping[str, Upstream], names: Sequence[str]
) -> PlannedJob:
    listing = making.listings[spec.name]
    pinned = _pinned(making.bucket, listing).uri if listing and listing.uris else None
    run = StepRun(job_run, making.manifest(job_run), pinned, upstream)
    limit = spec.time_limit_minutes or (making.job_runs.time_limit_minutes if making.job_runs else None)
    limit_s = DEFAULT_TIME_LIMIT_S if limit is None else limit * 60.0
    base = digest("step", making.run, spec.name)
    return PlannedJob(
        name=spec.name,
        run_id=job_run,
        base=base,
        step=making.step(spec, run, Token(base), limit_s),
        output=spec.output,
        manifest=run.manifest,
        follows=[name for name in spec.follows if name in names],
        retries=spec.retries,
        time_limit_s=limit_s,
    )


def _pinned(bucket: str, listing: Listing) -> Upload:
    uri = f"s3://{bucket}/_state/inputs/{listing.sha256[:20]}.txt"
    return Upload(uri=uri, sha256=listing.sha256, text=listing.text)


def _cluster(request: Request, run: str, collected: Collected, jobs: Sequence[PlannedJob]) -> PlannedCluster:
    config = request.cluster
    if not isinstance(config, ClusterConfig):
        return clusters.given(config)
    if clusters.keeps_alive(config):
        return clusters.shared(config, request.bucket, "", collected.artifacts)
    return clusters.own(config, request.bucket, run, collected.artifacts, jobs, request.pipeline.name)


def _defaults(request: Request, run: str) -> Defaults | None:
    """Return what all job runs of an application have; None where steps are EMR's."""
    config = request.cluster
    if not isinstance(config, ClusterConfig) or config.job_run is None:
        return None
    known = Application(config.request, config.job_run, config.environment, config.limits).spark()
    tags = {OWNER: request.bucket, RUN: run}
    return Defaults(config.job_run, config.environment, frozenset(known), tags)


def _warnings(request: Request) -> list[str]:
    told = [str(each) for each in request.pipeline.findings if each.level is Level.WARNING]
    return told + (clusters.warnings(request.cluster) if isinstance(request.cluster, ClusterConfig) else [])
