"""Run a command and say what it and all its descendants took: `python -m benchmarks.readings_race.measured -- COMMAND`.

CPU comes from the kernel's own accounts where it has them: this process adopts what its descendants leave behind
(PR_SET_CHILD_SUBREAPER, https://man7.org/linux/man-pages/man2/PR_SET_CHILD_SUBREAPER.2const.html), waits for each, and
adds up their times, in which are those of all that they have waited for (wait4(2)). Missing there are children of
processes that ignore SIGCHLD, as PySpark's daemon does with its Python workers: nobody waits for them. Those are
sampled, and count with their last sample; what they do after it, at most a tenth of a second each, is lost.

Memory is the greatest sum of the proportional set sizes (PSS) of all processes, sampled: what they share counts once.
"""

import ctypes
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import psutil

_PR_SET_CHILD_SUBREAPER: Final = 36
_SAMPLE_SECONDS: Final = 0.1
# To sum up the pages of a large process takes milliseconds.
_SAMPLES_A_LOOK_AT_MEMORY: Final = 4
_GRACE_SECONDS: Final = 20
_SIGCHLD_BIT: Final = 1 << (signal.SIGCHLD - 1)


@dataclass(frozen=True)
class Usage:
    """What a command took, of which so much is sampled; `code` is its exit code, `log` the end of its stderr."""

    wall_s: float
    cpu_s: float
    sampled_cpu_s: float
    peak_bytes: int
    code: int
    log: str


class Sampler(threading.Thread):
    """Looks at all descendants of this process again and again."""

    def __init__(self) -> None:
        """Prepare; `start()` begins."""
        super().__init__(daemon=True)
        self.peak_bytes = 0
        # By process id and start: the CPU seconds last seen of those for which nobody will wait.
        self.unawaited: dict[tuple[int, float], float] = {}
        self._ended = threading.Event()

    def run(self) -> None:
        """Sample until `end`."""
        looks = 0
        while not self._ended.wait(_SAMPLE_SECONDS):
            processes = psutil.Process().children(recursive=True)
            for process in processes:
                self._look_at_cpu(process)
            if looks % _SAMPLES_A_LOOK_AT_MEMORY == 0:
                self.peak_bytes = max(self.peak_bytes, sum(map(proportional_bytes, processes)))
            looks += 1

    def end(self) -> None:
        """Stop, and wait until the last look is over."""
        self._ended.set()
        self.join()

    def _look_at_cpu(self, process: psutil.Process) -> None:
        try:
            if ignores_children(process.ppid()):
                times = process.cpu_times()
                self.unawaited[process.pid, process.create_time()] = times.user + times.system
        except (psutil.Error, OSError):
            return


def proportional_bytes(process: psutil.Process) -> int:
    """Return the proportional set size of a process; nothing where it has ended."""
    try:
        return int(process.memory_full_info().pss)
    except (psutil.Error, OSError):
        return 0


def ignores_children(pid: int) -> bool:
    """Tell whether a process ignores SIGCHLD, so that the kernel lets its children go with their accounts."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("SigIgn:"):
            return bool(int(line.split()[1], 16) & _SIGCHLD_BIT)
    return False


def measure(command: Sequence[str], log: Path) -> Usage:
    """Run a command to its end, and its descendants to theirs; for a process that has no other children."""
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    sampler = Sampler()
    started = time.perf_counter()
    with log.open("wb") as stderr:
        process = subprocess.Popen(command, stdout=stderr, stderr=stderr)
    sampler.start()
    timer = threading.Timer(_GRACE_SECONDS, _end_the_rest)
    cpu_s, reaped, wall_s, code = 0.0, set[int](), 0.0, 0
    while True:
        try:
            pid, status, usage = os.wait4(-1, 0)
        except ChildProcessError:
            break
        reaped.add(pid)
        cpu_s += usage.ru_utime + usage.ru_stime
        if pid == process.pid:
            wall_s, code = time.perf_counter() - started, os.waitstatus_to_exitcode(status)
            process.returncode = code
            timer.start()
    timer.cancel()
    sampler.end()
    sampled = sum(seconds for (pid, _), seconds in sampler.unawaited.items() if pid not in reaped)
    tail = log.read_text(errors="replace")[-4000:]
    return Usage(wall_s, cpu_s + sampled, sampled, sampler.peak_bytes, code, tail)


def _end_the_rest() -> None:
    for process in psutil.Process().children(recursive=True):
        process.kill()


def main(argv: Sequence[str]) -> int:
    """Measure, and print the usage as JSON; `argv` is the file for the command's output, `--`, and the command."""
    usage = measure(argv[2:], Path(argv[0]))
    print(json.dumps(asdict(usage)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
