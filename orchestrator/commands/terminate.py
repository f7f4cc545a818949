"""The command `orchestrator terminate`."""

from typing import Annotated

import typer

from orchestrator.commands.context import context
from orchestrator.commands.options import Bucket, Local, Output, OutputFormat, Profile, Region, Timeout, Yes
from orchestrator.commands.printing import print_rows, say
from orchestrator.errors import RefusedError
from orchestrator.verbs.terminate import targets
from orchestrator.verbs.terminate import terminate as end_clusters


def terminate(  # noqa: PLR0913 - the options of a command are its parameters
    clusters: Annotated[list[str], typer.Argument(help="Ids, names, or tokens of clusters.")],
    *,
    yes: Yes = False,
    lift_protection: Annotated[
        bool, typer.Option("--lift-protection", help="End protected clusters too.")
    ] = False,
    output: Output = OutputFormat.TABLE,
    local: Local = False,
    profile: Profile = None,
    region: Region = None,
    bucket: Bucket = None,
    timeout: Timeout = 300.0,
) -> None:
    """End clusters of ours; without --yes only show which."""
    found = context(local, profile, region, bucket)
    until = found.until(timeout)
    wanted = targets(found.emr, found.owner, clusters, until, is_protection_lifted=lift_protection)
    faults = {each.cluster_id: each.error for each in end_clusters(found.emr, wanted, until)} if yes else {}
    rows = [
        {
            "id": each.cluster_id,
            "name": each.name,
            "state": each.state,
            "action": "goes on"
            if each.cluster_id in faults
            else _action(is_active=each.is_active, is_done=yes),
            "error": faults.get(each.cluster_id),
        }
        for each in wanted
    ]
    print_rows(rows, ["id", "name", "state", "action"], output)
    if not yes and any(each.is_active for each in wanted):
        say("nothing was ended: --yes does it")
    if faults:
        raise RefusedError("; ".join(f"{cluster_id}: {error}" for cluster_id, error in faults.items()))


def _action(*, is_active: bool, is_done: bool) -> str:
    if not is_active:
        return "has ended"
    return "is ending" if is_done else "would end"
