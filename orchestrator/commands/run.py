"""The command `orchestrator run`."""

import sys
from collections.abc import Sequence
from typing import Annotated, Any, Final

import msgspec
import typer

from orchestrator.aws.objects import Objects
from orchestrator.commands.asking import (
    ANOTHER,
    Cluster,
    Job,
    Key,
    Var,
    edge_of,
    planned,
    tell_warnings,
)
from orchestrator.commands.context import Context, context
from orchestrator.commands.dollars import with_receipt
from orchestrator.commands.following import follow_up
from orchestrator.commands.options import Bucket, Local, Output, OutputFormat, Profile, Region, Timeout
from orchestrator.commands.printing import print_document, print_rows, say
from orchestrator.commands.progress import Teller
from orchestrator.config.variables import parse_variables
from orchestrator.engine import ending
from orchestrator.engine.drive import Rules
from orchestrator.engine.edge import Edge
from orchestrator.engine.records import OVER, RunRecord, State
from orchestrator.errors import FailedError, UsageError
from orchestrator.follow_ups.performing import Done
from orchestrator.secrets import redact
from orchestrator.verbs import run as verb
from orchestrator.verbs.launch import launch as launch_it
from orchestrator.verbs.plan import Asked

OnTimeout = Annotated[verb.OnTimeout, typer.Option(help="What becomes of a run that is not over in time.")]
_INTERRUPTED: Final = 130
_REPORT_S: Final = 60.0
_A_WEEK_S: Final = 7 * 86_400.0


def run(  # noqa: PLR0913 - the options of a command are its parameters
    what: Annotated[
        str | None, typer.Argument(help="A pipeline, or a plan's file.", metavar="PIPELINE[:JOB]")
    ] = None,
    *,
    attach: Annotated[str | None, typer.Option(help="Wait for a run begun before.", metavar="RUN")] = None,
    cluster: Cluster = None,
    job: Job = None,
    key: Key = None,
    var: Var = [],  # noqa: B006 - typer copies it
    detach: Annotated[bool, typer.Option("--detach", help="Begin it, and do not wait.")] = False,
    on_timeout: OnTimeout = verb.OnTimeout.LEAVE,
    poll: Annotated[float | None, typer.Option(help="Seconds from look to look.", min=0.1)] = None,
    output: Output = OutputFormat.TABLE,
    local: Local = False,
    profile: Profile = None,
    region: Region = None,
    bucket: Bucket = None,
    timeout: Timeout = _A_WEEK_S,
) -> None:
    """Run a pipeline, or one job of it, on its cluster or the one that is named, and wait for the end.

    A run that has succeeded is not run again: another one needs other inputs, or another --key. One that goes on is
    taken up. Exit 1 where it failed.
    """
    found = context(local, profile, region, bucket)
    edge, until = edge_of(found, poll), found.until(timeout)
    asked = None if what is None else Asked(what, job, cluster, key, parse_variables(var))
    record = _begun(found, edge, asked, attach, until, detach=detach)
    if not detach:
        record = _drive(found, edge, record, until, on_timeout)
    followed: list[Done] = []
    try:
        # Of one that had succeeded before, too: whoever saw that may have died before it did what follows.
        followed = follow_up(found, edge, record, found.until(_REPORT_S))
    finally:
        _report(found, edge, record, output, followed)


def _begun(
    found: Context, edge: Edge, asked: Asked | None, attach: str | None, until: float, *, detach: bool
) -> RunRecord:
    """Begin the run, or find it."""
    if (asked is None) == (attach is None):
        raise UsageError("run: expected either what to run (PIPELINE[:JOB]) or --attach RUN")
    if asked is None:
        found.ensure_bucket()
        return verb.attach(edge, str(attach), until)
    made = planned(found, edge, asked, until)
    if not made.plan.jobs:
        raise UsageError(
            f"{asked.what}: a cluster, which has no jobs; launch it: orchestrator launch {asked.what}; "
            f"run a job on it: orchestrator run PIPELINE[:JOB] --cluster {asked.what}"
        )
    tell_warnings(made)
    record = made.standing.record
    if record is not None and made.standing.has_succeeded:
        say(f"run {record.run_id} has succeeded already, nothing was begun; {ANOTHER}")
        return record
    if not detach:
        return verb.begin(edge, found.s3, made, until)
    launched = launch_it(edge, found.s3, made, until)
    say(_goes_on(str(launched.run_id)))
    return verb.attach(edge, str(launched.run_id), until)


