"""Time, as something that is handed in: the machine's, or that of a simulation."""

import time
from typing import Protocol


class Clock(Protocol):
    """Tells the time and lets it pass."""

    def now(self) -> float:
        """Return this instant, in seconds of the Unix epoch."""

    def sleep(self, seconds: float, /) -> None:
        """Wait."""


class SystemClock:
    """The machine's."""

    def now(self) -> float:
        """Return this instant, in seconds of the Unix epoch."""
        return time.time()

    def sleep(self, seconds: float, /) -> None:
        """Wait."""
        time.sleep(max(0.0, seconds))
