"""What is said of a run that was struck."""

import json
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
import typer

from benchmarks.yarn_kills import command
from benchmarks.yarn_kills.rig import Run
from benchmarks.yarn_kills.strikes import EXECUTOR, Strike

CLEAN = Run("COMPLETED", 0.0, "d")
STRIKE = Strike(1, EXECUTOR, 0.5)


@pytest.mark.parametrize(
    ("found", "is_there", "verdict"),
    [
        (CLEAN, True, "same"),
        (CLEAN, False, "missed"),
        (Run("COMPLETED", 0.0, "e"), True, "differs"),
        (Run("FAILED", 0.0, ""), True, "failed"),
    ],
)
def test_a_table_that_differs_is_told(
    monkeypatch: pytest.MonkeyPatch, found: Run, is_there: bool, verdict: str
) -> None:
    ended = threading.Event()

    def kill(*_: str) -> bool:
        if not is_there:
            ended.set()
        return is_there

    monkeypatch.setattr(command, "kill", kill)

    def run(_: str, meanwhile: Callable[[str, threading.Event], None]) -> Run:
        meanwhile("application_1", ended)
        return found

    assert command.judge(STRIKE, run, CLEAN, "a") == verdict


def test_a_strike_that_finds_nobody_is_tried_again_earlier(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[tuple[float, str]] = []

    def judge(strike: Strike, _run: object, _clean: Run, name: str) -> str:
        tried.append((round(strike.after, 3), name))
        return "missed" if len(tried) < 3 else "same"

    monkeypatch.setattr(command, "judge", judge)
    assert command.judge_until_struck(STRIKE, FakeRig().run, CLEAN) == "same"
    assert tried == [(0.5, "executor-1-0"), (0.35, "executor-1-1"), (0.245, "executor-1-2")]


class FakeRig:
    def __init__(self, *_: object) -> None:
        self.names: list[str] = []

    def __enter__(self) -> "FakeRig":
        return self

    def __exit__(self, *_: object) -> None: ...

    def run(self, _: str, _meanwhile: object = None) -> Run:
        return CLEAN


def test_what_a_record_has_is_not_done_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "Rig", FakeRig)
    record = tmp_path / "verdicts.jsonl"

    def call() -> int:
        with pytest.raises(typer.Exit) as ended:
            command.yarn_kills(executors=2, drivers=1, seed=1, release="emr-7.14.0", record=record)
        return ended.value.exit_code

    assert call() == 1  # nobody was killed: nothing is proven
    lines = record.read_text().splitlines()
    assert [json.loads(line)["verdict"] for line in lines] == ["missed"] * 3
    record.write_text("".join(f"{line}\n" for line in lines[:2]).replace("missed", "differs"))
    capsys.readouterr()
    assert call() == 1
    assert capsys.readouterr().out.count("after") == 1
    assert len(record.read_text().splitlines()) == 3
