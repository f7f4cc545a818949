"""Shows how far the road is: rows that move on a terminal, else plain lines; all on standard error."""

import time
from collections.abc import Callable, Sequence
from typing import Final

from rich.console import Console, Group
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from scripts.demo_road.rows import Row, State

_MARKS: Final = {State.WAITING: ("·", "dim"), State.DONE: ("✔", "green"), State.FAILED: ("✘", "red")}
# How often a part that goes on is told of where lines are all there is.
_LINES_EVERY_S: Final = 15.0


class Display:
    """Rows that move, below the commands that are run; a console that is no terminal gets lines."""

    def __init__(self, console: Console, now: Callable[[], float] = time.monotonic) -> None:
        """Begin to count the time."""
        self._console, self._now, self._began_at = console, now, now()
        self._spinner = Spinner("dots")
        self._live: Live | None = None
        self._told: dict[str, tuple[Row, float]] = {}
        if console.is_terminal:
            self._live = Live(console=console, auto_refresh=False, transient=True)
            self._live.start()

    @property
    def seconds(self) -> float:
        """Tell how long it has been going on."""
        return self._now() - self._began_at

    def step(self, text: str) -> None:
        """Say what comes next."""
        self._print(Text(f"[{self.seconds:3.0f} s] {text}", style="bold"))

    def command(self, text: str) -> None:
        """Tell a command that is run."""
        self._print(Text(f"        $ {text}", style="dim"))

    def show(self, rows: Sequence[Row]) -> None:
        """Show the rows as they are now."""
        if self._live is not None:
            self._live.update(
                Group(_table(rows, self._spinner), Text(f"{self.seconds:.0f} s", "dim")), refresh=True
            )
            return
        for row in rows:
            if self._is_news(row):
                self._told[row.part] = (row, self._now())
                self._print(Text(f"[{self.seconds:3.0f} s]   {row.part}: {row.state}: {row.figures}"))

    def close(self) -> None:
        """Leave the terminal as it was."""
        if self._live is not None:
            self._live.stop()
            self._live = None

    def _is_news(self, row: Row) -> bool:
        before, at = self._told.get(row.part, (Row(row.part, State.WAITING), self._began_at))
        if row.state is State.WAITING or row == before:
            return False
        return row.state is not before.state or self._now() - at >= _LINES_EVERY_S

    def _print(self, text: Text) -> None:
        self._console.print(text, soft_wrap=True)


def _table(rows: Sequence[Row], spinner: Spinner) -> Table:
    table = Table(show_header=False, box=None, padding=(0, 1))
    for row in rows:
        mark: Text | Spinner = spinner if row.state is State.WORKING else Text(*_MARKS[row.state])
        style = "dim" if row.state is State.WAITING else ""
        table.add_row(mark, Text(row.part, style or "bold"), Text(row.figures, style))
    return table
