"""The command `orchestrator backfill`."""

import random
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Annotated, Any, Final

import typer

from ingestion.s3_events.model import ObjectEvent
from orchestrator.aws.retrying import Retrying
from orchestrator.commands.asking import Cluster, Var
from orchestrator.commands.context import context
from orchestrator.commands.options import Bucket, Local, Output, OutputFormat, Profile, Region, Timeout, Yes
from orchestrator.commands.printing import print_document, print_rows, say
from orchestrator.commands.roads import PipelineName, crew_of, road_of
from orchestrator.errors import FailedError, UsageError
from orchestrator.events.draining import Crew, finish
from orchestrator.events.filling import Scope, Span, scope, waves
from orchestrator.ledger.documents import Outcome
from orchestrator.ledger.missing import Gap, Lack

_DAYS: Final = ["%Y-%m-%d"]
_A_WEEK_S: Final = 7 * 86_400.0


def backfill(  # noqa: PLR0913 - the options of a command are its parameters
    what: PipelineName,
    *,
    first: Annotated[
        datetime | None, typer.Option("--from", formats=_DAYS, help="First day of S3's LastModified, UTC.")
    ] = None,
    last: Annotated[
        datetime | None, typer.Option("--to", formats=_DAYS, help="Last day of it, included.")
    ] = None,
    number: Annotated[int, typer.Option("--waves", min=1, help="One after the other, in so many parts.")] = 1,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with what an earlier one has left pending, too.")
    ] = False,
    yes: Yes = False,
    cluster: Cluster = None,
    var: Var = [],  # noqa: B006 - typer copies it
    output: Output = OutputFormat.TABLE,
    local: Local = False,
    profile: Profile = None,
    region: Region = None,
    bucket: Bucket = None,
    timeout: Timeout = _A_WEEK_S,
) -> None:
    """Run a pipeline over objects that its ledger has not heard of, or knows another version of.

    Shows how many objects and bytes that are; with --yes it takes them, wave by wave. It may be stopped at any time:
    what was taken is known, so the same command with --resume goes on with the rest.
    """
    found = context(local, profile, region, bucket)
    crew = crew_of(found, road_of(found, what, var), what, var, cluster)
    until = found.until(timeout)
    retrying = Retrying("S3", found.clock, random.Random())  # noqa: S311 - waits, not secrets
    seen = scope(crew.road, crew.turning.ledger, found.s3, retrying, _span(first, last), until)
    _show(seen, output, is_done=yes)
    if not yes:
        return
    before = _left(crew, what, until, is_taken=resume)
    if _take(crew, waves(seen.gaps, number) or ([[]] if before else []), before, until):
        raise FailedError(f"{what}: runs of batches failed; what is dead: orchestrator ledger status {what}")


def _take(crew: Crew, parts: Sequence[Sequence[Gap]], before: Sequence[ObjectEvent], until: float) -> bool:
    """Take wave after wave, the first one with what was left `before`; tell whether the run of a batch failed."""
    has_failed = False
    for at, wave in enumerate(parts, start=1):
        say(f"wave {at} of {len(parts)}: {len(wave)} objects")
        events = [gap.event for gap in wave]
        crew.turning.ledger.record(events, until)
        work = finish(crew, [*events, *before] if at == 1 else events, until)
        has_failed |= any(each.outcome is Outcome.FAILED for each in work.closed)
    return has_failed


def _span(first: datetime | None, last: datetime | None) -> Span:
    span = Span(
        first.date() if first else date(1970, 1, 1), last.date() if last else datetime.now(UTC).date()
    )
    if span.first > span.last:
        raise UsageError(
            f"--from, --to: expected the first day not after the last, got {span.first} and {span.last}"
        )
    return span


def _left(crew: Crew, what: str, until: float, *, is_taken: bool) -> tuple[ObjectEvent, ...]:
    """Return what is pending or running already, where it is to be taken too."""
    left = crew.turning.ledger.unfinished(until)
    if left and not is_taken:
        raise UsageError(
            f"{what}: objects are pending or running already; see them: orchestrator ledger status {what}; to take "
            "them with the backfill: --resume"
        )
    return left


def _show(seen: Scope, output: OutputFormat, *, is_done: bool) -> None:
    told: dict[str, Any] = {
        "objects_looked_at": seen.objects,
        "missing": seen.count(Lack.MISSING),
        "stale": seen.count(Lack.STALE),
        "bytes": seen.size,
        "gib": round(seen.size / 2**30, 3),
    }
    if output is OutputFormat.JSON:
        print_document(told)
        return
    print_rows([told], list(told), output)
    if not is_done:
        say("nothing was begun; do it: --yes")
