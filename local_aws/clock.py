"""The clock of the embedded AWS: the machine's own, or one that runs faster."""

from collections.abc import Callable
from time import monotonic, time


def clock(speed: float = 1.0) -> Callable[[], int]:
    """Return a clock, in milliseconds of the Unix epoch, that shows the machine's time now, and then runs so fast.

    It never goes back.
    """
    began, since = time() * 1000, monotonic()
    return lambda: int(began + (monotonic() - since) * 1000 * speed)
