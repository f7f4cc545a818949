"""The commands `orchestrator events drain` and `serve`."""

import signal
import threading
from typing import Any

import typer

from orchestrator.commands.asking import Cluster, Var
from orchestrator.commands.context import context
from orchestrator.commands.options import Bucket, Local, Output, OutputFormat, Profile, Region, Timeout
from orchestrator.commands.printing import print_document, print_rows, say
from orchestrator.commands.roads import PipelineName, crew_of, road_of
from orchestrator.errors import FailedError
from orchestrator.events.draining import Work
from orchestrator.events.draining import drain as drain_it
from orchestrator.events.draining import serve as serve_it
from orchestrator.ledger.documents import Outcome

app = typer.Typer(no_args_is_help=True, help="Let events of new objects make a pipeline run.")
_A_DAY_S = 86_400.0


@app.command()
def drain(  # noqa: PLR0913 - the options of a command are its parameters
    what: PipelineName,
    *,
    cluster: Cluster = None,
    var: Var = [],  # noqa: B006 - typer copies it
    output: Output = OutputFormat.TABLE,
    local: Local = False,
    profile: Profile = None,
    region: Region = None,
    bucket: Bucket = None,
    timeout: Timeout = _A_DAY_S,
) -> None:
    """Take all events that the queue has, run the pipeline over their objects, and end when nothing is left.

    Nothing waits for a batch to be full. Exit 1 where the run of a batch failed: its objects are tried again in halves
    first, up to the pipeline's max_attempts.
    """
    found = context(local, profile, region, bucket)
    crew = crew_of(found, road_of(found, what, var), what, var, cluster)
    work = drain_it(crew, found.until(timeout))
    _report(work, output)
    if any(each.outcome is Outcome.FAILED for each in work.closed):
        raise FailedError(
            f"{what}: runs of batches failed; what of it is dead, and why: orchestrator ledger status {what}"
        )


@app.command()
def serve(  # noqa: PLR0913 - the options of a command are its parameters
    what: PipelineName,
    *,
    cluster: Cluster = None,
    var: Var = [],  # noqa: B006 - typer copies it
    output: Output = OutputFormat.TABLE,
    local: Local = False,
    profile: Profile = None,
    region: Region = None,
    bucket: Bucket = None,
) -> None:
    """Take events as they come and run the pipeline over their objects in batches, until Ctrl-C or SIGTERM.

    Any number may serve one pipeline at once. What runs when one ends goes on; the next one looks after it.
    """
    found = context(local, profile, region, bucket)
    crew = crew_of(found, road_of(found, what, var), what, var, cluster)
    is_over = threading.Event()
    before = {each: signal.signal(each, lambda *_: is_over.set()) for each in (signal.SIGINT, signal.SIGTERM)}
    say(f"{what}: taking events from {crew.road.trigger.queue}; end it with Ctrl-C")
    try:
        work = serve_it(crew, is_over)
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
    _report(work, output)


def _report(work: Work, output: OutputFormat) -> None:
    rows = [
        {
            "batch": each.batch.number,
            "objects": len(each.batch.items),
            "bytes": each.batch.size,
            "outcome": str(each.outcome),
            "run_id": each.run_id,
            "reason": each.reason,
        }
        for each in work.closed
    ]
    rounds: dict[str, Any] = vars(work.rounds)
    if output is OutputFormat.JSON:
        print_document({**rounds, "batches": rows})
        return
    say(
        f"{rounds['messages']} messages: {rounds['events']} events, {rounds['idle']} with nothing to be done, "
        f"{rounds['put_aside']} put aside"
    )
    print_rows(rows, ["batch", "objects", "bytes", "outcome", "run_id", "reason"], output)
