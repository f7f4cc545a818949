"""`scripts/bench reliability yarn`: executors and drivers killed at random moments, and whether tables differ."""

import json
import tempfile
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from benchmarks.yarn_kills.rig import Rig, Run
from benchmarks.yarn_kills.strikes import DRIVER, EXECUTOR, Strike, draw, kill

_LOOK_AGAIN_S = 0.1
# How often a strike that finds nobody is tried again, each time earlier, and how much.
_TRIES = 5
_EARLIER = 0.7


def yarn_kills(
    *,
    executors: Annotated[int, typer.Option(min=0, help="How many executors are killed.")] = 50,
    drivers: Annotated[int, typer.Option(min=0, help="How many drivers are killed.")] = 20,
    seed: Annotated[int, typer.Option(help="What they and their moments are drawn from.")] = 1,
    release: Annotated[str, typer.Option(help="A label of the catalog's releases.")] = "emr-7.14.0",
    record: Annotated[
        Path | None,
        typer.Option(help="A file of verdicts; those of this seed that it has are not done again."),
    ] = None,
) -> None:
    """Kill executors and drivers of device_readings on YARN; each run must end well, with the same table."""
    strikes = draw(executors, drivers, seed)
    told = _told(record, seed, release)
    with tempfile.TemporaryDirectory() as folder, Rig(Path(folder), release) as rig:
        clean = rig.run("clean")
        typer.echo(f"clean: {clean.state} in {clean.seconds:.0f} s")
        if clean.state != "COMPLETED":
            raise typer.Exit(1)
        for strike in strikes:
            if (strike.whom, strike.number) in told:
                continue
            verdict = judge_until_struck(strike, rig.run, clean)
            told[strike.whom, strike.number] = verdict
            typer.echo(f"{strike.number}/{len(strikes)} {strike.whom} after {strike.after:.2f}: {verdict}")
            if record:
                line = {"seed": seed, "release": release, **strike.told(), "verdict": verdict}
                with record.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(line) + "\n")
    for whom in (EXECUTOR, DRIVER):
        verdicts = [verdict for (kind, _), verdict in told.items() if kind == whom]
        counts = ", ".join(f"{verdicts.count(one)} {one}" for one in sorted(set(verdicts)))
        typer.echo(f"{whom}s killed, seed {seed}: {counts or 'none'}")
    raise typer.Exit(0 if set(told.values()) <= {"same"} else 1)


def judge_until_struck(strike: Strike, run: Callable[..., Run], clean: Run) -> str:
    """Judge a strike; one that finds nobody to kill proves nothing, and is tried again, earlier."""
    verdict = "missed"
    for number in range(_TRIES):
        earlier = replace(strike, after=strike.after * _EARLIER**number)
        verdict = judge(earlier, run, clean, f"{strike.whom}-{strike.number}-{number}")
        if verdict != "missed":
            break
    return verdict


def judge(strike: Strike, run: Callable[..., Run], clean: Run, name: str) -> str:
    """Run the job with a strike; tell whether the table is the `same`, `differs`, or the strike `missed` the run."""
    has_struck = threading.Event()

    def strike_it(application: str, ended: threading.Event) -> None:
        if ended.wait(strike.after * clean.seconds):
            return
        while not ended.wait(_LOOK_AGAIN_S):
            if kill(strike.whom, application):
                has_struck.set()
                return

    found = run(name, strike_it)
    if found.state != "COMPLETED":
        return found.state.lower()
    if found.digest != clean.digest:
        return "differs"
    return "same" if has_struck.is_set() else "missed"


def _told(record: Path | None, seed: int, release: str) -> dict[tuple[str, int], str]:
    """Read the verdicts of a seed."""
    if record is None or not record.exists():
        return {}
    lines = [json.loads(line) for line in record.read_text(encoding="utf-8").splitlines()]
    return {
        (str(line["whom"]), int(line["number"])): str(line["verdict"])
        for line in lines
        if (line["seed"], line["release"]) == (seed, release)
    }
