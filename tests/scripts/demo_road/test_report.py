"""The summary fits on a screen, tells what does not add up, and names what to type next."""

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from scripts.demo_road.accounting import Counts, equations
from scripts.demo_road.place import Place
from scripts.demo_road.report import WIDTH, Summary, commands, show
from tests.scripts.demo_road.counts import GOOD, other

NAMES = ("event_date", "rows", "mean °C")
DAYS: list[tuple[Any, ...]] = [(f"2024-03-{day:02}", 1000 + day, 11.5) for day in range(1, 14)]


def summary(counts: Counts = GOOD, *, is_kept: bool = False) -> Summary:
    place = Place(Path("/tmp/a demo/output"))  # noqa: S108 - only its name
    return Summary(equations(counts), (NAMES, DAYS), 3, {"not_json": 1}, place, is_kept)


def printed(told: Summary, *, in_colour: bool = False) -> str:
    file = StringIO()
    colours: Any = "standard" if in_colour else None
    show(Console(file=file, width=WIDTH, force_terminal=in_colour, color_system=colours), told)
    return file.getvalue()


@pytest.mark.parametrize("is_kept", [False, True])
def test_it_fits_on_a_screen(is_kept: bool) -> None:
    lines = printed(summary(is_kept=is_kept)).splitlines()
    assert len(lines) <= 40
    tables = [line for line in lines if "demo/output" not in line]
    assert max(map(len, tables)) <= WIDTH


def test_each_line_of_the_accounting_has_its_numbers() -> None:
    text = printed(summary())
    assert "✔  stream      sent 970 + sent again 0 + damaged ones 3 = records 973" in text
    assert "✔  rows        read 1,000 = accepted 990 + quarantined 10" in text
    assert "✘" not in text
    assert "does not add up" not in text
    assert summary().exit_code == 0


def test_what_does_not_add_up_is_red_and_makes_the_demo_fail() -> None:
    told = summary(other("tables", rows=959))
    text = printed(told, in_colour=True)
    assert told.exit_code == 1
    assert "\x1b[1;31m✘\x1b[0m" in text
    assert "inserted 960 ≠ rows by DuckDB 959" in text
    assert (
        "does not add up: table, hours, devices; what each command has said: /tmp/a demo/output/logs" in text
    )


def test_days_and_what_was_put_aside_are_told_in_short() -> None:
    text = " ".join(printed(summary()).split())
    assert "9 days before 9,045" in text
    assert "2024-03-10 1,010 11.5" in text
    assert "2024-03-09" not in text
    assert "put aside 3 damaged records: s3://raw/processing-failed/devices/" in text
    assert "events that are none: not_json (1), in the queue devices-events-dead" in text


def test_what_can_be_typed_is_told_only_while_it_is_up() -> None:
    kept, ended = printed(summary(is_kept=True)), printed(summary())
    for command in commands(summary().place):
        assert command in kept
        assert command not in ended
    assert "eval \"$(orchestrator local up --data '/tmp/a demo/output/aws')\"" in kept
    assert "with scripts/demo --keep all of it stays up to play with" in ended


def test_a_table_without_rows_is_no_fault_of_the_report() -> None:
    told = Summary(equations(GOOD), ((), ()), 0, {}, Place(Path("/none")), is_kept=False)
    assert "events that are none: none" in printed(told)
