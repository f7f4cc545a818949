"""What becomes of trees of processes whose server is killed."""

import subprocess
import sys
import threading
from pathlib import Path

import psutil

from local_aws.running.guarding import Guard
from local_aws.running.processes import VARIABLE, ProcessTree

# A server that begins some work, and tells of it.
SERVER = """
import os, sys
from pathlib import Path
from local_aws.running.guarding import Guard
from local_aws.running.processes import ProcessTree
folder = Path(sys.argv[1])
guard = Guard(folder)
tree = ProcessTree(["sleep", "600"], folder / "j-1", {"PATH": os.environ["PATH"]})
print(tree.pid, flush=True)
sys.stdin.read()
"""


def is_running(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_what_a_killed_server_runs_is_killed(tmp_path: Path) -> None:
    other = ProcessTree(["sleep", "600"], tmp_path / "other", {"PATH": "/usr/bin:/bin"})
    server = subprocess.Popen(
        [sys.executable, "-c", SERVER, str(tmp_path / "clusters")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdout
    pid = int(server.stdout.readline())
    assert psutil.Process(pid).environ()[VARIABLE] == str(tmp_path / "clusters/j-1")
    server.kill()
    server.communicate()
    waiting = threading.Event()
    for _ in range(3000):
        if not is_running(pid):
            break
        waiting.wait(0.01)
    assert not is_running(pid)
    assert not other.has_ended
    other.end(is_forced=True)
    other.wait()


def test_who_lets_the_guard_go_keeps_what_runs(tmp_path: Path) -> None:
    tree = ProcessTree(["sleep", "600"], tmp_path / "j-1", {"PATH": "/usr/bin:/bin"})
    Guard(tmp_path).close()
    assert not tree.has_ended
    tree.end(is_forced=True)
    tree.wait()
