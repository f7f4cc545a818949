"""What tests of whole runs ask for: a run of device_readings in this process, and what it left behind."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Protocol

import duckdb
from pyspark.sql import SparkSession

from jobs import readings_hourly
from jobs.common.runner import run
from jobs.device_readings import JOB


class Reader:
    """The reader of runs that do not say theirs: `auto`, or what the fixture `reader` sets."""

    flags: ClassVar[tuple[str, ...]] = ()


class Flags(Protocol):
    """Where a run writes, as the command line says it."""

    def argv(self, inputs: Iterable[Path | str], *further: str) -> list[str]: ...


@dataclass(frozen=True)
class Places:
    """The folders of one table, below a root of its own."""

    root: Path

    @property
    def table(self) -> Path:
        return self.root / "table"

    @property
    def quarantine(self) -> Path:
        return self.root / "quarantine"

    @property
    def manifest(self) -> Path:
        return self.root / "manifest.json"

    def argv(self, inputs: Iterable[Path | str], *further: str) -> list[str]:
        flags = [part for uri in inputs for part in ("--input", str(uri))]
        flags += ["--output", str(self.table), "--quarantine", str(self.quarantine)]
        return [*flags, "--manifest", str(self.manifest), *further]


def run_readings(
    spark: SparkSession, places: Flags, inputs: Iterable[Path | str], *further: str
) -> dict[str, Any]:
    """Run device_readings and return its manifest."""
    return run(JOB, JOB.parse(places.argv(inputs, *Reader.flags, *further)), spark).journal.manifest


def run_hourly(
    spark: SparkSession, readings: Path, output: Path, manifests: Iterable[Path] = (), *further: str
) -> dict[str, Any]:
    """Run readings_hourly on a table of readings, or on what manifests say of it, and return its manifest."""
    flags = ["--input", str(readings), "--output", str(output), "--manifest", f"{output}.json"]
    flags += [part for one in manifests for part in ("--changes-from", str(one))]
    job = readings_hourly.JOB
    return run(job, job.parse([*flags, *further]), spark).journal.manifest


def query(sql: str, files: Path | str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
    """Ask DuckDB about Parquet files; in the text they are called `files`."""
    with duckdb.connect() as database:
        database.execute("SET TimeZone = 'UTC'")
        database.execute(
            f"CREATE VIEW files AS SELECT * FROM read_parquet('{files}', hive_partitioning = true)"  # noqa: S608 - our own path
        )
        return database.execute(sql, list(parameters)).fetchall()


def table_files(places: Places) -> str:
    """Return the table as any engine may read it."""
    return f"{places.table}/event_date=*/*.parquet"


def quarantine_files(places: Places) -> str:
    """Return the quarantine as any engine may read it."""
    return f"{places.quarantine}/run_id=*/*.parquet"
