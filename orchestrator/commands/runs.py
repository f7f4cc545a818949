"""The commands `orchestrator status` and `orchestrator cancel`."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Final

import typer

from orchestrator.aws.serverless_words import is_id
from orchestrator.commands.asking import edge_of
from orchestrator.commands.context import context
from orchestrator.commands.dollars import with_receipt
from orchestrator.commands.options import Bucket, Local, Output, OutputFormat, Profile, Region, Timeout
from orchestrator.commands.printing import print_document, print_rows, say
from orchestrator.commands.run import described
from orchestrator.engine import ending
from orchestrator.errors import RefusedError, UsageError
from orchestrator.verbs import status as verb
from orchestrator.verbs.cancel import STEP, cancel_steps

_RUN_COLUMNS: Final = ["run_id", "name", "state", "began", "cluster_id", "cluster"]
_JOB_COLUMNS: Final = ["job", "state", "attempt", "cluster_id", "step_id", "reason"]
_STEP_COLUMNS: Final = ["step_id", "name", "state", "action", "error"]


def status(  # noqa: PLR0913 - the options of a command are its parameters
    run: Annotated[str | None, typer.Argument(help="A run; without, all of them.", metavar="[RUN]")] = None,
    *,
    limit: Annotated[
        int,
        typer.Option(
            help="Without RUN: how many to show. All are read, which takes a while for many.", min=1
        ),
    ] = 50,
    output: Output = OutputFormat.TABLE,
    local: Local = False,
    profile: Profile = None,
    region: Region = None,
    bucket: Bucket = None,
    timeout: Timeout = 300.0,
) -> None:
    """Tell how far a run is, by what AWS says now; without a name, list the runs, the newest 50 first.

    `cluster` is EMR's state of its cluster. A run is `stopped` where that has ended and nobody was there to see how the
    run came out: `orchestrator run --attach RUN` finds out, and tries again what may be tried again.
    """
    found = context(local, profile, region, bucket)
    found.ensure_bucket()
    edge, until = edge_of(found), found.until(timeout)
    if run is None:
        seen, count = verb.runs(edge, until, limit)
        print_rows([_described(each) for each in seen], _RUN_COLUMNS, output)
        if count > len(seen):
            say(f"{len(seen)} of {count} runs, the newest; --limit shows more")
        return
    one = verb.status(edge, run, until)
    _print(with_receipt(found, edge, one.record, _described(one), until), output)
    if one.why is not None:
        say(f"run {run}: {one.why}; nobody has seen its end: orchestrator run --attach {run} takes it up")
    elif not one.is_over:
        say(f"wait for it, and go on with it where nobody does: orchestrator run --attach {run}")


def cancel(  # noqa: PLR0913 - the options of a command are its parameters
    run: Annotated[
        str, typer.Argument(help="The run, or a step of ours (s-…) with --cluster.", metavar="RUN|STEP")
    ],
    *,
    cluster: Annotated[str | None, typer.Option(help="The step's cluster (j-…).", metavar="ID")] = None,
    output: Output = OutputFormat.TABLE,
    local: Local = False,
    profile: Profile = None,
    region: Region = None,
    bucket: Bucket = None,
    timeout: Timeout = 900.0,
) -> None:
    """Cancel a run: nothing more of it begins, its steps end, and so does a cluster that is its own.

    Of a step that is named only that step; whoever waits for its run sees it fail, or not begin again.
    """
    found = context(local, profile, region, bucket)
    found.ensure_bucket()
    edge, until = edge_of(found), found.until(timeout)
    is_step = STEP.fullmatch(run) is not None or is_id(run)
    if is_step != (cluster is not None):
        expected = (
            "a step's cluster, --cluster j-… (or its application)"
            if is_step
            else "no --cluster, which goes with a step (s-…)"
        )
        raise UsageError(f"cancel {run}: expected {expected}")
    if cluster is None:
        _print({**described(ending.cancel(edge, run, until)), "cluster": None}, output)
        return
    steps = cancel_steps(found.emr, cluster, [run], until)
    rows = [{**vars(each), "action": each.action} for each in steps]
    print_rows(rows, _STEP_COLUMNS, output)
    if faults := [f"{each.step_id}: {each.error}" for each in steps if each.error]:
        raise RefusedError(f"EMR does not cancel {'; '.join(faults)}")


def _described(seen: verb.Seen) -> dict[str, Any]:
    began = datetime.fromtimestamp(seen.record.began_at, UTC).isoformat("T", "seconds")
    return {**described(seen.record), "state": seen.state, "cluster": seen.cluster, "began": began}


def _print(document: Mapping[str, Any], output: OutputFormat) -> None:
    if output is OutputFormat.JSON:
        print_document(document)
        return
    print_rows([document], ["run_id", "name", "state", "cluster_id", "cluster", "reason"], output)
    print_rows(document["jobs"], _JOB_COLUMNS, output)
