import json
import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestrator.errors import TimedOutError
from orchestrator.local.options import Options
from orchestrator.local.place import Place, is_locked
from orchestrator.local.server import Absent
from orchestrator.local.up import up
from orchestrator.waiting import Deadline
from tests.orchestrator.local.running import (
    COMMAND,
    FAKE,
    PATIENCE_S,
    ROOT,
    Pipe,
    finish,
    run,
    server_of,
    start,
)


@pytest.fixture
def pipe(tmp_path: Path) -> Iterator[Pipe]:
    with Pipe(tmp_path) as made:
        yield made


def test_a_server_is_started_detached_and_its_lines_are_for_eval(place: Place) -> None:
    done = run("up", "--data", place.folder, "--port", "0", "--seed", "it's", AWS_ENDPOINT_URL_S3="u")
    server = server_of(place.folder)
    assert done.returncode == 0, done.stderr
    assert (
        done.stderr == f"the embedded AWS runs at {server.url} (pid {server.pid}), files in {place.folder}\n"
    )
    first, *exports = done.stdout.splitlines()
    assert first.startswith("unset AWS_SESSION_TOKEN ")
    assert first.endswith(" AWS_ENDPOINT_URL_S3")
    assert exports == [
        f"export AWS_ENDPOINT_URL={server.url}",
        "export AWS_ACCESS_KEY_ID=local-aws-dummy-key",
        "export AWS_SECRET_ACCESS_KEY=local-aws-dummy-secret",
        "export AWS_REGION=us-east-1",
        "export AWS_DEFAULT_REGION=us-east-1",
        "export AWS_EC2_METADATA_DISABLED=true",
        "export AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=false",
        "export AWS_USE_FIPS_ENDPOINT=false",
        "export AWS_USE_DUALSTACK_ENDPOINT=false",
    ]
    assert os.getsid(server.pid) == server.pid
    expected = [f"--data={place.folder}", "--port=0", "--seed=it's"]
    assert place.log.read_text() == f"started with {expected}\n"


def test_one_that_runs_is_used_as_it_is(place: Place) -> None:
    first = run("up", "--data", place.folder, "--port", "0", "--seed", "7")
    for options in ([], ["--port", "0"], ["--seed", "7"]):
        again = run("up", "--data", place.folder, *options)
        assert (again.returncode, again.stdout) == (0, first.stdout)
        assert again.stderr.startswith("the embedded AWS already runs at ")
    other = run("up", "--data", place.folder, "--seed", "8")
    assert (other.returncode, other.stdout) == (2, "")
    assert "--seed is 7, not 8" in other.stderr


def test_json_tells_the_same(place: Place) -> None:
    done = run("up", "--data", place.folder, "--port", "0", "-o", "json")
    server, told = server_of(place.folder), json.loads(done.stdout)
    assert (told["url"], told["pid"], told["data"]) == (server.url, server.pid, str(place.folder))
    assert told["environment"]["AWS_ENDPOINT_URL"] == server.url
    assert "AWS_PROFILE" in told["unset"]


def test_two_shells_at_once_get_the_same_server(place: Place) -> None:
    both = [start("up", "--data", place.folder, "--port", "0") for _ in range(2)]
    first, second = (finish(each) for each in both)
    assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
    assert first.stdout == second.stdout != ""
    assert sorted("already" in each.stderr for each in (first, second)) == [False, True]


def test_a_file_that_was_left_behind_is_replaced(place: Place) -> None:
    place.folder.mkdir()
    left = {"pid": os.getpid(), "url": "http://127.0.0.1:1", "token": "t"}
    (place.folder / "server.json").write_text(json.dumps(left))
    done = run("up", "--data", place.folder, "--port", "0")
    assert done.returncode == 0, done.stderr
    assert server_of(place.folder).url in done.stdout


