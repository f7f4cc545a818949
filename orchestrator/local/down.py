"""End the server of a folder."""

import os
import signal
from contextlib import suppress

from orchestrator.errors import FailedError, TimedOutError
from orchestrator.local.place import Place, is_locked, turn
from orchestrator.local.server import Absent, Status, look
from orchestrator.waiting import Deadline, wait_for


def down(place: Place, deadline: Deadline) -> Status | Absent:
    """End the server and return what it last said; what is not known for sure to be the server is left alone.

    Raises:
        FailedError: A server holds the folder but does not answer.
        TimedOutError: It has not ended in time.
    """
    if not place.folder.exists():
        return Absent("there is no such folder")
    with turn(place, deadline):
        found = look(place)
        if isinstance(found, Absent):
            _refuse_unknown(place, found)
            return found
        _ask_to_end(found.pid)
        # Its lock, not its pid, tells its end: a process that nobody has waited for keeps its pid.
        if not wait_for(lambda: not is_locked(place.server_lock), deadline):
            raise TimedOutError(
                f"{place.folder}: the embedded AWS (pid {found.pid}) was asked to end, but has not after "
                f"{deadline.seconds:g} s: it may still be writing its buckets; look into {place.log}, and give it "
                f"longer ({place.command('down')} --timeout SECONDS). kill -9 {found.pid} ends it at once, and loses "
                "what its S3 holds"
            )
        return found


def _ask_to_end(pid: int) -> None:
    try:
        with suppress(ProcessLookupError):  # it has just ended by itself
            os.kill(pid, signal.SIGTERM)
    except PermissionError as error:
        raise FailedError(f"pid {pid}: the embedded AWS is another user's; ask them to end it") from error


def _refuse_unknown(place: Place, absent: Absent) -> None:
    if is_locked(place.server_lock):
        raise FailedError(
            f"{place.server_lock}: a process holds this lock, but it is not known which: {absent.reason}. Nothing was "
            f"ended; try again in a moment, or look into {place.log} and end the process yourself"
        )
