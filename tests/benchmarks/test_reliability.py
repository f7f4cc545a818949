"""The parts of the comparison that need no Spark; that kills leave no trace is in tests/jobs/test_kills.py."""

import json
import signal
import subprocess
import sys
from dataclasses import replace

import pytest
import typer

from benchmarks import reliability
from benchmarks.reliability import Kill, State, comparable, draw_kills, make_messages
from jobs.common.commit.journal import COMMIT_POINTS

NOTHING = State(table=[], quarantine=[], manifests={}, leftovers=[])


def test_kills_are_every_commit_point_then_moments_that_the_seed_gives_again() -> None:
    kills = draw_kills(12, 7, 400, 0.5)
    assert [kill.point for kill in kills] == [*COMMIT_POINTS, *[None] * 5]
    assert kills == draw_kills(12, 7, 400, 0.5)
    assert kills != draw_kills(12, 8, 400, 0.5)
    assert [kill.kind for kill in kills[6:8]] == ["published", "random"]
    assert all(1 <= kill.line <= 500 and 0 <= kill.delay_s <= 0.5 for kill in kills[7:])


@pytest.mark.parametrize(
    ("changed", "part"),
    [
        (replace(NOTHING, table=[("row",)]), "table"),
        (replace(NOTHING, quarantine=[("row",)]), "quarantine"),
        (replace(NOTHING, manifests={"first": {}}), "manifests"),
        (replace(NOTHING, leftovers=["table/_staging/x"]), "leftovers"),
    ],
)
def test_a_difference_names_its_part(changed: State, part: str) -> None:
    assert NOTHING.differences(changed) == [part]
    assert changed.differences(changed) == []


def test_manifests_are_compared_without_times_and_bytes() -> None:
    manifest = {
        "run_id": "r",
        "started_at": "a",
        "finished_at": "b",
        "partitions": [{"rows": 1, "bytes": 2, "files": 1}],
    }
    assert comparable(manifest) == {"run_id": "r", "partitions": [{"rows": 1, "files": 1}]}


def test_the_runs_insert_correct_repeat_and_spoil_rows_of_each_other() -> None:
    runs = {name: {line for line in lines if '"event_id"' in line} for name, lines in make_messages().items()}
    assert runs["first"] & runs["second"]
    keys = {
        name: {(each["device_id"], each["event_id"]) for each in map(json.loads, lines)}
        for name, lines in runs.items()
    }
    assert keys["first"] & keys["second"] & keys["other"]
    assert keys["second"] - keys["first"] - keys["other"]
    assert keys["other"] - keys["first"] - keys["second"]


PRINTS = "for number in range(1, 6): print(number, flush=True)\nimport sys; sys.stdin.read()"


@pytest.mark.parametrize(
    ("kill", "lines"), [(Kill(line=3), 3), (Kill(line=1, delay_s=0.01), 1), (Kill(line=5), 5)]
)
def test_a_process_is_killed_with_its_group_at_a_line_of_its_log(kill: Kill, lines: int) -> None:
    child = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {PRINTS!r}], stdout=sys.stderr)"
    process = subprocess.Popen(
        [sys.executable, "-c", child],
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    with process:
        log = list(reliability._until_killed(process, kill))
        assert process.wait(30) == -signal.SIGKILL
        # The end of the log comes only when nobody of the group holds it any more.
        rest = process.stderr.read() if process.stderr else ""
    every = [f"{number}\n" for number in range(1, 6)]
    assert log == every[:lines]
    assert "".join(every).endswith(rest)


def test_a_process_that_ends_before_its_kill_is_left_alone() -> None:
    command = [sys.executable, "-c", "import sys; print('only', file=sys.stderr)"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True) as process:
        log = list(reliability._until_killed(process, Kill(line=2)))
        assert (log, process.wait(30)) == (["only\n"], 0)


class FakeWorkshop:
    """Stands for runs and kills, and differs after each kill at `added`."""

    log_lines = 100

    def __init__(self, *_: object) -> None:
        pass

    def survive(self, kill: Kill) -> list[tuple[str, list[str]]]:
        return [("the same run", []), ("another", ["table"] if kill.point == self.differs_at else [])]

    differs_at = ""


@pytest.mark.parametrize(("differs_at", "code", "total"), [("", 0, 0), ("added", 1, 1)])
def test_the_command_prints_counts_and_seed_and_fails_on_any_difference(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    differs_at: str,
    code: int,
    total: int,
) -> None:
    monkeypatch.setattr(FakeWorkshop, "differs_at", differs_at)
    monkeypatch.setattr(reliability, "Workshop", FakeWorkshop)
    monkeypatch.setattr(reliability, "start", lambda _: None)
    with pytest.raises(typer.Exit) as ended:
        reliability.main(kills=10, seed=3)
    assert ended.value.exit_code == code
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == f"10 kills, 20 recoveries, seed 3: {total} differ"
    assert lines[-2].split() == ["random", "another", "3", "0"]
