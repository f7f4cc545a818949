"""The embedded EMR over HTTP, on this machine alone: any client that takes an endpoint can use it."""

import socket
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server
from werkzeug.wrappers import Request

from local_aws.emr.emulator import Emr
from local_aws.emr.faults import LostAnswerError
from local_aws.emr.wire import answer


class _Quiet(WSGIRequestHandler):
    """Writes no line for a request."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


class EmrServer:
    """A running server; `clock` tells the instant of each request, in milliseconds of the Unix epoch."""

    def __init__(self, emr: Emr, clock: Callable[[], int], port: int = 0) -> None:
        """Start it on a port of this machine, by default a free one."""
        self._emr, self._clock = emr, clock
        self._lock = threading.Lock()
        self._server: BaseWSGIServer = make_server(
            "127.0.0.1", port, self._serve, threaded=True, request_handler=_Quiet
        )
        self._thread = threading.Thread(target=self._server.serve_forever, name="emr-server")
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        """Stop the server and give its socket back."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _serve(self, environ: Mapping[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        request = Request(dict(environ))
        body = request.get_data()
        try:
            with self._lock:  # the state machine knows no threads
                self._emr.advance_to(self._clock())
                told = answer(self._emr, request.headers.get("X-Amz-Target", ""), body)
        except LostAnswerError as fault:
            environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
            raise ConnectionAbortedError from fault  # of which werkzeug says nothing
        start_response(f"{told.status} -", list(told.headers.items()))
        return [told.body]
