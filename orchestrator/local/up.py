"""Start the server of a folder, or find the one that runs."""

from collections.abc import Callable
from dataclasses import dataclass

from orchestrator.errors import FailedError, OrchestratorError, TimedOutError, UsageError
from orchestrator.local.child import Child
from orchestrator.local.options import Options, refuse_others, write_record
from orchestrator.local.place import Place, turn
from orchestrator.local.server import Absent, ServerFile, Status, look, read_file, verify
from orchestrator.waiting import Deadline, wait_for

_USAGE = UsageError.exit_code


@dataclass(frozen=True)
class Up:
    """A server that is ready; `child` is None where it ran before."""

    status: Status
    child: Child | None = None


def up(place: Place, options: Options, deadline: Deadline, *, foreground: bool) -> Up:
    """Return the server of the folder when it is ready, started where none runs.

    Raises:
        UsageError: One runs with other options, or in the background while the foreground is asked for; or the new
            one refuses its options.
        FailedError: It has ended before it was ready.
        TimedOutError: It is not ready in time; it is ended.
    """
    with turn(place, deadline):
        running = look(place)
        if isinstance(running, Absent):
            return _start(place, options, deadline, foreground=foreground)
        if foreground:
            raise UsageError(
                f"--foreground: the embedded AWS of {place.folder} already runs in the background, at "
                f"{running.url} (pid {running.pid}); end it first: {place.command('down')}"
            )
        refuse_others(place, running, options)
        return Up(running)


def attend(child: Child, announce: Callable[[], None]) -> None:
    """Announce a server, then stay until it ends; Ctrl-C is how one ends it, so that is no failure.

    Raises:
        FailedError: It has ended by itself with an exit code.
    """
    try:
        announce()
        exit_code = child.wait()
    except KeyboardInterrupt:
        exit_code = 0
    finally:
        child.end()
    if exit_code:
        raise FailedError(f"the embedded AWS has ended {_how(exit_code)}; {child.last_words()}")


def _start(place: Place, options: Options, deadline: Deadline, *, foreground: bool) -> Up:
    child = Child(place, options.arguments(place), foreground=foreground)
    try:
        status = _ready(child, place, deadline)
        write_record(place, status, options)
    except BaseException:
        child.end()
        raise
    return Up(status, child)


def _ready(child: Child, place: Place, deadline: Deadline) -> Status:
    wait_for(lambda: child.exit_code is not None or _status_of(child, place) is not None, deadline)
    # Asked again: a server that has ended right after it was ready is not up.
    if (exit_code := child.exit_code) is not None:
        raise _ended(exit_code, child, place)
    if (status := _status_of(child, place)) is None:
        raise TimedOutError(
            f"{place.folder}: the embedded AWS was not ready after {deadline.seconds:g} s, and was ended; "
            f"give it longer with --timeout; {child.last_words()}"
        )
    return status


def _status_of(child: Child, place: Place) -> Status | None:
    """Ask the child, and nobody else: a file that was left behind may name a process that never answers."""
    written = read_file(place)
    if not isinstance(written, ServerFile) or written.pid != child.pid:
        return None
    status = verify(written)
    return None if isinstance(status, Absent) else status


def _ended(exit_code: int, child: Child, place: Place) -> OrchestratorError:
    kind = UsageError if exit_code == _USAGE else FailedError
    return kind(
        f"{place.folder}: the embedded AWS ended {_how(exit_code)} before it was ready; {child.last_words()}"
    )


def _how(exit_code: int) -> str:
    return f"by signal {-exit_code}" if exit_code < 0 else f"with exit code {exit_code}"
