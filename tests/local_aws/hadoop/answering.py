"""An HTTP server that answers as it is told, in the place of Hadoop's daemons."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from local_aws.hadoop.sites import Ports

DATA_NODES = "/jmx?qry=Hadoop:service=NameNode,name=NameNodeInfo"


def data_nodes(live: dict[str, Any]) -> dict[str, Any]:
    """Write DataNodes as the NameNode tells them: a text within."""
    return {"beans": [{"LiveNodes": json.dumps(live)}]}


def page(tags: dict[str, str]) -> str:
    """Write YARN's page of applications, as 3.3.4 has it, by their ids, each with its tags."""
    rows = [
        f'["<a href=\'/cluster/app/{name}\'>{name}</a>","hadoop","a\\"b","SPARK","{told}","default","0"]'
        for name, told in tags.items()
    ]
    return "<script>\nvar appsTableData=[\n" + ",\n".join(rows) + "\n]\n</script>"


class Answers(ThreadingHTTPServer):
    """Answers by paths; `asked` has what was asked for."""

    daemon_threads = True

    def __init__(self, told: dict[str, Any]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.told = told
        self.asked: list[tuple[str, str, str]] = []

    @property
    def ports(self) -> Ports:
        return Ports(1, self.server_port, 1, 1, 1, 1, self.server_port)


class _Handler(BaseHTTPRequestHandler):
    server: Answers

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        self.server.asked.append((self.command, self.path, body))
        told = self.server.told.get(self.path)
        self.send_response(404 if told is None else 200)
        self.end_headers()
        text = told if isinstance(told, str) else json.dumps({"message": "no"} if told is None else told)
        self.wfile.write(text.encode())

    do_PUT = do_GET  # noqa: N815 - the library's name

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def answering(told: dict[str, Any]) -> Iterator[Answers]:
    server = Answers(told)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
