"""The parts of the workshop that need no Spark; that kills leave no trace is in tests/jobs/test_kills.py."""

import signal
import subprocess
import sys
from dataclasses import replace

import pytest

from benchmarks.kills.workshop import Kill, State, comparable, until_killed

NOTHING = State(table=[], quarantine=[], manifests={}, transactions=[], leftovers=[])


@pytest.mark.parametrize(
    ("changed", "part"),
    [
        (replace(NOTHING, table=[("row",)]), "table"),
        (replace(NOTHING, quarantine=[("row",)]), "quarantine"),
        (replace(NOTHING, manifests={"first": {}}), "manifests"),
        (replace(NOTHING, transactions=["first", "first"]), "transactions"),
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
        log = list(until_killed(process, kill))
        assert process.wait(30) == -signal.SIGKILL
        # The end of the log comes only when nobody of the group holds it any more.
        rest = process.stderr.read() if process.stderr else ""
    every = [f"{number}\n" for number in range(1, 6)]
    assert log == every[:lines]
    assert "".join(every).endswith(rest)


def test_a_process_that_ends_before_its_kill_is_left_alone() -> None:
    command = [sys.executable, "-c", "import sys; print('only', file=sys.stderr)"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True) as process:
        log = list(until_killed(process, Kill(line=2)))
        assert (log, process.wait(30)) == (["only\n"], 0)
