import fcntl
import os
import sys
from collections.abc import Callable
from typing import TypeAlias

import pytest

from orchestrator.local import child as children
from orchestrator.local.child import Child
from orchestrator.local.place import Place

Start: TypeAlias = Callable[..., Child]


@pytest.fixture
def start(place: Place, monkeypatch: pytest.MonkeyPatch) -> Start:
    """Give a function that starts Python code as if it were the server."""
    place.folder.mkdir()

    def started(code: str, *arguments: str, foreground: bool = False) -> Child:
        monkeypatch.setattr(children, "SERVER", (sys.executable, "-c", code))
        return Child(place, list(arguments), foreground=foreground)

    return started


def test_each_start_begins_a_log_and_keeps_the_one_before(start: Start, place: Place) -> None:
    for day in ("the day before", "yesterday", "today"):
        start(f"print({day!r})").wait()
    assert place.log.read_text() == "today\n"
    assert place.former_log.read_text() == "yesterday\n"


def test_the_log_of_a_server_that_still_runs_is_left_to_it(start: Start, place: Place) -> None:
    place.log.write_text("of another\n")
    with place.server_lock.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        child = start("import sys; print('out', flush=True); print(sys.argv[1], file=sys.stderr)", "é")
        assert child.wait() == 0
    assert place.log.read_text() == "of another\nout\né\n"
    assert child.last_words() == f"the end of {place.log}:\n  out\n  é"
    assert not place.former_log.exists()


def test_in_the_foreground_the_logs_stay_as_they_are(start: Start, place: Place) -> None:
    place.log.write_text("of yesterday\n")
    start("print('out')", foreground=True).wait()
    assert place.log.read_text() == "of yesterday\n"
    assert not place.former_log.exists()


def test_it_has_minutes_to_write_its_buckets() -> None:
    assert children._END_S >= 300


def test_its_last_words_are_twenty_lines_at_most(start: Start, place: Place) -> None:
    child = start("print(*range(30), sep='\\n')")
    child.wait()
    assert child.last_words() == f"the end of {place.log}:\n  " + "\n  ".join(map(str, range(10, 30)))


def test_one_that_says_nothing_has_no_last_words(start: Start, place: Place) -> None:
    child = start("")
    child.wait()
    assert child.last_words() == f"it has written nothing to {place.log}"


def test_in_the_foreground_its_output_is_ours(start: Start, capfd: pytest.CaptureFixture[str]) -> None:
    child = start("import sys; print('out', flush=True); print('err', file=sys.stderr)", foreground=True)
    child.wait()
    assert child.last_words() == "its output is above"
    assert capfd.readouterr() == ("", "out\nerr\n")


def test_it_has_a_session_of_its_own_and_our_code(start: Start, place: Place) -> None:
    code = "import os, orchestrator; print(os.getsid(0), orchestrator.__file__)"
    child = start(code)
    assert child.exit_code is None
    child.wait()
    assert (
        place.log.read_text() == f"{child.pid} {children.__file__.replace('local/child.py', '__init__.py')}\n"
    )


def test_it_does_not_get_the_users_account(
    start: Start, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "of-nobody")
    start("import os; print(os.environ.get('AWS_PROFILE'), os.environ.get('HOME'))").wait()
    assert place.log.read_text() == f"None {os.environ['HOME']}\n"


def test_one_that_does_not_end_is_killed(start: Start, place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(children, "_END_S", 0.2)
    child = start(
        "import signal; signal.alarm(60); signal.signal(15, signal.SIG_IGN); print('begun', flush=True); signal.pause()"
    )
    while not place.log.read_text():
        assert child.exit_code is None  # it begins at once
    child.end()
    assert child.exit_code == -9
    child.end()  # of one that has ended already
