"""A thread that lets a delivery stream do what is due."""

import logging
import threading
import time
from typing import Final

from local_aws.firehose.stream import Stream

log = logging.getLogger("local_aws")
# As often as Firehose looks into a Kinesis stream: https://docs.aws.amazon.com/firehose/latest/dev/writing-with-kinesis-streams.html
_EVERY_S: Final = 1.0
_LAST_ROUNDS_S: Final = 20.0


class Worker:
    """Runs a stream until it is told to end."""

    def __init__(self, stream: Stream) -> None:
        """Begin."""
        self.stream = stream
        self._wanted = threading.Event()
        self._is_ending = False
        self._thread = threading.Thread(target=self._run, name=f"firehose-{stream.identity.name}")
        self._thread.start()

    def wake(self) -> None:
        """Let it look at once."""
        self._wanted.set()

    def close(self, *, is_to_deliver: bool) -> None:
        """End, after last rounds in which whatever waits is delivered, if that is asked for.

        A source that never ends has some seconds: what it still has is there for the next start.
        """
        self._is_ending = True
        self.wake()
        self._thread.join()
        if is_to_deliver:
            until = time.monotonic() + _LAST_ROUNDS_S
            while self._advance(all_of_it=True) and time.monotonic() < until:
                pass
        self.stream.close()

    def _run(self) -> None:
        while not self._is_ending:
            if not self._advance():
                self._wanted.wait(_EVERY_S)
                self._wanted.clear()

    def _advance(self, *, all_of_it: bool = False) -> bool:
        try:
            return self.stream.advance(all_of_it=all_of_it)
        except Exception:
            log.exception("the delivery stream %s failed, and tries again", self.stream.identity.name)
            return False
