"""The commands `orchestrator launch` and `orchestrator submit`."""

from typing import Annotated

import msgspec
import typer

from orchestrator.commands.asking import Job, Key, Var, edge_of, planned
from orchestrator.commands.context import Context, context
from orchestrator.commands.options import Bucket, Local, Output, OutputFormat, Profile, Region, Timeout
from orchestrator.commands.printing import print_rows, say
from orchestrator.config.variables import parse_variables
from orchestrator.verbs.launch import Launch
from orchestrator.verbs.launch import launch as launch_it
from orchestrator.verbs.plan import Asked

_COLUMNS = ["cluster_id", "state", "name", "run_id"]


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
    _launch(found, Asked(file, job, None, key, parse_variables(var)), output, timeout, waits=not detach)


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
    found = context(local, profile, region, bucket)
    _launch(found, Asked(job, None, cluster, key, parse_variables(var)), output, timeout, waits=False)


def _launch(found: Context, asked: Asked, output: OutputFormat, timeout: float, *, waits: bool) -> None:
    edge, until = edge_of(found), found.until(timeout)
    made = planned(found, edge, asked, until)
    for warning in made.plan.warnings:
        say(warning)
    launched = launch_it(edge, found.s3, made, until, waits=waits)
    say(_told(launched))
    print_rows([msgspec.to_builtins(launched)], _COLUMNS, output)


def _told(launched: Launch) -> str:
    if launched.run_id is not None:
        return f"run {launched.run_id} goes on by itself; wait for it: orchestrator run --attach {launched.run_id}"
    return f"{launched.cluster_id}: {'launched' if launched.is_new else 'lives already'}, {launched.state}"
