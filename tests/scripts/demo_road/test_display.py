"""The progress: plain lines where there is no terminal, rows that move where there is one."""

from io import StringIO

from rich.console import Console

from scripts.demo_road.display import Display
from scripts.demo_road.rows import Row, State


class Clock:
    """A clock that stands still but for what is added."""

    now = 100.0

    def __call__(self) -> float:
        """Tell the time."""
        return self.now


def test_lines_tell_each_change_of_state_and_figures_now_and_then() -> None:
    told, clock = StringIO(), Clock()
    display = Display(Console(file=told, width=30), clock)
    display.step("begin")
    display.command("do 'it now'")
    for seconds, row in (
        (1, Row("stream", State.WAITING, "0")),
        (1, Row("stream", State.WORKING, "5 records")),
        (1, Row("stream", State.WORKING, "6 records")),
        (20, Row("stream", State.WORKING, "7 records")),
        (1, Row("stream", State.DONE, "8 records, which is a line longer than the console")),
        (20, Row("stream", State.DONE, "8 records, which is a line longer than the console")),
    ):
        clock.now += seconds
        display.show([row])
    display.close()
    assert told.getvalue() == (
        "[  0 s] begin\n"
        "        $ do 'it now'\n"
        "[  2 s]   stream: working: 5 records\n"
        "[ 23 s]   stream: working: 7 records\n"
        "[ 24 s]   stream: done: 8 records, which is a line longer than the console\n"
    )


def test_a_terminal_gets_rows_that_move_and_is_left_clean() -> None:
    told = StringIO()
    display = Display(Console(file=told, width=60, force_terminal=True), Clock())
    display.show(
        [
            Row("stream", State.DONE, "8 records"),
            Row("Firehose", State.WORKING, "3 transformed"),
            Row("table", State.WAITING, "0 files"),
            Row("cluster", State.FAILED, "TERMINATED_WITH_ERRORS"),
        ]
    )
    display.close()
    text = told.getvalue()
    for words in ("✔", "✘", "·", "3 transformed", "TERMINATED_WITH_ERRORS", "\x1b[?25h"):
        assert words in text
