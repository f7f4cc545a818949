"""A repository of jars on this machine."""

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

CONTENT = b"the bytes of a jar" * 1000


class Central(ThreadingHTTPServer):
    """A repository on this machine: every jar has the same content, but for the next answers, which may be bad ones."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.asked: list[str] = []
        self.content = CONTENT
        self.faults: list[int | str] = []
        self.scheme = "http"

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of those who do not trust the certificate."""

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.server_port}"


class _Answer(BaseHTTPRequestHandler):
    server: Central

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        fault = self.server.faults.pop(0) if self.server.faults else 200
        self.send_response(200 if isinstance(fault, str) else fault)
        self.send_header("Content-Length", str(len(self.server.content)))
        self.end_headers()
        self.wfile.write(self.server.content[: 10 if isinstance(fault, str) else None])

    def log_message(self, *_: object) -> None:
        """Say nothing."""
