"""Who outlives a server that is killed: a shell that waits for the server's end, and kills what it has left running.

A tree of processes ends with its server where the server ends it; a SIGKILL gives it no time to.
"""

import subprocess
import sys
from pathlib import Path
from typing import Final

from local_aws.running.environments import ROOT
from local_aws.running.processes import kill_leftovers

# A line tells that all is done; the end of the pipe without one, that nobody is left to tell it.
_WAIT: Final = 'read -r line || exec "$@"'


class Guard:
    """Watches over what runs below a folder."""

    def __init__(self, folder: Path) -> None:
        """Begin; a signal to our group or session does not reach it."""
        kill = (sys.executable, "-m", __name__, str(folder))
        self._shell = subprocess.Popen(
            ["/bin/sh", "-c", _WAIT, "sh", *kill],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def close(self) -> None:
        """Let it go: nothing is left running."""
        self._shell.communicate(b"\n")


if __name__ == "__main__":
    kill_leftovers(Path(sys.argv[1]))
