"""What the tests of the local commands share: a folder whose server does not outlive the test."""

import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from orchestrator.local.place import Place
from orchestrator.local.server import Status, look


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """Give a folder with a name that every careless shell line breaks at; end what still serves it."""
    place = Place(tmp_path / "the user's data $HOME")
    yield place
    running = look(place)
    if isinstance(running, Status):
        with suppress(ProcessLookupError):
            os.kill(running.pid, signal.SIGKILL)
