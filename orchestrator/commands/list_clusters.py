"""The command `orchestrator list`."""

from typing import Annotated

import typer

from orchestrator.commands.context import context
from orchestrator.commands.options import Bucket, Local, Output, OutputFormat, Profile, Region, Timeout
from orchestrator.commands.printing import print_rows
from orchestrator.verbs import list_clusters as verb


def list_clusters(  # noqa: PLR0913 - the options of a command are its parameters
    *,
    wide: Annotated[
        bool, typer.Option("--wide", "-w", help="Ask for each cluster: its lifetime left, and its fleets.")
    ] = False,
    with_ended: Annotated[bool, typer.Option("--all", help="Also those that have ended.")] = False,
    output: Output = OutputFormat.TABLE,
    local: Local = False,
    profile: Profile = None,
    region: Region = None,
    bucket: Bucket = None,
    timeout: Timeout = 300.0,
) -> None:
    """List our clusters: those whose names carry a token, and with --wide the owner's tag."""
    found = context(local, profile, region, bucket)
    now = found.clock.now()
    rows = verb.list_clusters(found.emr, found.owner, now, now + timeout, is_wide=wide, with_ended=with_ended)
    columns = ["id", "name", "token", "state", "reason", "created", "age"]
    print_rows([vars(row) for row in rows], columns + (["lifetime_left", "fleets"] if wide else []), output)
