"""However the demo comes to its end, what it has started is ended, unless it is to be kept."""

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from orchestrator.errors import FailedError, RefusedError
from scripts.demo_road.accounting import equations
from scripts.demo_road.display import Display
from scripts.demo_road.main import play
from scripts.demo_road.place import Place
from scripts.demo_road.report import Summary
from tests.scripts.demo_road.counts import GOOD, other

PLACE = Place(Path("/nowhere"))


class Pretended:
    """A story that ends as it is told to."""

    def __init__(self, what: Callable[[], Any], end: Callable[[], None] = lambda: None) -> None:
        """Tell it so."""
        self.display, self.place = Display(Console(stderr=True)), PLACE
        self._what, self._end = what, end
        self.ended = 0

    def tell(self, *, is_kept: bool) -> Summary:
        """Do what it was told to."""
        counts = self._what()
        return Summary(equations(counts), ((), ()), 3, {}, PLACE, is_kept)

    def end(self) -> None:
        """Count."""
        self.ended += 1
        self._end()


def raising(error: BaseException) -> Callable[[], Any]:
    def raise_it() -> None:
        raise error

    return raise_it


@pytest.fixture(autouse=True)
def handlers() -> Iterator[None]:
    before = {each: signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)}
    yield
    for each, handler in before.items():
        signal.signal(each, handler)


@pytest.mark.parametrize(
    ("what", "is_kept", "code", "ended", "told"),
    [
        (lambda: GOOD, False, 0, 1, ""),
        (lambda: GOOD, True, 0, 0, ""),
        (lambda: other("tables", rows=1), False, 1, 1, ""),
        (lambda: other("tables", rows=1), True, 1, 0, ""),
        (
            raising(FailedError("pip failed")),
            True,
            1,
            1,
            "scripts/demo: pip failed\nwhat each command has said: ",
        ),
        (raising(RefusedError("no")), False, 3, 1, "scripts/demo: no\n"),
        (raising(KeyboardInterrupt()), True, 130, 1, "scripts/demo: interrupted; ending what runs"),
        (lambda: os.kill(os.getpid(), signal.SIGTERM), True, 130, 1, "interrupted"),
    ],
    ids=["done", "kept", "wrong", "wrong and kept", "failed", "refused", "Ctrl-C", "SIGTERM"],
)
def test_nothing_is_left_running_that_is_not_to_be_kept(
    what: Callable[[], Any],
    is_kept: bool,
    code: int,
    ended: int,
    told: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    story: Any = Pretended(what)
    assert (play(story, is_kept=is_kept), story.ended) == (code, ended)
    captured = capsys.readouterr()
    assert told in captured.err
    assert ("From the device to the table" in captured.out) is (told == "")


def test_a_fault_of_the_demo_itself_is_raised_and_all_is_ended() -> None:
    story: Any = Pretended(raising(ZeroDivisionError()))
    with pytest.raises(ZeroDivisionError):
        play(story, is_kept=True)
    assert story.ended == 1


def test_what_does_not_end_is_told_and_is_a_failure(capsys: pytest.CaptureFixture[str]) -> None:
    story: Any = Pretended(lambda: GOOD, raising(FailedError("it does not end")))
    assert play(story, is_kept=False) == 1
    assert "scripts/demo: it does not end" in capsys.readouterr().err


def test_ctrl_c_does_not_stop_the_ending(capsys: pytest.CaptureFixture[str]) -> None:
    story: Any = Pretended(raising(KeyboardInterrupt()), lambda: os.kill(os.getpid(), signal.SIGINT))
    assert (play(story, is_kept=False), story.ended) == (130, 1)
    assert "Traceback" not in capsys.readouterr().err
