"""Stands in for `python -m local_aws`: keeps its contract, and breaks it where `--seed` says how.

crash: ends with exit code 7. refuse: with 2. hang: is never ready. stubborn: does not end when asked to.
mute: does not answer about its status.
`--faults` is a named pipe that it holds open as long as it lives, after a line which says that it has begun.
"""

import argparse
import fcntl
import json
import os
import signal
import sys
import threading
import uuid
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

# Nobody waits that long in a test: what a failed test has left behind ends by itself.
LIFE_S = 120


class _Answers(BaseHTTPRequestHandler):
    def __init__(self, *rest: Any, told: dict[str, Any], behaviour: str) -> None:
        self._told, self._behaviour = told, behaviour
        super().__init__(*rest)

    def do_GET(self) -> None:
        found = self.path == "/_local_aws/status" and self._behaviour != "mute"
        self.send_response(200 if found else 404)
        self.end_headers()
        self.wfile.write(json.dumps(self._told if found else {}).encode())

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


def main() -> int:
    parser = argparse.ArgumentParser()
    for name, kind in (("data", Path), ("port", int), ("seed", str), ("speed", float), ("log-delay", float)):
        parser.add_argument(f"--{name}", type=kind)
    parser.add_argument("--faults", type=Path)
    options = parser.parse_args()
    threading.Timer(LIFE_S, os._exit, [99]).start()
    options.data.mkdir(parents=True, exist_ok=True)
    lock = (options.data / "server.lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return _complain(f"{options.data}/server.lock: somebody else holds it", 2)
    if options.faults:
        pipe = os.open(options.faults, os.O_WRONLY)
        os.write(pipe, b"begun\n")
    return _behave(options)


def _behave(options: argparse.Namespace) -> int:
    sys.stderr.write(f"started with {sys.argv[1:]}\n")
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
    if not os.path.samestat(os.fstat(0), Path(os.devnull).stat()):
        return _complain("standard input: expected /dev/null", 8)
    if options.seed == "crash":
        return _complain("the cat sat\non the keyboard", 7)
    if options.seed == "refuse":
        return _complain("--seed: expected another one, got 'refuse'", 2)
    if options.seed != "hang":
        return _serve(options)
    return _end()


def _serve(options: argparse.Namespace) -> int:
    told: dict[str, Any] = {"pid": os.getpid(), "token": uuid.uuid4().hex, "region": "us-east-1"}
    try:
        server = ThreadingHTTPServer(
            ("127.0.0.1", options.port), partial(_Answers, told=told, behaviour=options.seed)
        )
    except OSError as error:
        return _complain(f"--port {options.port}: {error.strerror}", 2)
    told["url"] = f"http://127.0.0.1:{server.server_port}"
    written, partial_file = options.data / "server.json", options.data / "server.json.partial"
    partial_file.write_text(json.dumps(told))
    told |= {"started_at": "2026-11-26T15:00:00Z", "data": str(options.data)}
    told |= {"clusters": {"RUNNING": 2, "WAITING": 1, "TERMINATED": 0}, "running_steps": 3}
    threading.Thread(target=server.serve_forever, daemon=True).start()
    partial_file.replace(written)
    code = _end() if options.seed != "stubborn" else _never()
    written.unlink()
    return code


def _end() -> int:
    signal.sigwait({signal.SIGTERM, signal.SIGINT})
    return 0


def _never() -> int:
    while True:
        signal.sigwait({signal.SIGTERM, signal.SIGINT})


def _complain(text: str, code: int) -> int:
    sys.stderr.write(f"{text}\n")
    return code


if __name__ == "__main__":
    exit_code = main()
    sys.stderr.flush()
    os._exit(exit_code)  # not held up by the timer
