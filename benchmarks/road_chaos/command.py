"""`scripts/bench reliability road`: many runs, and what came of them."""

import subprocess
import sys
import tempfile
import warnings
from pathlib import Path
from typing import Annotated, Final

import typer

from benchmarks.road_chaos.series import Plan, Tally, play
from benchmarks.road_chaos.stage import ROOT

# Moto has none of some resources of a stack that change nothing here, and says so for each.
_UNKNOWN: Final = "Tried to parse AWS"


def packed(folder: Path) -> Path:
    """Pack the functions as scripts/package-lambda does."""
    command = [sys.executable, "-m", "scripts.lambda_package", "--output", str(folder)]
    made = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return Path(made.stdout.strip())


def roads(
    *,
    source: Annotated[Path, typer.Option(help="Folder with PRSA_Data_<station>_*.csv.gz.")],
    runs: Annotated[int, typer.Option(min=1, help="How many roads are made and gone through.")] = 3,
    seed: Annotated[int, typer.Option(help="The first seed; play one again with --runs 1.")] = 1,
    messages: Annotated[
        int, typer.Option(min=1000, help="How many real readings are sent in each.")
    ] = 200_000,
) -> None:
    """Kill simulator, Firehose, consumer, orchestrator and driver, and see that each message is a row, once."""
    tally = Tally()
    warnings.filterwarnings("ignore", message=_UNKNOWN)
    with tempfile.TemporaryDirectory() as folder:
        transform = packed(Path(folder) / "dist")
        for number in range(seed, seed + runs):
            place = Path(folder) / str(number)
            place.mkdir()
            play(Plan(source.resolve(), transform, messages, str(number)), place, tally)
            typer.echo(f"seed {number}: {len(tally.broken)} broke a law", err=True)
    for line in tally.lines():
        typer.echo(line)
    for name, law in tally.broken:
        typer.echo(f"seed {name}: {law}")
    raise typer.Exit(1 if tally.broken else 0)
