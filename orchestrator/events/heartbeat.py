"""Keeps messages hidden while they are worked on, however long that takes."""

import threading
from collections.abc import Callable, Sequence
from types import TracebackType

from orchestrator.aws.sqs import Message, Queue
from orchestrator.errors import OrchestratorError


class Heartbeat:
    """A thread that hides messages again before they are visible; `say` hears of beats that failed.

    SQS shows a message again at most twelve hours after it was received, whatever is asked for.
    """

    def __init__(
        self, queue: Queue, visible_after_s: int, now: Callable[[], float], say: Callable[[str], None]
    ) -> None:
        """Make it for a queue's messages that are visible again after so long."""
        self._queue, self._visible_after_s, self._now, self._say = queue, visible_after_s, now, say
        self._held: list[Message] = []
        self._lock = threading.Lock()
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="heartbeat", daemon=True)

    def hold(self, messages: Sequence[Message]) -> None:
        """Hide these too from now on."""
        with self._lock:
            self._held += messages

    def beat(self) -> None:
        """Hide all that are held once more."""
        with self._lock:
            held = list(self._held)
        if not held:
            return
        try:
            self._queue.hide(held, self._visible_after_s, self._now() + self._visible_after_s / 3)
        except OrchestratorError as fault:
            # They may come to another consumer too, which changes nothing: the ledger knows each version once.
            self._say(f"{self._queue.named}: messages could not be kept hidden: {fault}")

    def __enter__(self) -> "Heartbeat":
        """Begin."""
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End."""
        self._is_over.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._is_over.wait(self._visible_after_s / 3):
            self.beat()
