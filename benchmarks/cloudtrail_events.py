"""Compare the readers of cloudtrail_events: `scripts/bench cloudtrail_events --source FOLDER`.

The folder holds objects as CloudTrail delivers them. Their events are copied, each copy with an `eventID` of its own,
into deliveries of growing size; both readers take them in turns, each run a process of its own, and must write the same
rows. CPU is that of all processes of a run (`benchmarks/readings_race/measured.py`).
"""

import gzip
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Annotated, Any, Final
from uuid import UUID

import duckdb
import typer

from benchmarks.readings_race.report import line_through
from benchmarks.readings_race.variants import SPARK, environment
from benchmarks.running.local_spark import SPARK_SUBMIT

ROOT: Final = Path(__file__).resolve().parents[1]
READERS: Final = ("portable", "fast")
EVENTS_PER_OBJECT: Final = 1000
_NEARLY_NONE: Final = 10


@dataclass(frozen=True)
class Run:
    """What a reader took for a delivery."""

    reader: str
    events: int
    wall_s: float
    cpu_s: float


class ComparisonError(Exception):
    """Raised where a run fails, or the readers write different rows."""


def main(
    source: Annotated[Path, typer.Option(help="Folder with objects of CloudTrail, .json.gz, at any depth.")],
    events: Annotated[int, typer.Option(min=100, help="Events of the smaller size.")] = 100_000,
    rounds: Annotated[int, typer.Option(min=1, help="How often each is measured, in turns.")] = 3,
) -> None:
    """Print what each reader takes, what a further million takes, and the ratios."""
    try:
        records = read_records(source)
        with tempfile.TemporaryDirectory() as folder:
            sizes = (_NEARLY_NONE, events, 2 * events)
            runs = compare(Path(folder), records, sizes, rounds)
    except ComparisonError as fault:
        typer.echo(f"scripts/bench cloudtrail_events: {fault}", err=True)
        raise typer.Exit(1) from None
    for line in report(runs):
        typer.echo(line)


def read_records(source: Path) -> list[dict[str, Any]]:
    """Return all events below a folder.

    Raises:
        ComparisonError: Where there are none.
    """
    found = [
        record
        for path in sorted(source.rglob("*.json.gz"))
        for record in json.loads(gzip.decompress(path.read_bytes()))["Records"]
    ]
    if not found:
        raise ComparisonError(
            f"--source {source}: expected objects of CloudTrail (*.json.gz), there are none"
        )
    return found


def copies(records: Sequence[dict[str, Any]], count: int) -> Iterator[dict[str, Any]]:
    """Yield so many events: those that there are, again and again, each with an id of its own."""
    for number in range(count):
        yield {**records[number % len(records)], "eventID": str(UUID(int=number))}


def write_delivery(folder: Path, records: Sequence[dict[str, Any]], count: int) -> None:
    """Write so many events as CloudTrail does, compact, an array an object."""
    folder.mkdir(parents=True)
    some: list[dict[str, Any]] = []
    for number, event in enumerate(copies(records, count), start=1):
        some.append(event)
        if len(some) == EVENTS_PER_OBJECT or number == count:
            data = json.dumps({"Records": some}, separators=(",", ":")).encode()
            (folder / f"{number:09}.json.gz").write_bytes(gzip.compress(data, mtime=0))
            some = []


def compare(root: Path, records: Sequence[dict[str, Any]], sizes: Sequence[int], rounds: int) -> list[Run]:
    """Measure both readers on all sizes, in turns.

    Raises:
        ComparisonError: Where a run fails, or the rows differ.
    """
    for count in sizes:
        write_delivery(root / f"in-{count}", records, count)
    runs: list[Run] = []
    rows: dict[int, tuple[int, int]] = {}
    for number in range(1, rounds + 1):
        for count in sizes:
            for reader in READERS:
                place = root / f"{reader}-{count}"
                runs.append(_measured(root / f"in-{count}", place, reader, count))
                found = digest(place / "table")
                if found[0] != count or found != rows.setdefault(count, found):
                    raise ComparisonError(f"{reader}: expected {count} rows, {rows[count]}, got {found}")
                shutil.rmtree(place)
                typer.echo(
                    f"round {number}/{rounds} {count:,} events {reader}: {runs[-1].cpu_s:.1f} s CPU", err=True
                )
    return runs


def _measured(source: Path, place: Path, reader: str, count: int) -> Run:
    place.mkdir()
    flags = {
        "input": source,
        "output": place / "table",
        "quarantine": place / "bad",
        "manifest": place / "m.json",
    }
    command = [str(SPARK_SUBMIT)]
    for name, value in SPARK.items():
        command += ["--conf", f"{name}={value}"]
    command += ["jobs/cloudtrail_events.py", "--reader", reader]
    for name, path in flags.items():
        command += [f"--{name}", str(path)]
    measure = [sys.executable, "-m", "benchmarks.readings_race.measured", str(place / "log"), "--", *command]
    told = subprocess.run(
        measure, cwd=ROOT, env={**os.environ, **environment()}, capture_output=True, text=True, check=False
    )
    failed = {"code": told.returncode, "log": told.stderr}
    usage: dict[str, Any] = failed if told.returncode else json.loads(told.stdout)
    if usage["code"]:
        raise ComparisonError(
            f"{reader}: expected exit code 0, got {usage['code']}; it ends with\n{usage['log']}"
        )
    return Run(reader, count, usage["wall_s"], usage["cpu_s"])


def digest(table: Path) -> tuple[int, int]:
    """Count a table's rows, and add up the hashes of all that is in them."""
    # What begins with a line below is no partition.
    files = [str(path) for path in table.glob("[!_]*/**/*.parquet")]
    if not files:
        return 0, 0
    with duckdb.connect(config={"threads": 2}) as database:
        found = database.execute(
            "SELECT count(*), sum(hash(t)::HUGEINT) FROM read_parquet($files, hive_partitioning=true) t",
            {"files": files},
        ).fetchone()
    return (int(found[0]), int(found[1])) if found else (0, 0)


def report(runs: Sequence[Run]) -> list[str]:
    """Write medians, and what growth takes."""
    lines, growth = [], {}
    for reader in READERS:
        own = [run for run in runs if run.reader == reader]
        points = []
        for count in sorted({run.events for run in own}):
            cpu = median(run.cpu_s for run in own if run.events == count)
            wall = median(run.wall_s for run in own if run.events == count)
            lines.append(f"{reader:<9} {count:>10,} events {cpu:>8.1f} s CPU {wall:>8.1f} s wall")
            points.append((count / 1e6, cpu))
        # What starting takes is not on the line.
        growth[reader] = line_through(points[1:])[0]
        lines.append(f"{reader:<9} {growth[reader]:.0f} s CPU for a further million")
    return [*lines, f"fast takes {growth['fast'] / growth['portable']:.2f} of portable's"]


if __name__ == "__main__":
    typer.run(main)
