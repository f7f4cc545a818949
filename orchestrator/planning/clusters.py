"""Which cluster, and the request that makes it: from a cluster file to what RunJobFlow is sent."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from orchestrator.config.cluster import ClusterConfig
from orchestrator.errors import UsageError
from orchestrator.findings import Level, refuse_errors
from orchestrator.identity import Token, digest, named
from orchestrator.ownership import Ownership
from orchestrator.packaging.artifacts import Artifacts
from orchestrator.packaging.bootstrap import with_bootstrap
from orchestrator.planning.applications import application
from orchestrator.planning.checking import refuse_request
from orchestrator.plans import ClusterKind, PlannedCluster, PlannedJob, step_of
from orchestrator.secrets import secret_findings

_SECONDS: Final = 3600


def keeps_alive(config: ClusterConfig) -> bool:
    """Tell a long-running cluster from one that ends after its steps; an application stays."""
    return config.is_serverless or bool(
        config.request.get("Instances", {}).get("KeepJobFlowAliveWhenNoSteps")
    )


def shared(config: ClusterConfig, owner: str, key: str, artifacts: Artifacts) -> PlannedCluster:
    """Plan the long-running cluster, or the application, of a file.

    Raises:
        UsageError: The file has errors, or its cluster ends itself.
    """
    refuse_errors(config.findings)
    if not keeps_alive(config):
        raise UsageError(
            f"{config.file}: its cluster ends itself after its steps (KeepJobFlowAliveWhenNoSteps is not true), and "
            "would have none: name a job (launch FILE --job JOB, or run JOB), or take a long-running cluster's file"
        )
    if config.is_serverless:
        return application(config, owner, key, _limits(config))
    base = digest("cluster", owner, config.request["Name"], key)
    made_from = digest("request", with_bootstrap(config.request, artifacts), _limits(config))
    ownership = Ownership(owner, None, *_limits(config), made_from)
    request = _request(config, ownership, Token(base), artifacts, [])
    refuse_request(config.file, request, config.limits)
    return PlannedCluster(
        kind=ClusterKind.SHARED, why=f"the long-running cluster of {config.file}", base=base, request=request
    )


def own(
    config: ClusterConfig,
    owner: str,
    run_id: str,
    artifacts: Artifacts,
    jobs: Sequence[PlannedJob],
    name: str,
) -> PlannedCluster:
    """Plan a cluster for one run, which carries its steps and ends itself.

    Raises:
        UsageError: The file or the request made of it has errors, or its cluster would not end when a step fails.
    """
    refuse_errors(config.findings)
    if config.request.get("StepConcurrencyLevel", 1) > 1:
        raise UsageError(
            f"{config.file}: StepConcurrencyLevel: expected 1 for a cluster of its own, got "
            f"{config.request['StepConcurrencyLevel']}: it gets all steps of {name} at once, in their order, and has "
            "to end when one fails, which EMR does not do where steps run beside each other; leave the key out, or "
            "take a long-running cluster's file (--cluster FILE)"
        )
    if config.request.get("Steps"):
        raise UsageError(
            f"{config.file}: Steps: expected none, as the run brings its own; make them jobs of a pipeline"
        )
    base = digest("cluster", owner, run_id)
    titled = replace(config, request={**config.request, "Name": f"{config.request['Name']} {name}"})
    request = _request(titled, Ownership(owner, run_id, *_limits(config)), Token(base), artifacts, jobs)
    refuse_request(config.file, request, config.limits, name)
    return PlannedCluster(
        kind=ClusterKind.OWN,
        why=f"a cluster of its own by {config.file}, which ends itself after the last step",
        base=base,
        request=request,
    )


def given(cluster_id: str) -> PlannedCluster:
    """Plan to use a cluster that was named."""
    return PlannedCluster(kind=ClusterKind.GIVEN, why="named on the command line", id=cluster_id)


def warnings(config: ClusterConfig) -> list[str]:
    """Return the advice on a cluster file."""
    return [str(finding) for finding in config.findings if finding.level is Level.WARNING]


def _limits(config: ClusterConfig) -> tuple[float | None, float | None]:
    hours = config.limits.max_lifetime_hours
    return None if hours is None else hours * _SECONDS, config.limits.idle_timeout_seconds


def _request(
    config: ClusterConfig,
    ownership: Ownership,
    token: Token,
    artifacts: Artifacts,
    jobs: Sequence[PlannedJob],
) -> dict[str, Any]:
    request = with_bootstrap(config.request, artifacts)
    request["Name"] = named(str(request["Name"]), token)
    request["Tags"] = _tags(request.get("Tags") or [], ownership.tags())
    if jobs:
        request["Steps"] = [step_of(job, token.number) for job in jobs]
    refuse_errors(secret_findings(config.file, request))
    return request


def _tags(written: Sequence[Mapping[str, str]], ours: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
    """Put our tags after those of the file; ours win, as the reaper goes by them."""
    keys = {tag["Key"] for tag in ours}
    return [dict(tag) for tag in written if tag.get("Key") not in keys] + [dict(tag) for tag in ours]
