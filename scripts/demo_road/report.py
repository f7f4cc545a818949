"""The summary on one screen: the accounting, a look into the table, what was put aside, and where to look next."""

import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from scripts.demo_road.accounting import Equation, Term
from scripts.demo_road.place import FAILED, LAKE, NAME, RAW, Place

WIDTH: Final = 110
_LAST_DAYS: Final = 4


@dataclass(frozen=True)
class Summary:
    """What is told at the end."""

    equations: Sequence[Equation]
    days: tuple[Sequence[str], Sequence[tuple[Any, ...]]]
    failed: int
    dead: Mapping[str, int]
    place: Place
    is_kept: bool

    @property
    def exit_code(self) -> int:
        """Return 1 where an equation does not hold."""
        return 0 if all(each.holds for each in self.equations) else 1


def show(console: Console, summary: Summary) -> None:
    """Print it."""
    for each in _parts(summary):
        console.print(each, soft_wrap=isinstance(each, Text))


def _parts(summary: Summary) -> Iterator[RenderableType]:
    yield accounting(summary.equations)
    if wrong := [each.place for each in summary.equations if not each.holds]:
        yield Text(
            f"does not add up: {', '.join(wrong)}; what each command has said: {summary.place.logs}",
            "bold red",
        )
    yield table_by_day(*summary.days)
    yield from put_aside(summary)
    yield from where_to_look(summary.place, is_kept=summary.is_kept)


def accounting(equations: Sequence[Equation]) -> Table:
    """Lay out the equations, a line each; those that do not hold in red."""
    table = Table(
        title="From the device to the table",
        title_justify="left",
        box=None,
        padding=(0, 1),
        show_header=False,
    )
    for each in equations:
        mark, style = ("✔", "green") if each.holds else ("✘", "bold red")
        sign = "=" if each.holds else "≠"
        line = Text(f"{_side(each.left)} {sign} {_side(each.right)}", "" if each.holds else style)
        table.add_row(Text(mark, style), Text(each.place, "bold"), line)
    return table


def table_by_day(names: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> Table:
    """Lay out the last days of the table, and how many rows the others have."""
    table = Table(
        title="device_readings by day, read by DuckDB", title_justify="left", box=None, padding=(0, 1)
    )
    for name in names:
        table.add_column(name, justify="right")
    others = rows[:-_LAST_DAYS]
    if others:
        table.add_row(f"{len(others)} days before", f"{sum(row[1] for row in others):,}", style="dim")
    for row in rows[-_LAST_DAYS:]:
        table.add_row(*(f"{value:,}" if isinstance(value, int) else str(value) for value in row))
    return table


def put_aside(summary: Summary) -> Iterator[Text]:
    """Tell what could not be read, and where it waits."""
    reasons = ", ".join(f"{reason} ({count})" for reason, count in summary.dead.items()) or "none"
    yield Text(f"put aside   {summary.failed} damaged records: s3://{RAW}/{FAILED}")
    yield Text(f"            events that are none: {reasons}, in the queue {NAME}-events-dead")


def where_to_look(place: Place, *, is_kept: bool) -> Iterator[Text]:
    """Name what is left on disk, and, where the road is still up, what to type."""
    for name, what in (
        ("raw", "objects as Firehose delivered them, and what it could not transform"),
        ("clean", "the tables; quarantine and manifests lie beside them"),
        ("logs", "what each command has said"),
    ):
        yield Text(f"{name:<11} {place.of(name)}  {what}")
    if not is_kept:
        yield Text("with scripts/demo --keep all of it stays up to play with", "dim")
        return
    yield Text("It is all still up:", "bold")
    for command in commands(place):
        yield Text(f"  {command}")


def commands(place: Place) -> list[str]:
    """Return what one can type while the road is up, in a shell at the root of the checkout."""
    data, truth = shlex.quote(str(place.aws)), shlex.quote(str(place.truth))
    variables = f"--local --var raw={RAW} --var lake={LAKE}"
    send = f"python -m ingestion.device_simulator send --local --stream {NAME}"
    return [
        f'source .venv/bin/activate; eval "$(orchestrator local up --data {data})"',
        "orchestrator status --local",
        f"orchestrator ledger status {NAME} {variables}",
        f"scripts/awscli s3 ls --recursive s3://{LAKE}/clean/",
        f"python -m ingestion.replay firehose s3://{RAW}/{FAILED} --stream {NAME} --local",
        f"{send} \\\n    follow-up --of {truth} --late 300 --corrected 200",
        f"orchestrator events drain {NAME} {variables} --var partitions=4",
        f"orchestrator local down --data {data}",
    ]


def _side(terms: Sequence[Term]) -> str:
    """Spell a side; what is nothing is told only where it is all there is, or was to be looked for."""
    return " + ".join(f"{name} {number:,}" for name, number in terms)
