"""Commands are told, logged and looked after; what fails is told with its log, what is interrupted leaves nothing."""

import signal
import sys
from pathlib import Path

import psutil
import pytest

from orchestrator.errors import FailedError
from orchestrator.waiting import Deadline, wait_for
from scripts.demo_road.shell import Shell, shown


def shell(folder: Path, told: list[str]) -> Shell:
    return Shell(folder, folder / "logs", told.append, lambda: None)


def is_alive(pid: int) -> bool:
    """Tell whether a process runs; one that nobody has waited for does not."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def python(text: str) -> list[str]:
    return [sys.executable, "-c", text]


def test_a_command_is_told_as_it_is_typed_and_what_it_prints_is_returned(tmp_path: Path) -> None:
    told: list[str] = []
    made = shell(tmp_path, told)
    made.environment["SHOWN"] = "no"
    command = python("import os, sys; print(os.environ['SHOWN'], os.getcwd()); sys.stderr.write('word')")
    assert made.run(command, {"SHOWN": "it is"}) == f"it is {tmp_path}\n"
    assert told == [f"SHOWN='it is' {shown(command)}"]
    [log] = (tmp_path / "logs").glob("01-*.log")
    assert log.read_text() == "word"


def test_the_logs_are_named_by_the_commands_in_their_order(tmp_path: Path) -> None:
    made = shell(tmp_path, [])
    made.run(["echo", "drain", "devices", "--local"])
    made.run(["true"])
    assert sorted(path.name for path in (tmp_path / "logs").iterdir()) == [
        *("01-echo-drain-devices.log", "01-echo-drain-devices.out", "02-true.log", "02-true.out")
    ]


def test_what_fails_is_told_with_its_log_and_its_last_words(tmp_path: Path) -> None:
    command = python("import sys; sys.stderr.write('first\\n' * 9 + 'no such bucket\\n'); sys.exit(3)")
    with pytest.raises(FailedError) as raised:
        shell(tmp_path, []).run(command)
    [log] = (tmp_path / "logs").glob("01-*.log")
    assert f"{shown(command)}: exit code 3; its log is {log}\n" in str(raised.value)
    assert str(raised.value).splitlines()[-2:] == ["first", "no such bucket"]


def test_the_demo_looks_on_while_a_command_runs_and_ends_it_when_interrupted(tmp_path: Path) -> None:
    looked: list[int] = []

    def look() -> None:
        looked.append(1)
        if (tmp_path / "child").exists():
            raise KeyboardInterrupt

    made = Shell(tmp_path, tmp_path / "logs", lambda _: None, look)
    with pytest.raises(KeyboardInterrupt):
        made.run(["bash", "-c", "sleep 600 & echo $! >begun; mv begun child; wait"])
    assert looked
    child = int((tmp_path / "child").read_text())
    assert wait_for(lambda: not is_alive(child), Deadline(10))


def test_what_does_not_end_when_it_is_asked_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scripts.demo_road.shell._TO_END_S", 0.5)

    def look() -> None:
        if (tmp_path / "ready").exists():
            raise KeyboardInterrupt

    made = Shell(tmp_path, tmp_path / "logs", lambda _: None, look)
    text = f"""
import os, pathlib, signal, time
signal.signal({int(signal.SIGINT)}, signal.SIG_IGN)
pathlib.Path("pid").write_text(str(os.getpid()))
pathlib.Path("ready").touch()
time.sleep(600)
"""
    with pytest.raises(KeyboardInterrupt):
        made.run(python(text))
    assert not is_alive(int((tmp_path / "pid").read_text()))
