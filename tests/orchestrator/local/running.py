"""Runs the command against the stand-in for the server, each in a process of its own."""

import os
import select
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec

from orchestrator.local.server import ServerFile

ROOT = Path(__file__).resolve().parents[3]
FAKE = ROOT / "tests" / "orchestrator" / "local" / "fake_local_aws.py"
# Where tests run in the background of a shell, Ctrl-C is ignored from the start.
_PROGRAM = """\
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
from orchestrator import cli
from orchestrator.local import child
child.SERVER = (sys.executable, sys.argv.pop(1))
cli.main()
"""
COMMAND = [sys.executable, "-c", _PROGRAM, str(FAKE), "local"]
PATIENCE_S = 60


def environment(**changes: str) -> dict[str, str]:
    """Return ours with the changes, without what would matter: AWS's variables, proxies, and unbuffered output."""
    unwanted = ("AWS_", "XDG_", "PYTHONUNBUFFERED")
    ours = {name: value for name, value in os.environ.items() if not name.startswith(unwanted)}
    proxies = {name: "" for name in ours if name.lower().endswith("_proxy")}
    return ours | proxies | {"COLUMNS": "300", "TERM": "dumb"} | changes


def start(*arguments: object, **changes: str) -> subprocess.Popen[str]:
    """Start the command, and read what it says through pipes."""
    return subprocess.Popen(
        [*COMMAND, *map(str, arguments)],
        cwd=ROOT,
        env=environment(**changes),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run(*arguments: object, **changes: str) -> subprocess.CompletedProcess[str]:
    """Run the command to its end."""
    return finish(start(*arguments, **changes))


def finish(process: subprocess.Popen[str]) -> subprocess.CompletedProcess[str]:
    """Wait for a command that was started."""
    out, err = process.communicate(timeout=PATIENCE_S)
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def server_of(folder: Path) -> ServerFile:
    """Read what the server has written of itself."""
    return msgspec.json.decode((folder / "server.json").read_bytes(), type=ServerFile)


class Pipe:
    """A named pipe that the stand-in holds open as long as it lives."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "life"
        os.mkfifo(self.path)
        self._end = os.open(self.path, os.O_RDONLY | os.O_NONBLOCK)

    def read(self) -> bytes:
        """Wait for the line of its begin; then, once it has ended, for nothing."""
        ready, _, _ = select.select([self._end], [], [], PATIENCE_S)
        assert ready, "the stand-in neither began nor ended"
        return os.read(self._end, 100)

    def close(self) -> None:
        os.close(self._end)

    def __enter__(self) -> "Pipe":
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()
