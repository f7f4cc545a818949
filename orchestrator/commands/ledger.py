"""The commands `orchestrator ledger status`, `retry` and `forget`."""

from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from ingestion.s3_events.model import ObjectEvent
from orchestrator.commands.asking import Var
from orchestrator.commands.context import context
from orchestrator.commands.options import Bucket, Local, Output, OutputFormat, Profile, Region, Timeout, Yes
from orchestrator.commands.printing import print_document, print_rows, say
from orchestrator.commands.roads import PipelineName, road_of
from orchestrator.ledger.acts import Selector
from orchestrator.ledger.counting import Status

app = typer.Typer(no_args_is_help=True, help="See and mend what a pipeline knows of its objects.")
From = Annotated[str | None, typer.Option("--from-bucket", help="Only objects of that bucket.")]
Prefix = Annotated[str, typer.Option(help="Only objects whose keys begin so.")]
BatchNumber = Annotated[int | None, typer.Option(help="Only objects that this batch has taken last.")]
_MINUTES = 300.0


@app.command()
def status(  # noqa: PLR0913 - the options of a command are its parameters
    what: PipelineName,
    *,
    var: Var = [],  # noqa: B006 - typer copies it
    output: Output = OutputFormat.TABLE,
    local: Local = False,
    profile: Profile = None,
    region: Region = None,
    bucket: Bucket = None,
    timeout: Timeout = _MINUTES,
) -> None:
    """Count objects by how far they are: pending, running, done, failed (tried again), dead with their reasons."""
    found = context(local, profile, region, bucket)
    ledger = road_of(found, what, var).ledger()
    _print(ledger.status(found.until(timeout)), output)


@app.command()
def retry(  # noqa: PLR0913 - the options of a command are its parameters
    what: PipelineName,
    *,
    from_bucket: From = None,
    prefix: Prefix = "",
    batch: BatchNumber = None,
    yes: Yes = False,
    var: Var = [],  # noqa: B006 - typer copies it
    output: Output = OutputFormat.TABLE,
    local: Local = False,
    profile: Profile = None,
    region: Region = None,
    bucket: Bucket = None,
    timeout: Timeout = _MINUTES,
) -> None:
    """Let what is dead be taken again, as if it had never failed; without --yes show what that would be."""
    found = context(local, profile, region, bucket)
    ledger, until = road_of(found, what, var).ledger(), found.until(timeout)
    selector = Selector(from_bucket, prefix, batch)
    chosen = ledger.retry(selector, until) if yes else ledger.retriable(selector, until)
    _print_events(chosen, output, "taken again", is_done=yes)


@app.command()
def forget(  # noqa: PLR0913 - the options of a command are its parameters
    what: PipelineName,
    *,
    from_bucket: From = None,
    prefix: Prefix = "",
    batch: BatchNumber = None,
    yes: Yes = False,
    var: Var = [],  # noqa: B006 - typer copies it
    output: Output = OutputFormat.TABLE,
    local: Local = False,
    profile: Profile = None,
    region: Region = None,
    bucket: Bucket = None,
    timeout: Timeout = _MINUTES,
) -> None:
    """Let nothing be done about what is dead or pending; newer versions come as ever. Without --yes show what it is."""
    found = context(local, profile, region, bucket)
    ledger, until = road_of(found, what, var).ledger(), found.until(timeout)
    selector = Selector(from_bucket, prefix, batch)
    chosen = ledger.forget(selector, until) if yes else ledger.forgettable(selector, until)
    _print_events(chosen, output, "forgotten", is_done=yes)


def _print(found: Status, output: OutputFormat) -> None:
    counts = [
        {"state": str(state), "objects": count.objects, "bytes": count.size}
        for state, count in found.counts.items()
    ]
    dead = [
        {
            "uri": f"s3://{each.event.bucket}/{each.event.key}",
            "batch": each.batch,
            "failures": each.failures,
            "reason": each.reason,
        }
        for each in found.dead
    ]
    open_batches = [
        {"batch": each.number, "objects": len(each.items), "bytes": each.size, "since": _instant(each.cut_at)}
        for each in found.open_batches
    ]
    if output is OutputFormat.JSON:
        oldest = None if found.oldest_since is None else _instant(found.oldest_since)
        print_document(
            {
                "counts": counts,
                "open_batches": open_batches,
                "dead": dead,
                "oldest_since": oldest,
                "too_old": found.too_old,
            }
        )
        return
    print_rows(counts, ["state", "objects", "bytes"], output)
    for rows, columns in (
        (open_batches, ["batch", "objects", "bytes", "since"]),
        (dead, ["uri", "batch", "failures", "reason"]),
    ):
        if rows:
            print_rows(rows, columns, output)


def _print_events(chosen: tuple[ObjectEvent, ...], output: OutputFormat, what: str, *, is_done: bool) -> None:
    rows: list[dict[str, Any]] = [
        {
            "uri": f"s3://{event.bucket}/{event.key}",
            "bytes": event.size,
            "event_time": _instant(event.event_time),
        }
        for event in chosen
    ]
    print_rows(rows, ["uri", "bytes", "event_time"], output)
    verb = "were" if is_done else "would be"
    say(f"{len(rows)} objects {verb} {what}{'' if is_done else '; do it: --yes'}")


def _instant(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
