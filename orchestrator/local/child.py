"""A server process that this command has started, and may therefore end by force."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

from orchestrator.local.environment import of_server
from orchestrator.local.place import Place, is_locked

SERVER: tuple[str, ...] = (sys.executable, "-m", "local_aws")
# Python looks for the module in the folder where it is started: first beside this very code.
_CODE: Final = Path(__file__).resolve().parents[2]
_STDERR: Final = 2
# It ends the steps that run on it first, then writes its buckets.
_END_S: Final = 300.0
_LAST_LINES: Final = 20


class Child:
    """A running server: detached it writes to its log, in the foreground to our standard error."""

    def __init__(self, place: Place, arguments: list[str], *, foreground: bool) -> None:
        """Start it in a session of its own: neither Ctrl-C nor a terminal that closes reaches it, only we do."""
        self._log = None if foreground else place.log
        if not foreground:
            _begin_log(place)
        with place.log.open("ab") as log:
            self._log_start = log.tell()
            self._process = subprocess.Popen(
                [*SERVER, *arguments],
                cwd=_CODE,
                env=of_server(os.environ),
                stdin=subprocess.DEVNULL,
                stdout=_STDERR if foreground else log,
                stderr=_STDERR if foreground else log,
                start_new_session=True,
            )
        self.pid = self._process.pid

    @property
    def exit_code(self) -> int | None:
        """Return its exit code, negative after a signal; None while it lives."""
        return self._process.poll()

    def wait(self) -> int:
        """Wait until it ends by itself, or by somebody else."""
        return self._process.wait()

    def end(self) -> None:
        """Ask it to end, and kill it when it does not."""
        self._process.terminate()
        try:
            self._process.wait(_END_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def last_words(self) -> str:
        """Say where its output is, with the last lines where they are in the log."""
        if self._log is None:
            return "its output is above"
        with self._log.open("rb") as log:
            log.seek(self._log_start)
            lines = log.read().decode(errors="replace").splitlines()[-_LAST_LINES:]
        if not lines:
            return f"it has written nothing to {self._log}"
        return "\n  ".join([f"the end of {self._log}:", *lines])


def _begin_log(place: Place) -> None:
    """Put the log of the server before aside; one that still holds the folder goes on writing to it."""
    if place.log.exists() and not is_locked(place.server_lock):
        place.log.replace(place.former_log)
