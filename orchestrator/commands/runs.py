"""The commands `orchestrator status` and `orchestrator cancel`."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from orchestrator.commands.asking import edge_of
from orchestrator.commands.context import context
from orchestrator.commands.options import Bucket, Local, Output, OutputFormat, Profile, Region, Timeout
from orchestrator.commands.printing import print_document, print_rows
from orchestrator.commands.run import described
from orchestrator.engine import ending
from orchestrator.verbs import status as verb

_JOB_COLUMNS = ["job", "state", "attempt", "cluster_id", "step_id", "reason"]


def status(  # noqa: PLR0913 - the options of a command are its parameters
    run: Annotated[str | None, typer.Argument(help="A run; without, all of them.", metavar="[RUN]")] = None,
    *,
    output: Output = OutputFormat.TABLE,
    local: Local = False,
    profile: Profile = None,
    region: Region = None,
    bucket: Bucket = None,
    timeout: Timeout = 300.0,
) -> None:
    """Tell how far a run is, by what AWS says now; without a name, list the runs, the newest first."""
    found = context(local, profile, region, bucket)
    edge, until = edge_of(found), found.until(timeout)
    if run is None:
        rows = [
            {
                **described(record),
                "began": datetime.fromtimestamp(record.began_at, UTC).isoformat("T", "seconds"),
            }
            for record in verb.runs(edge, until)
        ]
        print_rows(rows, ["run_id", "name", "state", "began", "cluster_id"], output)
        return
    document = described(verb.status(edge, run, until))
    if output is OutputFormat.JSON:
        print_document(document)
    else:
        print_rows([document], ["run_id", "name", "state", "cluster_id", "reason"], output)
        print_rows(document["jobs"], _JOB_COLUMNS, output)


def cancel(  # noqa: PLR0913 - the options of a command are its parameters
    run: Annotated[str, typer.Argument(help="The run.", metavar="RUN")],
    *,
    output: Output = OutputFormat.TABLE,
    local: Local = False,
    profile: Profile = None,
    region: Region = None,
    bucket: Bucket = None,
    timeout: Timeout = 900.0,
) -> None:
    """Cancel a run: nothing more of it begins, its steps end, and so does a cluster that is its own."""
    found = context(local, profile, region, bucket)
    document = described(ending.cancel(edge_of(found), run, found.until(timeout)))
    if output is OutputFormat.JSON:
        print_document(document)
    else:
        print_rows(document["jobs"], _JOB_COLUMNS, output)