def _drive(
    found: Context, edge: Edge, record: RunRecord, until: float, on_timeout: verb.OnTimeout
) -> RunRecord:
    if record.state in OVER:
        return record
    teller = Teller(edge)
    judge = verb.judging(edge, Objects(found.s3, found.clock))
    say(f"run {record.run_id}: {record.plan.name}, {record.state}")
    try:
        return verb.drive(edge, record, Rules(judge, on_progress=teller.tell), until, on_timeout)
    except KeyboardInterrupt:
        _let_go(edge, record.run_id)
        raise typer.Exit(_INTERRUPTED) from None


def _let_go(edge: Edge, run_id: str) -> None:
    """Ask whether the run is to go on; where nobody can be asked, it does."""
    wants_end = False
    if _can_ask():
        try:
            wants_end = typer.confirm(f"\nrun {run_id}: cancel it? (no: it goes on)", default=False, err=True)
        except (KeyboardInterrupt, typer.Abort):
            wants_end = False
    if wants_end:
        ending.cancel(edge, run_id, edge.clock.now() + _A_WEEK_S)
        say(f"run {run_id}: cancelled")
        return
    say(_goes_on(run_id))


def _can_ask() -> bool:
    return sys.stdin.isatty()


def _goes_on(run_id: str) -> str:
    again = f"orchestrator run --attach {run_id}"
    return f"run {run_id} goes on; wait for it again: {again}; end it: orchestrator cancel {run_id}"


def _report(
    found: Context, edge: Edge, record: RunRecord, output: OutputFormat, followed: Sequence[Done]
) -> None:
    until = found.until(_REPORT_S)
    failed = verb.failed_jobs(edge, Objects(found.s3, found.clock), record, until)
    advice = verb.advice(record)
    for job in failed:
        say(f"job {job.job} failed: {job.reason}")
        for line in job.lines:
            say(f"  | {line}")
        say(f"  logs: {job.logs}")
        say(f"  next: {job.next_step}")
    document = with_receipt(found, edge, record, described(record), until)
    if output is OutputFormat.JSON:
        further = {"failed": list(failed), "followed": list(followed), "advice": advice}
        print_document({**document, **msgspec.to_builtins(further)})
    else:
        print_rows(
            document["jobs"],
            ["job", "state", "attempt", "cluster_id", "step_id", "run_id", "manifest"],
            output,
        )
    if record.state is State.FAILED:
        told = redact(record.reason or "")
        raise FailedError(f"run {record.run_id} failed: {told}{'; ' + advice if advice else ''}")
    if record.state is State.CANCELLED:
        raise FailedError(f"run {record.run_id} was cancelled")


def described(record: RunRecord) -> dict[str, Any]:
    """Return what is told about a run."""
    planned_ = {job.name: job for job in record.plan.jobs}
    return {
        "run_id": record.run_id,
        "name": record.plan.name,
        "state": str(record.state),
        "key": record.plan.key,
        "cluster_id": record.cluster_id,
        "reason": record.reason and redact(record.reason),
        "jobs": [
            {
                "job": name,
                "state": str(job.state),
                "attempt": job.attempt,
                "cluster_id": job.cluster_id,
                "step_id": job.step_id,
                "reason": job.reason and redact(job.reason),
                "run_id": planned_[name].run_id,
                "output": planned_[name].output,
                "manifest": planned_[name].manifest,
            }
            for name, job in ((each, record.jobs[each]) for each in planned_)
        ],
    }
