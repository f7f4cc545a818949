"""Results on standard output, a table or one JSON document; everything else on standard error.

Neither shows a secret, whoever has written it: terminals and the logs of CI are read by many.
"""

import sys
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from orchestrator.commands.options import OutputFormat
from orchestrator.secrets import redact

# A pipe has no width: what reads it wants a row on a line.
_WIDE: Final = 500


def print_rows(rows: Sequence[Mapping[str, Any]], columns: Sequence[str], output: OutputFormat) -> None:
    """Print rows: as a table those columns of them, as JSON a list of all that they hold."""
    if output is OutputFormat.JSON:
        print_document(list(rows))
        return
    table = Table()
    for name in columns:
        table.add_column(name.replace("_", " "), overflow="fold")
    for row in rows:
        table.add_row(*(Text(plain(redact(_cell(row.get(name))))) for name in columns))
    Console(width=None if sys.stdout.isatty() else _WIDE).print(table)


def print_document(value: Any) -> None:
    """Print one JSON document."""
    print_raw(msgspec.json.encode(without_secrets(msgspec.to_builtins(value))).decode() + "\n")


def print_line(text: str) -> None:
    """Print a line of a result."""
    print_raw(f"{plain(text)}\n")


def print_raw(text: str) -> None:
    """Print a part of a document; whoever reads it is not left waiting."""
    sys.stdout.write(text)
    sys.stdout.flush()


def say(text: str) -> None:
    """Tell the user something that is no result."""
    typer.echo(redact(text), err=True)


def plain(text: str) -> str:
    """Show what would move a terminal's cursor or change its colours: names and logs are written by others."""
    return "".join(
        char if char.isprintable() or char in "\n\t" else char.encode("unicode_escape").decode("ascii")
        for char in text
    )


def without_secrets(value: Any) -> Any:
    """Take secrets out of all texts of a document."""
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, Mapping):
        return {redact(str(name)): without_secrets(held) for name, held in value.items()}
    return [without_secrets(each) for each in value] if isinstance(value, list | tuple) else value


def _cell(value: Any) -> str:
    return "" if value is None else str(value)
