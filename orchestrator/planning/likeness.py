"""Whether a long-running cluster that lives is the one that a file asks for now: its token does not say so.

The token comes from owner, Name and key, so that a file may be changed without a second cluster coming up unasked. A
hash of the request stands in a tag; what differs is told as far as DescribeCluster tells it.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from orchestrator.ownership import REQUEST

_HIDDEN: Final = "in what EMR does not tell of it: fleets, configurations or bootstrap actions"


def unlike(cluster: Mapping[str, Any], request: Mapping[str, Any], *, has_key: bool) -> str | None:
    """Say how a cluster was made from another request, and how to get a new one; None where it was not.

    Args:
        cluster: What EMR tells of the living one (DescribeCluster).
        request: What would be sent now.
        has_key: Whether another --key makes another cluster.
    """
    living, wanted = _tags(cluster), _tags(request)
    if REQUEST not in wanted or living.get(REQUEST) == wanted[REQUEST]:
        return None
    told = ", ".join(_differences(cluster, request))
    if not told and REQUEST not in living:
        return None
    another = "launch with another --key, or end it first" if has_key else "end it first"
    return (
        f"{cluster['Id']} was made from another request than the file asks for now ({told or _HIDDEN}), and is used as "
        f"it is; for a new one {another}: orchestrator terminate {cluster['Id']} --yes"
    )


def _differences(cluster: Mapping[str, Any], request: Mapping[str, Any]) -> Iterator[str]:
    for name, default in (
        ("ReleaseLabel", None),
        ("StepConcurrencyLevel", 1),
        ("SecurityConfiguration", None),
    ):
        asked = request.get(name) or request.get(name[0].lower() + name[1:])
        found, now = cluster.get(name) or default, asked or default
        if found != now:
            yield f"{name} {found or 'none'}, now {now or 'none'}"
    there = {str(each.get("Name")).lower() for each in cluster.get("Applications") or ()}
    missing = [
        each["Name"] for each in request.get("Applications") or () if each["Name"].lower() not in there
    ]
    if missing:
        yield f"without {', '.join(missing)}"
    living = _tags(cluster)
    for key, value in _tags(request).items():
        if key != REQUEST and living.get(key) != value:
            yield f"tag {key} {living.get(key, 'none')}, now {value}"


def _tags(told: Mapping[str, Any]) -> dict[str, str]:
    """Read tags as EMR writes them, or, of an application's request, as EMR Serverless does."""
    of_application = {str(key): str(value) for key, value in (told.get("tags") or {}).items()}
    return of_application | {str(tag["Key"]): str(tag.get("Value", "")) for tag in told.get("Tags") or ()}