def test_while_one_is_started_another_that_answers_is_not_taken_for_it(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("up", "--data", place.folder, "--port", "0")
    other = Place(tmp_path / "other")
    other.folder.mkdir()
    shutil.copy(place.server_file, other.server_file)
    monkeypatch.setattr("orchestrator.local.child.SERVER", (sys.executable, str(FAKE)))
    monkeypatch.setattr("orchestrator.local.up.look", lambda _: Absent("not seen yet"))
    with pytest.raises(TimedOutError):
        up(other, Options(port=0, seed="hang"), Deadline(1), foreground=False)


@pytest.mark.parametrize(
    ("seed", "exit_code", "words"),
    [
        (
            "crash",
            1,
            "ended with exit code 7 before it was ready; the end of {log}:\n  {start}\n  the cat sat\n  on the",
        ),
        (
            "refuse",
            2,
            "ended with exit code 2 before it was ready; the end of {log}:\n  {start}\n  --seed: expected",
        ),
    ],
)
def test_one_that_ends_before_it_is_ready_is_told_with_its_last_words(
    place: Place, seed: str, exit_code: int, words: str
) -> None:
    done = run("up", "--data", place.folder, "--port", "0", "--seed", seed)
    assert (done.returncode, done.stdout) == (exit_code, "")
    begin = f"started with {[f'--data={place.folder}', '--port=0', f'--seed={seed}']}"
    expected = words.format(log=place.log, start=begin)
    assert done.stderr.startswith(f"Error: {place.folder}: the embedded AWS {expected}")


def test_a_port_that_is_taken_is_wrong_usage(place: Place) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = run("up", "--data", place.folder, "--port", port)
    assert done.returncode == 2
    assert f"--port {port}: Address already in use" in done.stderr


def test_one_that_is_not_ready_in_time_is_ended(place: Place, pipe: Pipe) -> None:
    done = run(
        "up", "--data", place.folder, "--port", "0", "--seed", "hang", "--faults", pipe.path, "--timeout", "3"
    )
    assert pipe.read() == b"begun\n"
    assert pipe.read() == b""
    assert (done.returncode, done.stdout) == (4, "")
    assert "was not ready after 3 s, and was ended; give it longer with --timeout; the end of" in done.stderr


@pytest.mark.parametrize("asked_by", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_ends_what_was_begun(place: Place, pipe: Pipe, asked_by: signal.Signals) -> None:
    waiting = start("up", "--data", place.folder, "--port", "0", "--seed", "hang", "--faults", pipe.path)
    assert pipe.read() == b"begun\n"
    waiting.send_signal(asked_by)
    done = finish(waiting)
    assert pipe.read() == b""
    assert (done.returncode, done.stdout) == (130, "")


@pytest.mark.parametrize("asked_by", [signal.SIGINT, signal.SIGTERM])
def test_in_the_foreground_it_stays_until_it_is_asked_to_end(place: Place, asked_by: signal.Signals) -> None:
    staying = start("up", "--data", place.folder, "--port", "0", "--foreground")
    assert staying.stdout is not None
    assert staying.stdout.readline().startswith("unset AWS_SESSION_TOKEN")
    assert server_of(place.folder).url in staying.stdout.readline()
    assert staying.poll() is None
    staying.send_signal(asked_by)
    done = finish(staying)
    assert (done.returncode, "Error" in done.stderr) == (0, False)
    assert "started with" in done.stderr  # what the server says is seen
    assert not place.server_file.exists()
    assert not is_locked(place.server_lock)


def test_in_the_foreground_a_server_that_is_lost_is_a_failure(place: Place) -> None:
    staying = start("up", "--data", place.folder, "--port", "0", "--foreground", "-o", "json")
    assert staying.stdout is not None
    os.kill(json.loads(staying.stdout.readline())["pid"], signal.SIGKILL)
    done = finish(staying)
    assert done.returncode == 1
    assert done.stderr.endswith("Error: the embedded AWS has ended by signal 9; its output is above\n")


def test_in_the_foreground_one_that_runs_already_is_in_the_way(place: Place) -> None:
    run("up", "--data", place.folder, "--port", "0")
    done = run("up", "--data", place.folder, "--foreground")
    assert (done.returncode, done.stdout) == (2, "")
    assert "already runs in the background, at http://127.0.0.1:" in done.stderr
    assert f"end it first: {place.command('down')}" in done.stderr


def test_a_shell_evaluates_it_and_is_not_held_up_by_the_server(place: Place) -> None:
    script = f'eval "$({shlex.join(COMMAND)} up --data "$1" --port 0)"; printf %s "$AWS_ENDPOINT_URL"'
    done = subprocess.run(
        ["sh", "-euc", script, "sh", str(place.folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_S,
    )
    assert (done.returncode, done.stdout) == (0, server_of(place.folder).url)
