"""A piece of work of a cluster, a step or a bootstrap action, in a thread of its own: a process and its controller log.

https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-manage-view-web-log-files.html
"""

import logging
import shutil
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Final

from local_aws.emr.world import Outcome
from local_aws.running.processes import ProcessTree

# What a shell says of a process that was asked to end.
TERMINATED: Final = 143
# And of a file that is no program.
CANNOT_EXECUTE: Final = 126
LOGS: Final = ("controller", "stdout", "stderr")
log = logging.getLogger("local_aws.running")


class Work:
    """Something that runs: `do` is called in a thread, and what it returns is told by `done`.

    `folder` keeps its logs; `containers` are further folders of logs, where cluster mode has the driver's. On YARN they
    are elsewhere: `logs_elsewhere` finds them, by their places below the cluster's logs.
    """

    def __init__(
        self, folder: Path, do: "Callable[[Work], Outcome]", done: Callable[[Outcome], None]
    ) -> None:
        """Prepare it."""
        self.folder = folder
        self.containers: list[Path] = []
        self.logs_elsewhere: Callable[[], Mapping[str, Path]] = dict
        self.is_stopped = threading.Event()
        self._lock = threading.Lock()
        self._tree: ProcessTree | None = None
        self._thread = threading.Thread(target=self._work, args=(do, done), name=f"work-{folder.name}")

    def begin(self) -> None:
        """Begin."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for name in LOGS:
            (self.folder / name).touch()
        self._thread.start()

    def note(self, text: str, level: str = "INFO") -> None:
        """Write a line of the controller log."""
        instant = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        with (self.folder / "controller").open("a", encoding="utf-8") as controller:
            controller.write(f"{instant} {level} {text}\n")

    def execute(
        self, command: Sequence[str], variables: Mapping[str, str], container: Path | None = None
    ) -> int:
        """Run a command to its end, and return its exit code; where the work is stopped before, none is begun.

        What it writes goes to the work's folder, or to a container's.
        """
        output = container or self.folder
        if container:
            container.mkdir(parents=True, exist_ok=True)
            self.containers.append(container)
        self.note(f"startExec {list(command)}")
        began = monotonic()
        with self._lock:
            if self.is_stopped.is_set():
                self.note("stopped before its process began", "WARN")
                return TERMINATED
            try:
                self._tree = ProcessTree(command, output, variables)
            except OSError as fault:
                self.note(f"{command[0]}: expected a program, cannot execute it: {fault.strerror}", "ERROR")
                return CANNOT_EXECUTE
        self.note(f"ProcessRunner started child process {self._tree.pid}")
        code = self._tree.wait()
        self.note(f"waitProcessCompletion ended with exit code {code}")
        seconds = round(monotonic() - began)
        self.note(f"total process run time: {seconds} seconds")
        if code:
            self.note(f"Step failed with exitCode {code} and took {seconds} seconds", "WARN")
        else:
            self.note("Execution succeeded")
        shutil.rmtree(output / "scratch", ignore_errors=True)
        return code

    def stop(self, *, is_forced: bool) -> None:
        """Ask what runs to end, or kill it; what has not begun will not."""
        with self._lock:
            self.is_stopped.set()
            if self._tree:
                self._tree.end(is_forced=is_forced)

    def join(self) -> None:
        """Wait for its end."""
        self._thread.join()

    def _work(self, do: "Callable[[Work], Outcome]", done: Callable[[Outcome], None]) -> None:
        try:
            outcome = do(self)
        except Exception as fault:
            log.exception("%s: the local engine failed", self.folder)
            message = f"{type(fault).__name__}: {fault}"
            self.note(f"the local engine failed: {message}", "ERROR")
            outcome = Outcome(1, {"Reason": "The local engine failed.", "Message": message})
        done(outcome)
