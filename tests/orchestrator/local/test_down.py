import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestrator.errors import FailedError, TimedOutError
from orchestrator.local.down import down
from orchestrator.local.place import Place, is_locked
from orchestrator.local.server import Absent, Status
from orchestrator.waiting import Deadline
from tests.orchestrator.local.running import PATIENCE_S, run, server_of


@pytest.fixture
def bystander() -> Iterator[subprocess.Popen[bytes]]:
    """Give a process that has nothing to do with it."""
    with subprocess.Popen(
        [sys.executable, "-c", "import signal; signal.alarm(120); signal.pause()"]
    ) as process:
        yield process
        process.kill()


def up(place: Place, *options: str) -> None:
    done = run("up", "--data", place.folder, "--port", "0", *options)
    assert done.returncode == 0, done.stderr


def test_a_server_is_ended_and_its_folder_stays(place: Place) -> None:
    up(place)
    (place.folder / "data").write_text("mine")
    server = server_of(place.folder)
    ended = down(place, Deadline(PATIENCE_S))
    assert isinstance(ended, Status)
    assert (ended.pid, ended.url) == (server.pid, server.url)
    assert not is_locked(place.server_lock)
    assert (place.folder / "data").read_text() == "mine"
    assert down(place, Deadline(1)) == Absent("there is no server.json")


def test_where_nothing_ever_ran_nothing_is_made(place: Place) -> None:
    assert down(place, Deadline(1)) == Absent("there is no such folder")
    assert not place.folder.exists()


def test_a_process_that_has_got_the_pid_of_a_server_is_left_alone(
    place: Place, tmp_path: Path, bystander: subprocess.Popen[bytes]
) -> None:
    up(place)
    stale = Place(tmp_path / "stale")
    stale.folder.mkdir()
    left = {"pid": bystander.pid, "url": server_of(place.folder).url, "token": "of a server that is gone"}
    stale.server_file.write_text(json.dumps(left))
    found = down(stale, Deadline(1))
    assert isinstance(found, Absent)
    assert "where another server answers" in found.reason
    assert bystander.poll() is None
    os.kill(server_of(place.folder).pid, 0)


def test_one_that_holds_the_folder_but_does_not_answer_is_left_alone_and_told(place: Place) -> None:
    up(place)
    written = place.server_file.read_text()
    server = server_of(place.folder)
    place.server_file.write_text(
        json.dumps({"pid": server.pid, "url": "http://127.0.0.1:1", "token": server.token})
    )
    with pytest.raises(FailedError) as caught:
        down(place, Deadline(1))
    assert str(caught.value).startswith(
        f"{place.server_lock}: a process holds this lock, but it is not known which: "
    )
    assert is_locked(place.server_lock)
    place.server_file.write_text(written)


def test_one_that_does_not_end_in_time_is_not_killed_but_told(place: Place) -> None:
    up(place, "--seed", "stubborn")
    server = server_of(place.folder)
    with pytest.raises(TimedOutError) as caught:
        down(place, Deadline(0.3))
    assert str(caught.value) == (
        f"{place.folder}: the embedded AWS (pid {server.pid}) was asked to end, but has not after 0.3 s: it may "
        f"still be writing its buckets; look into {place.log}, and give it longer ({place.command('down')} --timeout "
        f"SECONDS). kill -9 {server.pid} ends it at once, and loses what its S3 holds"
    )
    assert is_locked(place.server_lock)
    os.kill(server.pid, signal.SIGKILL)


def test_another_users_server_is_told(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    up(place)

    def refuse(_: int, __: int) -> None:
        raise PermissionError

    with monkeypatch.context() as patched:
        patched.setattr(os, "kill", refuse)
        with pytest.raises(FailedError, match="another user's; ask them to end it"):
            down(place, Deadline(1))
