"""Trees of processes: started in a session of their own, and ended with all that they have started.

A session, not a process group: PySpark's daemon makes a group of its own.
"""

import json
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from time import monotonic, sleep
from typing import Final

import psutil

_RECORD: Final = "process.json"
_PATIENCE_S: Final = 5
_LOOK_AGAIN_S: Final = 0.05


class ProcessTree:
    """A process and all that it has started."""

    def __init__(self, command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> None:
        """Start a command in the scratch folder of `folder`, which keeps its `stdout`, `stderr` and record."""
        scratch = folder / "scratch"
        scratch.mkdir(parents=True, exist_ok=True)
        with (folder / "stdout").open("ab") as stdout, (folder / "stderr").open("ab") as stderr:
            self._process = subprocess.Popen(
                list(command),
                cwd=scratch,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                stderr=stderr,
                start_new_session=True,
            )
        self.pid = self._process.pid
        record = {"pid": self.pid, "created": psutil.Process(self.pid).create_time()}
        (folder / _RECORD).write_text(json.dumps(record), encoding="utf-8")

    def wait(self) -> int:
        """Wait for the end of the process, end what it has left behind, and return its exit code as a shell has it."""
        code = self._process.wait()
        _end_session(self.pid)
        return 128 - code if code < 0 else code

    def end(self, *, is_forced: bool) -> None:
        """Ask all of it to end, or kill it."""
        _signal(_session(self.pid), signal.SIGKILL if is_forced else signal.SIGTERM)


def end_leftovers(root: Path) -> int:
    """End the trees that a server before this one has left running below a folder; returns how many there were."""
    ended = 0
    for record in sorted(root.rglob(_RECORD)):
        told = json.loads(record.read_text(encoding="utf-8"))
        if _is_running(told["pid"], told["created"]):
            _end_session(told["pid"])
            ended += 1
        record.unlink()
    return ended


def _is_running(pid: int, created: float) -> bool:
    try:
        return psutil.Process(pid).create_time() == created
    except psutil.NoSuchProcess:
        return False


def _session(session_id: int) -> list[psutil.Process]:
    """Find the processes of a session."""
    found = []
    for process in psutil.process_iter():
        try:
            if os.getsid(process.pid) == session_id and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except (ProcessLookupError, PermissionError, psutil.Error):
            continue
    return found


def _end_session(session_id: int) -> None:
    """End a session: by request first, then by force."""
    for wanted in (signal.SIGTERM, signal.SIGKILL):
        left = _session(session_id)
        if not left:
            return
        _signal(left, wanted)
        deadline = monotonic() + _PATIENCE_S
        # Not by waiting for ids to go: where nobody reaps orphans, as in many containers, they never do.
        while _session(session_id) and monotonic() < deadline:
            sleep(_LOOK_AGAIN_S)


def _signal(processes: Sequence[psutil.Process], wanted: signal.Signals) -> None:
    for process in processes:
        try:
            process.send_signal(wanted)
        except psutil.NoSuchProcess:
            continue
