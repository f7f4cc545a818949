"""The machine's memory: a step waits until there is enough of it, as an application waits in YARN's queue."""

import re
import threading
from collections import deque
from contextlib import suppress
from pathlib import Path
from typing import Final

import psutil

MIB: Final = 1024 * 1024
# The rest is for the desktop, the server, and what Python workers need beside the JVM's heap.
SHARE: Final = 0.6
_CONTAINERS_LIMIT: Final = Path("/sys/fs/cgroup/memory.max")
_UNITS: Final = {"k": 1 / 1024, "m": 1, "g": 1024, "t": 1024 * 1024}
_SIZE: Final = re.compile(r"(\d+)\s*([kmgt])?b?", re.IGNORECASE)


def machine_mib(limit: Path = _CONTAINERS_LIMIT) -> int:
    """Return the MiB that steps may have together, of the machine's or of its container's."""
    total = psutil.virtual_memory().total
    with suppress(OSError, ValueError):  # no container, or one without a limit: "max"
        total = min(total, int(limit.read_text(encoding="ascii")))
    return int(total * SHARE / MIB)


def in_mib(size: str) -> int | None:
    """Read a size as Spark's memory settings have it, such as 2g or 512m; a bare number is MiB. None where it is none.

    https://spark.apache.org/docs/latest/configuration.html#spark-properties
    """
    found = _SIZE.fullmatch(size.strip())
    return int(int(found[1]) * _UNITS[(found[2] or "m").lower()]) if found else None


class Memory:
    """So many MiB: work takes shares in the order in which it asks; what stays for long is held, where none waits."""

    def __init__(self, mib: int) -> None:
        """Begin with all of it free."""
        self.mib = mib
        self._free = mib
        self._held = 0
        self._changed = threading.Condition()
        self._waiting: deque[object] = deque()

    def take(self, mib: int, given_up: threading.Event) -> bool:
        """Wait for a share, and tell whether it was given; not where `given_up` is set before, see `look`."""
        ticket = object()
        with self._changed:
            self._waiting.append(ticket)
            self._changed.notify_all()
            self._changed.wait_for(
                lambda: given_up.is_set() or (self._waiting[0] is ticket and self._free >= mib)
            )
            self._waiting.remove(ticket)
            if not given_up.is_set():
                self._free -= mib
            self._changed.notify_all()
            return not given_up.is_set()

    def hold(self, mib: int, given_up: threading.Event, *, leaving: int) -> bool:
        """Wait until a share can be held, and tell whether it is; not where `given_up` is set before, see `look`.

        What is held stays for long. It may neither stand in the way of who takes, nor leave less than `leaving`.
        """
        with self._changed:
            self._changed.wait_for(lambda: given_up.is_set() or self._can_hold(mib, leaving))
            return not given_up.is_set() and self._hold(mib)

    def try_hold(self, mib: int, *, leaving: int) -> bool:
        """Hold a share where that can be done now; tell whether it is."""
        with self._changed:
            return self._can_hold(mib, leaving) and self._hold(mib)

    def let_go(self, mib: int) -> None:
        """Return a share that was held."""
        with self._changed:
            self._held -= mib
            self._free += mib
            self._changed.notify_all()

    @property
    def takeable(self) -> int:
        """The most that may be taken at once: all but what is held."""
        with self._changed:
            return self.mib - self._held

    def _can_hold(self, mib: int, leaving: int) -> bool:
        return not self._waiting and self._free >= mib + leaving

    def _hold(self, mib: int) -> bool:
        self._held += mib
        self._free -= mib
        return True

    def give_back(self, mib: int) -> None:
        """Return a share."""
        with self._changed:
            self._free += mib
            self._changed.notify_all()

    def until_waiting(self, count: int) -> None:
        """Return when so many wait."""
        with self._changed:
            self._changed.wait_for(lambda: len(self._waiting) >= count)

    def look(self) -> None:
        """Let all who wait see whether they have given up."""
        with self._changed:
            self._changed.notify_all()
