"""Run a command of the simulator: places checked first, progress told, the truth written last."""

import hashlib
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import msgspec
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from ingestion.devices.delivery import Delivery, Layout, Outlet
from ingestion.devices.errors import SimulationError, UsageError
from ingestion.devices.truth import Truth

EXIT_DONE: Final = 0
EXIT_FAILED: Final = 1
EXIT_USAGE: Final = 2


class ResultFormat(StrEnum):
    """How the result is printed."""

    TABLE = "table"
    JSON = "json"


@dataclass(frozen=True)
class Place:
    """Where a delivery and its truth go, and how the result is printed."""

    output: Path
    truth: Path
    result: ResultFormat

    def __post_init__(self) -> None:
        """Refuse a truth among the messages.

        Raises:
            UsageError: a job that reads the output would read the truth too.
        """
        if self.truth.resolve().is_relative_to(self.output.resolve()):
            raise UsageError(
                f"--truth: expected a file outside of --output, got {self.truth}; a job that reads "
                f"{self.output} would take it for messages"
            )
        if self.truth.is_dir():
            raise UsageError(f"--truth: expected a file, got the folder {self.truth}")


@dataclass(frozen=True)
class Making:
    """A delivery that is ready to be made: its parameters, its total where known, and the verb."""

    parameters: Mapping[str, Any]
    total: int | None
    make: Callable[[Outlet, Callable[[int], None]], Truth]
    messages_per_object: int


def run(place: Callable[[], Place], making: Callable[[], Making]) -> int:
    """Make a delivery, write its truth, print the result; return the exit code."""
    try:
        target, ready = place(), making()
        started = time.perf_counter()
        truth = _make(target, ready)
        truth.write(target.truth)
        _print_result(truth, target, time.perf_counter() - started)
    except UsageError as error:
        sys.stderr.write(f"Error: {error}\n")
        return EXIT_USAGE
    except (SimulationError, OSError) as error:
        sys.stderr.write(f"Error: {error}\n")
        return EXIT_FAILED
    return EXIT_DONE


def delivery_of(output: Path, messages_per_object: int, parameters: Mapping[str, Any]) -> Delivery:
    """Lay out a delivery; object names follow from its parameters, so others never share one."""
    named = {"parameters": parameters, "messages_per_object": messages_per_object}
    digest = hashlib.blake2b(msgspec.json.encode(named, order="sorted"), digest_size=16).digest()
    return Delivery(Layout(output, messages_per_object, digest))


def _make(target: Place, ready: Making) -> Truth:
    delivery = delivery_of(target.output, ready.messages_per_object, ready.parameters)
    target.output.mkdir(parents=True, exist_ok=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("messages", total=ready.total)
        return ready.make(delivery, lambda count: progress.advance(task, count))


def _print_result(truth: Truth, target: Place, seconds: float) -> None:
    result = {
        "output": str(target.output),
        "truth": str(target.truth),
        "rows": msgspec.to_builtins(truth.rows),
        "kinds": truth.kinds,
        "delivered": msgspec.to_builtins(truth.delivered),
        "seconds": round(seconds, 3),
        "messages_per_second": round(truth.rows.read / max(seconds, 1e-9)),
    }
    if target.result is ResultFormat.JSON:
        sys.stdout.write(msgspec.json.encode(result).decode() + "\n")
        return
    print_table(truth.made_by.command, result)


def print_table(title: str, result: Mapping[str, Any]) -> None:
    """Print figures on standard output, a line each."""
    table = Table("figure", "value", title=title)
    for name, value in _flat(result):
        table.add_row(name, value)
    Console().print(table)


def _flat(result: Mapping[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    rows: list[tuple[str, str]] = []
    for name, value in result.items():
        if isinstance(value, Mapping):
            rows += _flat(value, f"{prefix}{name}.")
        else:
            rows.append((f"{prefix}{name}", f"{value:,}" if isinstance(value, int) else str(value)))
    return rows
