"""The command `orchestrator logs`."""

from collections.abc import Iterable, Iterator
from typing import Annotated

import msgspec
import typer

from orchestrator.aws.objects import Objects
from orchestrator.commands.asking import edge_of
from orchestrator.commands.context import Context, context
from orchestrator.commands.options import Bucket, Local, Output, OutputFormat, Profile, Region, Timeout
from orchestrator.commands.printing import print_line, print_raw, say
from orchestrator.engine import records
from orchestrator.errors import OrchestratorError
from orchestrator.identity import RUN_ID
from orchestrator.logs.following import Pace
from orchestrator.logs.reading import Line
from orchestrator.secrets import redact
from orchestrator.verbs.logs import Edge, StepName, steps_of
from orchestrator.verbs.logs import logs as read_logs
from orchestrator.verbs.status import status


def logs(  # noqa: PLR0913 - the options of a command are its parameters
    what: Annotated[
        str, typer.Argument(help="A step (s-…), a cluster (j-…), or a run.", metavar="RUN|STEP|CLUSTER")
    ],
    *,
    cluster: Annotated[str | None, typer.Option(help="The step's cluster, which spares a search.")] = None,
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="Wait for what comes, until the step has ended.")
    ] = False,
    poll: Annotated[float, typer.Option(help="With -f: seconds from look to look.", min=0.1)] = 15.0,
    quiet: Annotated[
        float,
        typer.Option(help="With -f: seconds without news after the step's end; EMR's logs come late.", min=0),
    ] = 330.0,
    output: Output = OutputFormat.TABLE,
    local: Local = False,
    profile: Profile = None,
    region: Region = None,
    bucket: Bucket = None,
    timeout: Timeout = 86_400.0,
) -> None:
    """Show the logs of a step, of its driver too, as far as EMR has put them on S3.

    With -o json a list whose elements come a line each.
    """
    found = context(local, profile, region, bucket)
    until = found.until(timeout)
    edge = Edge(found.emr, Objects(found.s3, found.clock), found.clock, say, redact)
    names = steps_of(
        found.emr, what, cluster, found.owner, lambda run_id: _recorded(found, run_id, until), until
    )
    pace = Pace(poll, quiet) if follow else None
    _print(_all(edge, names, until, pace), output)


def _recorded(found: Context, run_id: str, until: float) -> list[StepName]:
    """Find a run's steps by its record, as far as they have begun; without a state tags have to tell."""
    edge = edge_of(found)
    try:
        if RUN_ID.fullmatch(run_id) is None or records.find(edge, run_id, until) is None:
            return []
        jobs = status(edge, run_id, until).record.jobs.values()
    except OrchestratorError as error:
        say(f"the record of {run_id} cannot be read, so its cluster is looked for by its tag: {error}")
        return []
    return [StepName(job.cluster_id, job.step_id) for job in jobs if job.cluster_id and job.step_id]


def _all(edge: Edge, names: Iterable[StepName], until: float, pace: Pace | None) -> Iterator[Line]:
    for name in names:
        yield from read_logs(edge, name, until, pace)


def _print(lines: Iterator[Line], output: OutputFormat) -> None:
    if output is OutputFormat.JSON:
        _print_list(lines)
        return
    uri = ""
    for line in lines:
        if line.uri != uri:
            uri = line.uri
            print_line(f"==> {uri} <==")
        print_line(line.text)


def _print_list(lines: Iterator[Line]) -> None:
    """Print a list as it comes, and whole, also where what is waited for does not come."""
    print_raw("[")
    separator = "\n"
    try:
        for line in lines:
            print_raw(f"{separator}{msgspec.json.encode(line).decode()}")
            separator = ",\n"
    finally:
        print_raw("]\n" if separator == "\n" else "\n]\n")
