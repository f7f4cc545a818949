"""Trees of processes."""

import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from local_aws.running.processes import ProcessTree, end_leftovers
from tests.local_aws.waiting import until

ENVIRONMENT = {"PATH": os.environ["PATH"]}
# A child in a session of its own, and one that does not heed SIGTERM; they tell their ids, then all wait.
TREE = """
import os, subprocess, sys, time
child = subprocess.Popen(["sleep", "600"], start_new_session=True)
stubborn = subprocess.Popen([sys.executable, "-c", "import signal, time; signal.signal(15, signal.SIG_IGN); \
open('ready', 'w').write('x'); time.sleep(600)"])
print(child.pid, stubborn.pid, flush=True)
while not os.path.exists("ready"): time.sleep(0.01)
if sys.argv[1] == "leave": sys.exit(7)
os.mkfifo("wait"); os.rename("wait", "waiting"); open("waiting").read()
"""


def start(folder: Path, what: str) -> ProcessTree:
    return ProcessTree([sys.executable, "-c", TREE, what], folder, ENVIRONMENT)


def is_zombie(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def running(folder: Path) -> list[int]:
    pids = [int(pid) for pid in (folder / "stdout").read_text().split()]
    assert len(pids) == 2
    return [pid for pid in pids if psutil.pid_exists(pid) and not is_zombie(pid)]


def test_a_process_writes_to_its_folder_and_its_exit_code_is_a_shells(tmp_path: Path) -> None:
    script = 'echo "$PWD" "$A"; echo bad >&2; read line; exit 3'
    tree = ProcessTree(["bash", "-c", script], tmp_path, {**ENVIRONMENT, "A": "x"})
    assert tree.wait() == 3
    assert (tmp_path / "stdout").read_text() == f"{tmp_path}/scratch x\n"
    assert (tmp_path / "stderr").read_text() == "bad\n"


@pytest.mark.parametrize(("is_forced", "code"), [(False, 143), (True, 137)])
def test_the_whole_tree_ends(tmp_path: Path, is_forced: bool, code: int) -> None:
    tree = start(tmp_path, "wait")
    until((tmp_path / "scratch" / "waiting").exists)
    assert len(running(tmp_path)) == 2
    tree.end(is_forced=is_forced)
    assert tree.wait() == code
    assert running(tmp_path) == []


def test_a_tree_that_heeds_no_request_is_killed(tmp_path: Path) -> None:
    deaf = "import signal, time; signal.signal(15, signal.SIG_IGN); open('waiting', 'w').close(); time.sleep(600)"
    tree = ProcessTree([sys.executable, "-c", deaf], tmp_path, ENVIRONMENT)
    until((tmp_path / "scratch" / "waiting").exists)
    tree.end(is_forced=False)
    tree.end(is_forced=True)
    assert tree.wait() == 137


def test_what_a_process_leaves_behind_ends_with_it(tmp_path: Path) -> None:
    assert start(tmp_path, "leave").wait() == 7
    assert running(tmp_path) == []


def test_what_a_server_left_behind_is_ended_by_the_next(tmp_path: Path) -> None:
    # A process of its own starts the tree, and is killed: nobody waits for the tree.
    starting = (
        "import os, sys; from pathlib import Path; from local_aws.running.processes import ProcessTree; "
        "ProcessTree([sys.executable, '-c', sys.argv[1], 'wait'], Path(sys.argv[2]), {'PATH': os.environ['PATH']}); "
        "os.kill(os.getpid(), 9)"
    )
    folder = tmp_path / "j-1" / "steps" / "s-1"
    subprocess.run([sys.executable, "-c", starting, TREE, str(folder)], check=False)
    until((folder / "scratch" / "waiting").exists)
    assert len(running(folder)) == 2
    assert end_leftovers(tmp_path / "j-2") == 0
    assert end_leftovers(tmp_path) == 3
    until(lambda: running(folder) == [])  # a killed process is there until the system has taken it away
    assert end_leftovers(tmp_path) == 0
