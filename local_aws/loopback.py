"""A WSGI application on a port of this machine, until it is closed."""

import socket
import threading
from collections.abc import Callable, Iterable
from typing import Any, NoReturn

from moto.moto_server.werkzeug_app import MotoRequestHandler
from werkzeug.serving import BaseWSGIServer, make_server

Start = Callable[..., Any]
Application = Callable[[dict[str, Any], Start], Iterable[bytes]]


def hang_up(environ: dict[str, Any], fault: Exception) -> NoReturn:
    """Close the connection of a request that is not answered."""
    environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
    raise ConnectionAbortedError from fault  # of which werkzeug says nothing


class _Quiet(MotoRequestHandler):
    """Writes no line for a request."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


class Loopback:
    """A server at `url`; who comes before it is started has to wait."""

    def __init__(self, application: Application, name: str, port: int = 0) -> None:
        """Take a port, by default a free one, for an application; each request has a thread of its own.

        Raises:
            OSError: Where the port is taken.
        """
        with socket.socket() as bound:  # werkzeug itself would leave the process where the port is taken
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            bound.bind(("127.0.0.1", port))
            bound.listen()
            self._server: BaseWSGIServer = make_server(
                "127.0.0.1", port, application, threaded=True, request_handler=_Quiet, fd=bound.fileno()
            )
        self._thread = threading.Thread(target=self._server.serve_forever, name=name)
        self.url = f"http://127.0.0.1:{self._server.port}"

    def start(self) -> None:
        """Serve."""
        self._thread.start()

    def close(self) -> None:
        """Stop it and give its socket back."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
