"""Waiting for what another thread or process does."""

import threading
from collections.abc import Callable


def until(is_so: Callable[[], bool]) -> None:
    """Wait for what another thread or process does."""
    waiting = threading.Event()
    for _ in range(3000):
        if is_so():
            return
        waiting.wait(0.01)
    raise AssertionError("it never came to be so")
