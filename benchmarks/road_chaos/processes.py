"""Processes that are begun again by the same command whenever somebody has killed them."""

import os
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import psutil

from local_aws.running.processes import VARIABLE

_PATIENCE_S: Final = 60.0
_MOST_LOG: Final = 1500


class StuckError(Exception):
    """Something has not ended, or ended otherwise than it should."""


@dataclass
class Component:
    """A command that runs in a process of its own; what it says is added to `log`."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    begun: int = 0
    _process: "subprocess.Popen[bytes] | None" = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def begin(self) -> None:
        """Begin it, or begin it again."""
        with self._lock, self.log.open("ab") as log:
            self.begun += 1
            self._process = subprocess.Popen(
                list(self.command),
                cwd=self.log.parent,
                env=dict(self.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def kill(self) -> bool:
        """End it by SIGKILL; tells whether it ran."""
        with self._lock:
            if self._process is None or self._process.poll() is not None:
                return False
            self._process.kill()
            self._process.wait()
            return True

    def look(self) -> int | None:
        """Return its exit code, and None while it runs; where it was killed it runs again."""
        assert self._process is not None  # noqa: S101 - it was begun
        code = self._process.poll()
        if code == -signal.SIGKILL:
            self.begin()
            return None
        return code

    def end(self) -> None:
        """Ask it to end; where somebody kills it meanwhile it has ended too.

        Raises:
            StuckError: It ends otherwise than it should, or not at all.
        """
        assert self._process is not None  # noqa: S101 - it was begun
        self._process.terminate()
        try:
            code = self._process.wait(_PATIENCE_S)
        except subprocess.TimeoutExpired as error:
            self.kill()
            raise StuckError(f"{self.name} does not end: {self.said()}") from error
        if code not in {0, -signal.SIGKILL}:
            raise StuckError(f"{self.name} ended with {code}: {self.said()}")

    def said(self) -> str:
        """Return the last that it has said."""
        return self.log.read_text(encoding="utf-8", errors="replace")[-_MOST_LOG:]


def kill_tree(folder: Path) -> bool:
    """End by SIGKILL all that the embedded AWS runs below a folder: the drivers; tells whether there were any.

    Nobody waits for their end here: their exit codes are for who has begun them.
    """
    begin = f"{folder.resolve()}{os.sep}"
    was_there = False
    for process in psutil.process_iter():
        try:
            if process.environ().get(VARIABLE, "").startswith(begin):
                process.kill()
                was_there = True
        except (OSError, psutil.Error):
            continue
    return was_there
