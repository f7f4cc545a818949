"""`scripts/bench reliability orchestrator`: the long series, and what came of them."""

import resource
from typing import Annotated, Final

import typer

from benchmarks.orchestrator_chaos import beyond
from benchmarks.orchestrator_chaos.load import day
from benchmarks.orchestrator_chaos.misfortune import Ends, half_failing, spot
from benchmarks.orchestrator_chaos.scenarios import SCENARIOS
from benchmarks.orchestrator_chaos.search import Tally, drawn, exhaustive, play

_TOLD_EVERY: Final = 5000
_MIB: Final = 1024
# Two users, one run each from beginning to end: of half a million pairs every so manieth. On applications each job run
# that runs is looked at by itself, which makes many calls.
_STRIDES: Final = {"reopened": 100, "applied": 20, "withdrawn": 20}


def orchestrators(  # noqa: PLR0913 - the options of a command are its parameters
    *,
    schedules: Annotated[int, typer.Option(min=0, help="How many schedules are drawn.")] = 100_000,
    depth: Annotated[int, typer.Option(min=0, max=2, help="How many faults strike at every call.")] = 2,
    stride: Annotated[int, typer.Option(min=1, help="Of the second faults, every so manieth.")] = 1,
    half: Annotated[
        int, typer.Option(min=0, help="Runs that meet an AWS half of whose calls fail.")
    ] = 10_000,
    misfortunes: Annotated[int, typer.Option(min=0, help="Runs that EC2 is hard on.")] = 1400,
    past: Annotated[
        int, typer.Option("--beyond", min=0, help="Schedules beyond the bounds, with a reaper.")
    ] = 600,
    loads: Annotated[bool, typer.Option(help="Days of 200 and of 1,000 jobs on 50 clusters.")] = True,
    seed: Annotated[int, typer.Option(help="What everything is drawn from.")] = 1,
) -> None:
    """Let orchestrators crash, lose answers and be throttled, and see that nothing is lost and nothing runs twice."""
    tally, ends, doubled = Tally(), Ends(), beyond.Tally()
    if depth:
        for scenario in SCENARIOS:
            exhaustive(scenario, depth, tally, stride=max(stride, _STRIDES.get(scenario, 1)))
            typer.echo(f"{scenario}: every call, depth {depth}: {len(tally.broken)} broke a law", err=True)
    for number, schedule in enumerate(drawn(schedules, seed), start=1):
        play(schedule, tally)
        tally.schedules["drawn"] += 1
        if number % _TOLD_EVERY == 0:
            typer.echo(f"{number} of {schedules}: {len(tally.broken)} broke a law", err=True)
    spot(misfortunes, seed, ends)
    half_failing(half, seed, ends)
    for late in beyond.drawn(past, seed):
        beyond.play(late, doubled)
    for line in (*tally.lines(), *ends.lines(), *doubled.lines()):
        typer.echo(line)
    broken = [f"{what}: {laws}" for what, laws in (*tally.broken, *ends.broken, *doubled.broken)]
    if loads:
        broken += _loads(seed)
    for text in broken:
        typer.echo(text)
    typer.echo(f"seed {seed}: {len(broken)} broke a law")
    raise typer.Exit(1 if broken else 0)


def _loads(seed: int) -> list[str]:
    broken: list[str] = []
    for jobs in (200, 1000):
        for is_one_process in (True, False):
            load = day(jobs, 50, seed, is_one_process=is_one_process)
            for line in load.lines():
                typer.echo(line)
            if load.succeeded != jobs:
                broken.append(f"{jobs} jobs: {load.succeeded} succeeded")
            broken += load.broken
    typer.echo(f"most memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // _MIB} MiB")
    return broken
