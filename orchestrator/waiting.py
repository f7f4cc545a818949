"""Waiting for something, but not for ever."""

import time
from collections.abc import Callable
from typing import Final, TypeVar

PAUSE_S: Final = 0.05

Found = TypeVar("Found")


class Deadline:
    """An instant in the future that does not move when somebody sets the clock."""

    def __init__(self, seconds: float) -> None:
        """Set it so many seconds from now."""
        self.seconds = seconds
        self._ends_at = time.monotonic() + seconds

    @property
    def left_s(self) -> float:
        """Tell how many seconds are left; 0 when it is over."""
        return max(0.0, self._ends_at - time.monotonic())


def wait_for(find: Callable[[], Found], deadline: Deadline, pause_s: float = PAUSE_S) -> Found:
    """Ask until the answer is true or the deadline is over, at least once; return the last answer."""
    while not (found := find()) and (left_s := deadline.left_s) > 0:
        time.sleep(min(pause_s, left_s))
    return found
