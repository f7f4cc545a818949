"""Who takes part in the race, how each is started, and what each leaves out of the job's work."""

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.running.local_spark import FIRST_COMPILER, LOCAL, SPARK_SUBMIT

ROOT: Final = Path(__file__).resolve().parents[2]
# The same for every Spark: two cores, as the others have two threads, and what a small executor has as heap.
SPARK: Final = {**LOCAL, "spark.driver.memory": "4g"}
# Where the JVM only leads, its second compiler costs more than it gives; the others' rows go through the JVM itself.
LEADING: Final = {"spark.driver.extraJavaOptions": FIRST_COMPILER}

_NO_JOURNAL: Final = "no commit that survives a kill, no manifest with counts that close"
_LENIENT: Final = (
    "a number where a text belongs is taken",
    "only the first reason of a bad message, without its place in the object",
    "no glued messages, repeated names, damaged gzip, bad UTF-8, epoch instants or limits of size",
    "fields that it does not know are dropped; rows are not sorted",
    _NO_JOURNAL,
)


@dataclass(frozen=True)
class Task:
    """What one run is to do: folders of objects into a table at a place of its own, Parquet or Delta."""

    inputs: Sequence[str]
    place: Path
    form: str = "parquet"
    properties: Path | None = None

    @property
    def table(self) -> Path:
        """The table's folder."""
        return self.place / "table"

    def input_flags(self) -> list[str]:
        """Name the inputs as every variant takes them."""
        return [part for folder in self.inputs for part in ("--input", folder)]


@dataclass(frozen=True)
class Variant:
    """A way to do the work, as a command; `skips` says which part of it is not done."""

    name: str
    command: Callable[[Task], list[str]]
    skips: tuple[str, ...] = ()
    knows_delta: bool = False
    merges: bool = True


def _spark(script: str, task: Task, own: Mapping[str, str] | None = None) -> list[str]:
    settings = [
        part for name, value in {**SPARK, **(own or {})}.items() for part in ("--conf", f"{name}={value}")
    ]
    further = ["--properties-file", str(task.properties)] if task.properties else []
    command = [str(SPARK_SUBMIT), *further, *settings, "--conf", f"spark.local.dir={task.place}/spark"]
    return [
        *command,
        str(ROOT / script),
        *task.input_flags(),
        "--output",
        str(task.table),
        "--format",
        task.form,
    ]


def _naive(task: Task) -> list[str]:
    return _spark("benchmarks/readings_race/naive.py", task)


def _job(reader: str, settings: Mapping[str, str] | None = None) -> Callable[[Task], list[str]]:
    def command(task: Task) -> list[str]:
        places = ["--quarantine", f"{task.place}/quarantine", "--manifest", f"{task.place}/manifest.json"]
        return [*_spark("jobs/device_readings.py", task, settings), *places, "--reader", reader]

    return command


def _alone(module: str) -> Callable[[Task], list[str]]:
    def command(task: Task) -> list[str]:
        places = ["--output", str(task.table), "--quarantine", f"{task.place}/quarantine"]
        program = [sys.executable, "-m", f"benchmarks.readings_race.{module}"]
        return [*program, *task.input_flags(), *places]

    return command


VARIANTS: Final = {
    variant.name: variant
    for variant in (
        Variant(
            "naive",
            _naive,
            (
                "nothing is kept of what is bad, nor counted",
                "text after the first object of a line is lost without a word",
                "a text that reads as a number is taken for one",
                "fields that it does not know are dropped; rows are not sorted",
                _NO_JOURNAL,
            ),
            knows_delta=True,
        ),
        Variant("portable", _job("portable"), knows_delta=True),
        Variant("fast", _job("fast", LEADING), knows_delta=True),
        Variant("duckdb", _alone("by_duckdb"), ("a text that reads as a number is taken for one", *_LENIENT)),
        Variant("polars", _alone("by_polars"), _LENIENT),
        Variant(
            "floor",
            _alone("floor"),
            (
                "nothing is kept of what is bad, nor counted",
                "a text that reads as a number is taken for one, an empty id for an id, and instants of any year",
                *_LENIENT[2:],
            ),
            merges=False,
        ),
    )
}


def environment() -> dict[str, str]:
    """Return the environment that every variant runs in."""
    return {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "PYSPARK_PYTHON": sys.executable,
        "POLARS_MAX_THREADS": "2",
    }
