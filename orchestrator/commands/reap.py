"""The command `orchestrator reap`."""

from typing import Annotated, Any

import typer

from orchestrator.commands.asking import edge_of
from orchestrator.commands.context import Context, context
from orchestrator.commands.options import Bucket, Local, Output, OutputFormat, Profile, Region, Timeout, Yes
from orchestrator.commands.printing import print_rows, say
from orchestrator.errors import OrchestratorError, RefusedError
from orchestrator.reaping.deciding import STUCK_AFTER_S
from orchestrator.reaping.knowing import knowledge
from orchestrator.verbs.reap import Reaped, Reaper


def reap(  # noqa: PLR0913 - the options of a command are its parameters
    *,
    yes: Yes = False,
    watch: Annotated[
        float | None, typer.Option(help="Do it again and again, so many seconds apart.", min=1)
    ] = None,
    stuck_after: Annotated[
        float, typer.Option(help="Seconds that a cluster may be starting.", min=60)
    ] = STUCK_AFTER_S,
    output: Output = OutputFormat.TABLE,
    local: Local = False,
    profile: Profile = None,
    region: Region = None,
    bucket: Bucket = None,
    timeout: Timeout = 300.0,
) -> None:
    """End clusters of ours that are over their limits, idle, doubled, stuck or orphaned; without --yes only show which.

    Where the bucket's state can be read, the cluster of a token that it has recorded stays, else the oldest.
    With --watch each round prints its result, with -o json on a line, and a round that fails is told, and the next one
    comes.
    """
    found = context(local, profile, region, bucket)
    reaper = Reaper(found.emr, found.owner, found.clock, knowledge(edge_of(found), stuck_after))
    while True:
        began = found.clock.now()
        try:
            _round(found, reaper, began + timeout, output, is_to_end=yes)
        except OrchestratorError as error:
            if watch is None:
                raise
            say(f"Error: {error}")
        if watch is None:
            return
        found.clock.sleep(max(0.0, began + watch - found.clock.now()))


def _round(found: Context, reaper: Reaper, until: float, output: OutputFormat, *, is_to_end: bool) -> None:
    reaped = reaper.reap(until, is_to_end=is_to_end)
    if reaped.sentences or output is OutputFormat.JSON:
        print_rows(_rows(reaped, is_to_end=is_to_end), ["id", "name", "rule", "reason", "action"], output)
    say(f"looked at {reaped.looked_at} clusters of {found.owner}; {len(reaped.sentences)} have to end")
    if reaped.sentences and not is_to_end:
        say("nothing was ended: --yes does it")
    if reaped.faults:
        raise RefusedError("; ".join(f"{each.cluster_id}: {each.error}" for each in reaped.faults))


def _rows(reaped: Reaped, *, is_to_end: bool) -> list[dict[str, Any]]:
    rows = []
    for each in reaped.sentences:
        error = reaped.error(each.cluster_id)
        action = "goes on" if error else "is ending" if is_to_end else "would end"
        rows.append(
            {
                "id": each.cluster_id,
                "name": each.name,
                "rule": str(each.rule),
                "reason": each.reason,
                "action": action,
                "error": error,
            }
        )
    return rows
