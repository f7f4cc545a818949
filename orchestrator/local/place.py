"""The folder of an embedded AWS, the files in it, and whose turn it is to start or end its server."""

import fcntl
import os
import shlex
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from orchestrator.errors import TimedOutError, UsageError
from orchestrator.waiting import Deadline, wait_for


@dataclass(frozen=True)
class Place:
    """A data folder, by its absolute path; `is_default` where the user has named none."""

    folder: Path
    is_default: bool = False

    @property
    def server_file(self) -> Path:
        """Name the file with which a server says that it is ready."""
        return self.folder / "server.json"

    @property
    def server_lock(self) -> Path:
        """Name the file that a server keeps locked as long as it lives."""
        return self.folder / "server.lock"

    @property
    def log(self) -> Path:
        """Name the file that takes what a detached server prints."""
        return self.folder / "server.log"

    @property
    def former_log(self) -> Path:
        """Name the file that keeps the log of the server before."""
        return self.folder / "server.log.1"

    @property
    def started_with(self) -> Path:
        """Name the file that keeps the options of the last start."""
        return self.folder / "started_with.json"

    @property
    def turn_file(self) -> Path:
        """Name the file that `up` and `down` lock against each other."""
        return self.folder / "orchestrator.lock"

    def command(self, verb: str) -> str:
        """Spell a command for this folder, ready to paste."""
        chosen = "" if self.is_default else f" --data {shlex.quote(str(self.folder))}"
        return f"orchestrator local {verb}{chosen}"


def place_of(data: Path | None, environment: Mapping[str, str]) -> Place:
    """Return the folder that the user names, or the one below the home of states (XDG base directories)."""
    if data is not None:
        return Place(data.resolve())
    home = Path(environment.get("XDG_STATE_HOME", ""))
    if not home.is_absolute():  # the specification has a relative path ignored
        home = Path.home() / ".local" / "state"
    return Place(home / "emr-job-suite" / "local-aws", is_default=True)


@contextmanager
def turn(place: Place, deadline: Deadline) -> Iterator[None]:
    """Make the folder and wait until no other `up` or `down` is at work on it.

    Raises:
        UsageError: The folder cannot be made, or not be written.
        TimedOutError: Another command is still at work.
    """
    try:
        place.folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(place.turn_file, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise UsageError(
            f"--data: expected a folder that can be made and written, got '{place.folder}' ({error.strerror}); "
            "name another with --data DIR"
        ) from error
    try:
        if not wait_for(lambda: _can_lock(descriptor, fcntl.LOCK_EX), deadline):
            raise TimedOutError(
                f"{place.turn_file}: another 'orchestrator local up' or 'down' is still at work there after "
                f"{deadline.seconds:g} s; wait for it, then try again"
            )
        yield
    finally:
        os.close(descriptor)


def is_locked(path: Path) -> bool:
    """Tell whether a process holds a lock on the file, by taking it for a moment."""
    try:
        descriptor = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        return not _can_lock(descriptor, fcntl.LOCK_SH)
    finally:
        os.close(descriptor)


def _can_lock(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
