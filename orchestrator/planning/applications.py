"""Which application of EMR Serverless, and the request that makes it: it is used as a long-running cluster is."""

from collections.abc import Mapping
from typing import Any

from orchestrator.config.cluster import ClusterConfig
from orchestrator.config.model import CREATE_APPLICATION
from orchestrator.config.shape import check_shape
from orchestrator.findings import Finding, refuse_errors
from orchestrator.identity import Token, digest, named_application
from orchestrator.ownership import Ownership
from orchestrator.plans import ClusterKind, PlannedCluster
from orchestrator.secrets import secret_findings


def application(
    config: ClusterConfig, owner: str, key: str, limits: tuple[float | None, float | None]
) -> PlannedCluster:
    """Plan the application of a file.

    Raises:
        UsageError: The file, or the request made of it, has errors.
    """
    base = digest("application", owner, config.request["name"], key)
    ownership = Ownership(owner, None, *limits, digest("request", config.request, limits))
    request = _request(config, ownership, Token(base))
    return PlannedCluster(
        kind=ClusterKind.SHARED, why=f"the application of {config.file}", base=base, request=request
    )


def _request(config: ClusterConfig, ownership: Ownership, token: Token) -> dict[str, Any]:
    tags: Mapping[str, str] = {tag["Key"]: tag["Value"] for tag in ownership.tags()}
    request = {
        **config.request,
        "name": named_application(str(config.request["name"]), token),
        "clientToken": str(token),
        "tags": {**config.request.get("tags", {}), **tags},
    }
    refuse_errors(secret_findings(config.file, request))
    problems = check_shape(request, CREATE_APPLICATION).problems
    refuse_errors([Finding(file=config.file, **vars(each)) for each in problems])
    return request
