"""What commands print: for people a table, for programs one JSON document."""

import json
from typing import Any

import pytest

from orchestrator.commands.options import OutputFormat
from orchestrator.commands.printing import plain, print_document, print_line, print_rows, say

ROWS: list[dict[str, Any]] = [
    {"id": "j-1", "name": "[red]nightly[/red]", "age": None, "hidden": 1},
    {"id": "j-2\x1b[2J", "name": "x" * 300},
]


def test_json_is_one_document_with_all_that_rows_hold(capsys: pytest.CaptureFixture[str]) -> None:
    print_rows(ROWS, ["id"], OutputFormat.JSON)
    told = capsys.readouterr()
    assert (json.loads(told.out), told.err) == (ROWS, "")
    assert told.out.count("\n") == 1


def test_a_table_has_the_named_columns_and_values_to_the_letter(capsys: pytest.CaptureFixture[str]) -> None:
    print_rows(ROWS, ["id", "name", "age"], OutputFormat.TABLE)
    lines = capsys.readouterr().out.splitlines()
    assert [cell.strip() for cell in lines[1].split("┃")[1:-1]] == ["id", "name", "age"]
    rows = [[cell.strip() for cell in line.split("│")[1:-1]] for line in lines[3:5]]
    assert rows == [["j-1", "[red]nightly[/red]", ""], ["j-2\\x1b[2J", "x" * 300, ""]]


def test_an_empty_list_is_a_document_too(capsys: pytest.CaptureFixture[str]) -> None:
    print_rows([], ["id"], OutputFormat.JSON)
    assert capsys.readouterr().out == "[]\n"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2Jgone", "\\x1b[2Jgone"),
        ("a\tb\nc", "a\tb\nc"),
        ("über", "über"),
        ("\u202egnp.exe\r", "\\u202egnp.exe\\r"),
    ],
)
def test_what_would_move_the_cursor_is_shown(text: str, shown: str) -> None:
    assert plain(text) == shown


def test_lines_and_documents_are_results_and_what_is_said_is_none(capsys: pytest.CaptureFixture[str]) -> None:
    print_line("a\x07")
    print_document({"b": 1})
    say("c")
    told = capsys.readouterr()
    assert (told.out, told.err) == ('a\\x07\n{"b":1}\n', "c\n")
