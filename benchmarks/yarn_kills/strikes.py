"""Whom to kill when, drawn from a seed; and how an executor or a driver on YARN is killed."""

import random
import signal
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Final

import psutil

EXECUTOR: Final = "executor"
DRIVER: Final = "driver"
# What the Java of their containers runs.
_CLASSES: Final = {
    EXECUTOR: "org.apache.spark.executor.YarnCoarseGrainedExecutorBackend",
    DRIVER: "org.apache.spark.deploy.yarn.ApplicationMaster",
}


@dataclass(frozen=True)
class Strike:
    """The kill of a run's executor or driver, after so much of the seconds that a run takes which nobody kills."""

    number: int
    whom: str
    after: float

    def told(self) -> dict[str, object]:
        """Return it for a record."""
        return asdict(self)


def draw(executors: int, drivers: int, seed: int) -> list[Strike]:
    """Draw strikes, both kinds mixed; those of a seed are the same each time."""
    chance = random.Random(seed)  # noqa: S311 - a seed that gives the same kills again, not a secret
    kinds = [EXECUTOR] * executors + [DRIVER] * drivers
    chance.shuffle(kinds)
    return [Strike(number, kind, chance.random()) for number, kind in enumerate(kinds, start=1)]


def kill(whom: str, application: str) -> bool:
    """Kill one such process of an application with what it has started, if there is one; tell whether there was."""
    for process in _processes(whom, application):
        with suppress(psutil.Error):
            children = process.children(recursive=True)
            process.send_signal(signal.SIGKILL)
            for child in children:
                with suppress(psutil.Error):
                    child.send_signal(signal.SIGKILL)
            return True
    return False


def _processes(whom: str, application: str) -> Iterator[psutil.Process]:
    for process in psutil.process_iter():
        with suppress(OSError, psutil.Error):
            command = process.cmdline()
            is_java = bool(command) and command[0].endswith("java")
            if is_java and _CLASSES[whom] in command and application in " ".join(command):
                yield process
