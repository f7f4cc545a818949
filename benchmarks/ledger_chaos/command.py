"""`scripts/bench reliability ledger`: many seeds, and what came of them."""

from typing import Annotated

import typer

from benchmarks.ledger_chaos.search import CONSUMERS, Tally, play


def ledgers(
    *,
    events: Annotated[
        int, typer.Option(min=1, help="How many events come, repetitions among them.")
    ] = 10_000,
    seeds: Annotated[int, typer.Option(min=1, help="How many histories are played.")] = 100,
    seed: Annotated[int, typer.Option(help="The first seed; play a broken one again with --seeds 1.")] = 1,
    consumers: Annotated[int, typer.Option(min=1, help="How many work at once.")] = CONSUMERS,
) -> None:
    """Let consumers of S3 events crash, lose answers and sleep, and see that each version has its effect once."""
    tally = Tally()
    for number in range(seed, seed + seeds):
        play(str(number), events, tally, consumers=consumers)
        typer.echo(f"seed {number}: {len(tally.broken)} broke a law", err=True)
    for line in tally.lines():
        typer.echo(line)
    for name, laws in tally.broken:
        for law in laws:
            typer.echo(f"seed {name}: {law}")
    raise typer.Exit(1 if tally.broken else 0)
