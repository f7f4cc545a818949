"""Processes that are begun again when they were killed, and only then."""

import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from benchmarks.road_chaos.processes import Component, StuckError, kill_tree
from local_aws.running.processes import VARIABLE

_FOR_EVER = "import signal; print('here', flush=True); signal.pause()"
_NEVER_SORRY = (
    "import signal; signal.signal(15, lambda *_: exit(7)); print('here', flush=True); signal.pause()"
)


def _component(folder: Path, code: str) -> Component:
    made = Component("one", [sys.executable, "-c", code], dict(os.environ), folder / "one.log")
    made.begin()
    return made


def _until_it_speaks(component: Component, lines: int = 1) -> None:
    while component.said().count("here") < lines:
        assert component._process is not None
        assert component._process.poll() is None


def test_who_was_killed_is_begun_again_by_the_same_command(tmp_path: Path) -> None:
    component = _component(tmp_path, _FOR_EVER)
    assert component.look() is None
    assert component.kill()
    assert not component.kill()
    assert component.look() is None
    assert component.begun == 2
    _until_it_speaks(component)
    component.kill()
    component.end()


@pytest.mark.parametrize("code", [0, 3])
def test_who_has_ended_is_not(tmp_path: Path, code: int) -> None:
    component = _component(tmp_path, f"print('over'); exit({code})")
    while component.look() is None:
        pass
    assert (component.look(), component.begun) == (code, 1)
    assert component.said() == "over\n"


def test_who_ends_otherwise_than_asked_is_told_with_what_it_said(tmp_path: Path) -> None:
    component = _component(tmp_path, _NEVER_SORRY)
    _until_it_speaks(component)
    with pytest.raises(StuckError, match=r"^one ended with 7: here"):
        component.end()


def test_all_that_runs_below_a_folder_is_killed_and_nothing_else(tmp_path: Path) -> None:
    begun = [
        subprocess.Popen([sys.executable, "-c", _FOR_EVER], env={**os.environ, VARIABLE: f"{place}"})
        for place in (tmp_path / "mine" / "a", tmp_path / "mine" / "b", tmp_path / "minefield")
    ]
    assert kill_tree(tmp_path / "mine")
    assert [process.wait(10) for process in begun[:2]] == [-9, -9]
    assert not kill_tree(tmp_path / "mine")
    assert psutil.Process(begun[2].pid).is_running()
    begun[2].kill()
    begun[2].wait()
