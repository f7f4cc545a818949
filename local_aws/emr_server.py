"""The embedded EMR over HTTP, on this machine alone: any client that takes an endpoint can use it."""

import logging
import threading
from collections.abc import Callable, Iterable
from typing import Any

from werkzeug.wrappers import Request

from local_aws.api.wire import answer
from local_aws.emr.emulator import Emr
from local_aws.emr.faults import LostAnswerError
from local_aws.loopback import Loopback, Start, hang_up

log = logging.getLogger("local_aws")


class EmrApplication:
    """The embedded EMR as a WSGI application, whose state one thread at a time may touch.

    `clock` tells the instant of each request, in milliseconds of the Unix epoch.
    """

    def __init__(self, emr: Emr, clock: Callable[[], int]) -> None:
        """Serve an EMR."""
        self.emr, self._clock = emr, clock
        self.changed = threading.Condition()  # who looks after what is due waits here

    def perform(self, do: Callable[[], None]) -> None:
        """Let time pass up to now, and do something to the EMR."""
        with self.changed:
            self.advance()
            do()
            self.changed.notify_all()

    def advance(self) -> None:
        """Let time pass up to now; a thing that fails when it is due is logged, and holds up nothing else."""
        now = self._clock()
        while True:
            try:
                self.emr.advance_to(now)
            except Exception:
                log.exception("the embedded EMR failed")
            else:
                return

    def __call__(self, environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        """Answer a request."""
        request = Request(environ)
        body = request.get_data()
        try:
            with self.changed:
                self.advance()
                told = answer(self.emr.call, request.headers.get("X-Amz-Target", ""), body)
                self.changed.notify_all()
        except LostAnswerError as fault:
            hang_up(environ, fault)
        start(f"{told.status} -", list(told.headers.items()))
        return [told.body]


class EmrServer:
    """A running server of the EMR alone."""

    def __init__(self, emr: Emr, clock: Callable[[], int], port: int = 0) -> None:
        """Start it on a port of this machine, by default a free one."""
        self._server = Loopback(EmrApplication(emr, clock), "emr-server", port)
        self._server.start()
        self.url = self._server.url

    def close(self) -> None:
        """Stop the server and give its socket back."""
        self._server.close()
