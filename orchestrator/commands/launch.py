"""The commands `orchestrator launch` and `orchestrator submit`."""

import re
from typing import Annotated, Final

import msgspec
import typer

from orchestrator.commands.asking import ANOTHER, Job, Key, Var, edge_of, planned, tell_warnings
from orchestrator.commands.context import Context, context
from orchestrator.commands.options import Bucket, Local, Output, OutputFormat, Profile, Region, Timeout
from orchestrator.commands.printing import print_rows, say
from orchestrator.config.variables import parse_variables
from orchestrator.engine.edge import Edge
from orchestrator.errors import UsageError
from orchestrator.plans import ClusterKind
from orchestrator.verbs.launch import Launch
from orchestrator.verbs.launch import launch as launch_it
from orchestrator.verbs.plan import Asked, Planned

_CLUSTER: Final = re.compile(r"j-[A-Z0-9]+")
_INTERRUPTED: Final = 130
_COLUMNS = ["cluster_id", "state", "name", "run_id", "run_state"]


def launch(  # noqa: PLR0913 - the options of a command are its parameters
    file: Annotated[str, typer.Argument(help="A cluster's file, or a plan's.", metavar="FILE")],
    *,
    job: Job = None,
    key: Key = None,
    var: Var = [],  # noqa: B006 - typer copies it
    detach: Annotated[bool, typer.Option("--detach", help="Do not wait until it is ready.")] = False,
    output: Output = OutputFormat.TABLE,
    local: Local = False,
    profile: Profile = None,
    region: Region = None,
    bucket: Bucket = None,
    timeout: Timeout = 3600.0,
) -> None:
    """Launch a long-running cluster; with --job one for that job alone, which carries its steps and ends itself.

    The same command again finds the cluster instead of launching another one.
    """
    found = context(local, profile, region, bucket)
    edge, until = edge_of(found), found.until(timeout)
    made = planned(found, edge, Asked(file, job, None, key, parse_variables(var)), until)
    if made.plan.jobs and job is None and not made.is_read:
        raise UsageError(
            f"{file}: a pipeline, expected a cluster's file or a plan's; run it: orchestrator run {file}, "
            "with --detach where nobody is to wait"
        )
    _launch(found, edge, made, output, until, waits=not detach)


def submit(  # noqa: PLR0913 - the options of a command are its parameters
    cluster: Annotated[str, typer.Argument(help="The id of a cluster that lives.", metavar="CLUSTER")],
    job: Annotated[str, typer.Argument(help="The job, or a whole pipeline.", metavar="PIPELINE[:JOB]")],
    *,
    key: Key = None,
    var: Var = [],  # noqa: B006 - typer copies it
    output: Output = OutputFormat.TABLE,
    local: Local = False,
    profile: Profile = None,
    region: Region = None,
    bucket: Bucket = None,
    timeout: Timeout = 3600.0,
) -> None:
    """Submit a job to a cluster, and do not wait for its end.

    Of a pipeline the jobs that follow others are submitted by whoever attaches to the run.
    """
    if not _CLUSTER.fullmatch(cluster):
        raise UsageError(
            f"submit: expected the id of a cluster that lives (j-…), got {cluster!r}; orchestrator list shows ours; "
            f"with a cluster's file: orchestrator run {job} --cluster FILE"
        )
    found = context(local, profile, region, bucket)
    edge, until = edge_of(found), found.until(timeout)
    made = planned(found, edge, Asked(job, None, cluster, key, parse_variables(var)), until)
    _launch(found, edge, made, output, until, waits=False)


def _launch(
    found: Context, edge: Edge, made: Planned, output: OutputFormat, until: float, *, waits: bool
) -> None:
    tell_warnings(made)
    try:
        launched = launch_it(edge, found.s3, made, until, waits=waits)
    except KeyboardInterrupt:
        say("what was launched goes on: the same command finds it again, orchestrator list shows it")
        raise typer.Exit(_INTERRUPTED) from None
    say(_told(launched, made))
    print_rows([msgspec.to_builtins(launched)], _COLUMNS, output)


def _told(launched: Launch, made: Planned) -> str:
    if launched.run_id is None:
        return (
            f"{launched.cluster_id}: {'launched' if launched.is_new else 'lives already'}, {launched.state}"
        )
    if made.standing.has_succeeded:
        return f"run {launched.run_id} has succeeded already, nothing was begun; {ANOTHER}"
    wanted = made.plan.cluster.id
    is_elsewhere = wanted is not None and wanted != launched.cluster_id
    where = f" on {launched.cluster_id}, where it was begun" if is_elsewhere else ""
    waits = f"orchestrator run --attach {launched.run_id}"
    if any(job.follows for job in made.plan.jobs) and made.plan.cluster.kind is not ClusterKind.OWN:
        return (
            f"run {launched.run_id} goes on{where} as far as its jobs follow no other; go on with it: {waits}"
        )
    return f"run {launched.run_id} goes on by itself{where}; wait for it: {waits}"
