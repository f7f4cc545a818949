"""Trees of processes: known by a variable that all of them inherit, and ended with all that they have started.

Neither a process group nor a session would do: PySpark's daemon makes a group of its own, `setsid` a session.
"""

import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from time import monotonic, sleep
from typing import Final

import psutil

# Its value is the folder of the work.
VARIABLE: Final = "EMR_JOB_SUITE_WORK"
_PATIENCE_S: Final = 5
_SOON_S: Final = 1
_LOOK_AGAIN_S: Final = 0.05


class ProcessTree:
    """A process and all that it has started."""

    def __init__(self, command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> None:
        """Start a command in the scratch folder of `folder`, which keeps its `stdout` and `stderr`.

        Raises:
            OSError: Where it cannot be started.
        """
        scratch = folder / "scratch"
        scratch.mkdir(parents=True, exist_ok=True)
        self._mark = str(folder.resolve())
        with (folder / "stdout").open("ab") as stdout, (folder / "stderr").open("ab") as stderr:
            self._process = subprocess.Popen(
                list(command),
                cwd=scratch,
                env={**environment, VARIABLE: self._mark},
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                stderr=stderr,
                start_new_session=True,
            )
        self.pid = self._process.pid

    @property
    def has_ended(self) -> bool:
        """Tell whether the process has ended."""
        return self._process.poll() is not None

    def wait(self) -> int:
        """Wait for the end of the process, end what it has left behind, and return its exit code as a shell has it."""
        code = self._process.wait()
        _end_all(lambda mark: mark == self._mark)
        return 128 - code if code < 0 else code

    def end(self, *, is_forced: bool) -> None:
        """Ask all of it to end, or kill it."""
        wanted = signal.SIGKILL if is_forced else signal.SIGTERM
        _signal(_marked(lambda mark: mark == self._mark), wanted)


def end_leftovers(root: Path) -> int:
    """End what a server before this one has left running below a folder; returns how many processes there were."""
    begin = f"{root.resolve()}/"
    return _end_all(lambda mark: mark.startswith(begin))


def kill_leftovers(root: Path) -> None:
    """Kill what runs below a folder, at once: soon a next server may run something of its own there."""
    begin, deadline = f"{root.resolve()}/", monotonic() + _SOON_S
    while (left := _marked(lambda mark: mark.startswith(begin))) and monotonic() < deadline:
        _signal(left, signal.SIGKILL)
        sleep(_LOOK_AGAIN_S)


def _marked(is_wanted: Callable[[str], bool]) -> list[psutil.Process]:
    """Find processes by their marks; what is another user's has none that we could read."""
    found = []
    for process in psutil.process_iter():
        try:
            mark = process.environ().get(VARIABLE)
            if mark is not None and is_wanted(mark) and _lives(process):
                found.append(process)
        except (OSError, psutil.Error):
            continue
    return found


def _lives(process: psutil.Process) -> bool:
    """Tell whether a process still does anything: where nobody reaps orphans, as in many containers, its id stays."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _end_all(is_wanted: Callable[[str], bool]) -> int:
    """End processes, by request first, then by force."""
    count = len(_marked(is_wanted))
    for wanted in (signal.SIGTERM, signal.SIGKILL):
        left = _marked(is_wanted)
        if not left:
            break
        _signal(left, wanted)
        deadline = monotonic() + _PATIENCE_S
        # What is about to end has no mark any more, but may still be there.
        while (_marked(is_wanted) or any(map(_lives, left))) and monotonic() < deadline:
            sleep(_LOOK_AGAIN_S)
    return count


def _signal(processes: Sequence[psutil.Process], wanted: signal.Signals) -> None:
    for process in processes:
        try:
            process.send_signal(wanted)
        except psutil.NoSuchProcess:
            continue
