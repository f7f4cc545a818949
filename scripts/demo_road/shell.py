"""Commands as a user types them: each is told, its words go to a log, and while it runs the demo goes on looking."""

import os
import shlex
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from orchestrator.errors import FailedError

_LOOK_EVERY_S: Final = 0.25
_TO_END_S: Final = 20.0
_LAST_WORDS: Final = 6


@dataclass
class Shell:
    """Runs commands in a folder; `tell` hears of each, `look` is called while one runs."""

    root: Path
    logs: Path
    tell: Callable[[str], None]
    look: Callable[[], None]
    environment: dict[str, str] = field(default_factory=lambda: dict(os.environ))
    _count: int = 0

    def run(self, command: Sequence[str], more: Mapping[str, str] | None = None) -> str:
        """Run a command to its end and return what it has printed.

        Raises:
            FailedError: It has ended with another exit code than 0.
        """
        told = " ".join(
            [*(f"{name}={shlex.quote(value)}" for name, value in (more or {}).items()), shown(command)]
        )
        self.tell(told)
        self._count += 1
        log = self.logs / f"{self._count:02}-{_name(command)}.log"
        printed = log.with_suffix(".out")
        self.logs.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as words, printed.open("wb") as results:
            process = subprocess.Popen(
                list(command),
                cwd=self.root,
                env={**self.environment, **(more or {})},
                stdin=subprocess.DEVNULL,
                stdout=results,
                stderr=words,
                start_new_session=True,  # Ctrl-C is ours: what it ends is ended in order
            )
            try:
                self._attend(process)
            except BaseException:
                _end(process)
                raise
        if process.returncode:
            last = log.read_text(encoding="utf-8", errors="replace").splitlines()[-_LAST_WORDS:]
            raise FailedError("\n".join([f"{told}: exit code {process.returncode}; its log is {log}", *last]))
        return printed.read_text(encoding="utf-8")

    def _attend(self, process: subprocess.Popen[bytes]) -> None:
        while True:
            try:
                process.wait(_LOOK_EVERY_S)
            except subprocess.TimeoutExpired:
                self.look()
            else:
                return


def shown(command: Sequence[str]) -> str:
    """Spell a command as one types it."""
    return shlex.join(command)


def _name(command: Sequence[str]) -> str:
    """Name a log by the words of a command before its options."""
    words = [Path(word).name for word in command if word not in {"python", "-m"}]
    first = [word for word in words[:3] if word.replace("-", "").replace(".", "").isidentifier()]
    return "-".join(word for word in first if not word.startswith("-")) or "command"


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ask a command to end, and kill what is left of it and of all that it has started."""
    with suppress(ProcessLookupError, subprocess.TimeoutExpired):
        os.killpg(process.pid, signal.SIGINT)
        process.wait(_TO_END_S)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
