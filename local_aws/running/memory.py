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
    """So many MiB, given out in the order in which they are asked for."""

    def __init__(self, mib: int) -> None:
        """Begin with all of it free."""
        self.mib = mib
        self._free = mib
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

    def try_take(self, mib: int, *, leaving: int) -> bool:
        """Take a share where it is free now, nobody waits, and so much stays free; tell whether it was given."""
        with self._changed:
            is_free = not self._waiting and self._free >= mib + leaving
            self._free -= mib if is_free else 0
            return is_free

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
