"""The race: every case by every variant, in turns, each run a process of its own at a fresh place."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from benchmarks.readings_race.large_table import TOUCHED, large_table, rows_of_day, take_over
from benchmarks.readings_race.report import Case, Measured
from benchmarks.readings_race.tables import Digest, digest, size
from benchmarks.readings_race.variants import ROOT, Task, Variant, environment

_LOG_CHARACTERS: Final = 2000


class RaceError(Exception):
    """Raised where a variant fails, or writes other rows than it should."""


@dataclass(frozen=True)
class Heat:
    """A case with its inputs and the rows that the table must hold afterwards.

    `table_rows` is the size of a table to merge into; `follows` the Delta case whose table this one goes on with.
    """

    case: Case
    inputs: tuple[str, ...]
    rows: int
    table_rows: int = 0
    form: str = "parquet"
    follows: str = ""
    is_followed: bool = False

    def takes(self, variant: Variant) -> bool:
        """Tell whether a variant can take part."""
        return (variant.merges or not self.table_rows) and (variant.knows_delta or self.form != "delta")

    def expected_rows(self) -> int:
        """Count the rows of the partitions that the delivery touches."""
        return self.rows + (len(TOUCHED) * rows_of_day(self.table_rows) if self.table_rows else 0)


@dataclass
class Race:
    """Runs heats; `tell` is told how it goes, `properties` are those with which Spark knows Delta."""

    cache: Path
    scratch: Path
    tell: Callable[[str], None]
    properties: Path | None = None
    runs: list[Measured] = field(default_factory=list)
    digests: dict[str, Digest] = field(default_factory=dict)

    def run(self, heats: Sequence[Heat], variants: Sequence[Variant], rounds: int) -> None:
        """Measure every heat by every variant, in rounds.

        Raises:
            RaceError: Where a run fails or its rows are not those of the others.
        """
        for number in range(1, rounds + 1):
            for heat in heats:
                for variant in filter(heat.takes, variants):
                    found = self._measure(heat, variant)
                    self.runs.append(found)
                    self.tell(
                        f"round {number}/{rounds} {heat.case.name} {variant.name}: {found.cpu_s:.1f} s CPU, "
                        f"{found.wall_s:.1f} s wall, {found.peak_bytes / 2**30:.2f} GiB"
                    )

    def _measure(self, heat: Heat, variant: Variant) -> Measured:
        place = self.scratch / variant.name / ((heat.follows or heat.case.name).replace(" ", "-"))
        task = Task(heat.inputs, place, heat.form, self.properties if heat.form == "delta" else None)
        if not heat.follows:
            shutil.rmtree(place, ignore_errors=True)
            place.mkdir(parents=True)
        if heat.table_rows:
            take_over(large_table(self.cache, heat.table_rows), task.table)
        log = place / "log.txt"
        command = [
            sys.executable,
            "-m",
            "benchmarks.readings_race.measured",
            str(log),
            "--",
            *variant.command(task),
        ]
        told = subprocess.run(
            command, cwd=ROOT, env=environment(), capture_output=True, text=True, check=False
        )
        if told.returncode:
            raise RaceError(f"{variant.name}, {heat.case.name}: could not be measured\n{told.stderr}")
        usage = json.loads(told.stdout)
        if usage["code"]:
            raise RaceError(
                f"{variant.name}, {heat.case.name}: expected exit code 0, got {usage['code']}; its log ends with\n"
                f"{usage['log'][-_LOG_CHARACTERS:]}"
            )
        self._compare(heat, variant, task)
        files, written = size(task.table)
        if not heat.is_followed:
            shutil.rmtree(place)
        return Measured(
            variant.name, heat.case.name, usage["wall_s"], usage["cpu_s"], usage["peak_bytes"], files, written
        )

    def _compare(self, heat: Heat, variant: Variant, task: Task) -> None:
        """See that the table holds what the delivery says, and what the first variant's did."""
        name = heat.case.name
        found = digest(task.table, [str(day) for day in TOUCHED])
        if (found.rows, found.keys) != (heat.expected_rows(), heat.expected_rows()):
            raise RaceError(
                f"{variant.name}, {name}: expected {heat.expected_rows()} rows, each of its own key, got {found.rows} "
                f"of {found.keys} keys"
            )
        first = self.digests.setdefault(name, found)
        if found != first:
            raise RaceError(f"{variant.name}, {name}: expected the rows of the others, {first}, got {found}")
