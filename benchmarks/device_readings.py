"""Compare device_readings with what users would write or take instead: `scripts/bench device_readings`.

On the same synthetic deliveries, in turns, each run a process of its own: a naive PySpark job; ours with the portable
and with the fast reader; DuckDB; Polars; and a floor, which is the same work without an engine around it. The rows that
they write are compared and must be the same. Cases are an almost empty delivery (what starting takes), deliveries of
growing size (what a further million of messages takes), and on demand many small objects, a large table to merge into,
and Delta. CPU is that of all processes of a run, and memory the most that they held together: see
`benchmarks/readings_race/measured.py`. The deliveries are made once, and kept.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console

from benchmarks.readings_race.data import Delivery, delivery, total
from benchmarks.readings_race.messages import Chunk
from benchmarks.readings_race.race import Heat, Race, RaceError
from benchmarks.readings_race.report import Case, as_json, between_cases, medians, tables
from benchmarks.readings_race.variants import ROOT, VARIANTS, Variant, environment

MESSAGES: Final = 2_500_000
OBJECTS: Final = 200
SMALL_OBJECTS: Final = 5_000
TABLE_ROWS: Final = 50_000_000
_NEARLY_NONE: Final = 10
_SMALL: Final = "small objects"


class Form(StrEnum):
    """How the result is printed."""

    TABLE = "table"
    JSON = "json"


def main(  # noqa: PLR0913 - the options of a command are its parameters
    messages: Annotated[int, typer.Option(min=1000, help="Messages of the smallest size.")] = MESSAGES,
    sizes: Annotated[str, typer.Option(help="Sizes, as whole multiples of --messages.")] = "1,2,4",
    variants: Annotated[str, typer.Option(help=f"Of {','.join(VARIANTS)}.")] = ",".join(VARIANTS),
    rounds: Annotated[int, typer.Option(min=1, help="How often each is measured, in turns.")] = 3,
    *,
    objects: Annotated[int, typer.Option(min=1, help="Objects of the smallest size.")] = OBJECTS,
    seed: Annotated[int, typer.Option(min=0, help="What the messages are drawn from.")] = 1,
    data: Annotated[
        Path | None, typer.Option(help="Folder that keeps deliveries. [readings-race in the temporary one]")
    ] = None,
    small_objects: Annotated[
        bool, typer.Option(help=f"Also the smallest size in {SMALL_OBJECTS:,} objects.")
    ] = False,
    merge: Annotated[
        bool, typer.Option(help="Also the smallest size into a table of many rows, see --table-rows.")
    ] = False,
    table_rows: Annotated[int, typer.Option(min=100, help="Rows of that table.")] = TABLE_ROWS,
    delta: Annotated[
        bool, typer.Option(help="Also to a Delta table, and as much once more merged into it.")
    ] = False,
    output: Annotated[Form, typer.Option("-o", "--output", help="How to print the result.")] = Form.TABLE,
) -> None:
    """Print what each variant takes, its ratio to the naive job and to DuckDB, and what a further million takes."""
    factors, chosen = _factors(sizes), _variants(variants)
    cache = data or Path(tempfile.gettempdir()) / "readings-race"
    _say(f"deliveries of {messages:,} messages in {cache}")
    chunk = Chunk(seed, 0, 0, objects, messages // objects)
    heats = [
        *plan(cache, chunk, factors),
        *([_small(cache, chunk)] if small_objects else []),
        *([_merge(cache, chunk, table_rows)] if merge else []),
        *(_delta(cache, chunk) if delta else []),
    ]
    race = _raced(cache, heats, chosen, rounds)
    _print(race, heats, chosen, output)


def _raced(cache: Path, heats: Sequence[Heat], chosen: Sequence[Variant], rounds: int) -> Race:
    """Run the race; a fault ends the command."""
    uses_delta = any(heat.form == "delta" for heat in heats)
    with tempfile.TemporaryDirectory(prefix="readings-race-") as scratch:
        race = Race(cache, Path(scratch), _say, _properties() if uses_delta else None)
        try:
            race.run(heats, chosen, rounds)
        except RaceError as fault:
            _say(f"scripts/bench device_readings: {fault}")
            raise typer.Exit(1) from None
    return race


def plan(cache: Path, chunk: Chunk, factors: Sequence[int]) -> list[Heat]:
    """Return the almost empty delivery and those of growing size; makes what is not there."""
    blocks = [delivery(cache, replace(chunk, block=block)) for block in range(max(factors))]
    start = delivery(cache, Chunk(chunk.seed, 0, 0, 1, _NEARLY_NONE))
    sized = [_heat(f"{factor}x", blocks[:factor], is_size=True) for factor in factors]
    return [_heat("start", [start]), *sized]


def _heat(name: str, deliveries: Sequence[Delivery], *, is_size: bool = False) -> Heat:
    messages, rows = total(deliveries)
    return Heat(Case(name, messages, is_size), tuple(each.folder for each in deliveries), rows)


def _small(cache: Path, chunk: Chunk) -> Heat:
    """Return the smallest size in many objects, as near to 5,000 as even parts of each chunk come."""
    return _heat(_SMALL, [delivery(cache, chunk, min(chunk.messages, max(1, SMALL_OBJECTS // chunk.of)))])


def _merge(cache: Path, chunk: Chunk, table_rows: int) -> Heat:
    return replace(_heat("merge", [delivery(cache, chunk)]), table_rows=table_rows)


def _delta(cache: Path, chunk: Chunk) -> list[Heat]:
    """Return the smallest size as a new Delta table, and another delivery merged into it."""
    first, second = delivery(cache, chunk), delivery(cache, replace(chunk, block=1))
    made = replace(_heat("delta", [first]), form="delta", is_followed=True)
    merged = replace(_heat("delta merge", [second]), form="delta", follows="delta")
    return [made, replace(merged, rows=total([first, second])[1])]


def _factors(text: str) -> list[int]:
    parts = text.split(",")
    if not all(part.isdecimal() and int(part) for part in parts):
        raise typer.BadParameter(
            f"--sizes: expected whole numbers of 1 or more with commas between, got {text!r}"
        )
    return sorted({int(part) for part in parts})


def _variants(text: str) -> list[Variant]:
    names = text.split(",")
    for name in names:
        if name not in VARIANTS:
            raise typer.BadParameter(f"--variants: {name!r} is none; accepted: {', '.join(VARIANTS)}")
    return [VARIANTS[name] for name in dict.fromkeys(names)]


def _properties() -> Path:
    """Return the properties file with which Spark knows Delta; fetches the jars that are not there."""
    command = [sys.executable, str(ROOT / "scripts" / "jars.py"), "delta"]
    made = subprocess.run(command, cwd=ROOT, env=environment(), capture_output=True, text=True, check=False)
    if made.returncode:
        _say(made.stderr.strip())
        raise typer.Exit(made.returncode)
    return Path(made.stdout.strip())


def _print(race: Race, heats: Sequence[Heat], chosen: Sequence[Variant], output: Form) -> None:
    """Print the result on stdout."""
    cases = [heat.case for heat in heats]
    if output is Form.JSON:
        told = as_json(race.runs, cases)
        typer.echo(
            json.dumps({**told, "skips": {variant.name: variant.skips for variant in chosen}}, indent=2)
        )
        return
    console = Console(width=110)
    figures = medians(race.runs)
    for table in tables(figures, cases):
        console.print(table)
    for name, factor in between_cases(figures, _SMALL, "1x").items():
        console.print(f"{name}: small objects take {factor:.2f} times the CPU of large ones")
    for name, digest in race.digests.items():
        console.print(
            f"{name}: the same {digest.rows:,} rows from all, {digest.keys:,} keys, hash {digest.hash:x}"
        )
    for variant in chosen:
        console.print(f"{variant.name} skips: {'; '.join(variant.skips) or 'nothing'}", highlight=False)


def _say(text: str) -> None:
    typer.echo(text, err=True)


if __name__ == "__main__":
    typer.run(main)
