"""The embedded AWS as a command."""

import json
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import urllib3

from local_aws.clients import client

COMMAND = [sys.executable, "-m", "local_aws"]


def until_ready(process: "subprocess.Popen[str]", data: Path) -> dict[str, object]:
    """Wait until the server has told where it is."""
    waiting = threading.Event()
    while True:
        assert process.poll() is None, process.stderr.read() if process.stderr else ""
        if (data / "server.json").exists():
            told: dict[str, object] = json.loads((data / "server.json").read_text())
            if told["pid"] == process.pid:
                return told
        waiting.wait(0.05)


def start(data: Path, *arguments: str) -> "subprocess.Popen[str]":
    command = [*COMMAND, "--data", str(data), *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@contextmanager
def serving(data: Path, *arguments: str) -> Iterator[dict[str, object]]:
    process = start(data, *arguments)
    try:
        yield until_ready(process, data)
    finally:
        process.send_signal(signal.SIGTERM)
        _, told = process.communicate()
        assert process.returncode == 0, told
        assert not (data / "server.json").exists()


def test_it_tells_where_it_is_and_ends_when_it_is_told(tmp_path: Path) -> None:
    data = tmp_path / "new" / "data"
    with serving(data) as told:
        status = json.loads(urllib3.request("GET", f"{told['url']}/_local_aws/status").data)
        assert {name: status[name] for name in told} == told
        assert status["data"] == str(data)
        assert status["clusters"] == {}
        assert status["started_at"].endswith("Z")


def refused(*arguments: str) -> str:
    ended = subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert ended.stdout == ""
    return ended.stderr


def test_what_cannot_be_served_is_refused(tmp_path: Path) -> None:
    with serving(tmp_path / "a") as told:
        port = str(told["url"]).rpartition(":")[2]
        assert "expected a folder that no server uses, one does" in refused("--data", str(tmp_path / "a"))
        taken = refused("--data", str(tmp_path / "b"), "--port", port)
        assert f"--port {port}: expected a free port of 127.0.0.1, failed: Address already in use" in taken
    (tmp_path / "file").touch()
    assert "expected a folder to write to" in refused("--data", str(tmp_path / "file" / "x"))
    assert "no.json: expected a JSON file" in refused(
        "--data", str(tmp_path / "c"), "--faults", str(tmp_path / "no.json")
    )


def test_what_a_killed_server_left_is_no_obstacle(tmp_path: Path) -> None:
    killed = start(tmp_path)
    first = until_ready(killed, tmp_path)
    killed.kill()
    killed.communicate()
    left = tmp_path / "clusters/j-1/steps/s-1/stdout"
    left.parent.mkdir(parents=True)
    left.touch()
    assert (tmp_path / "server.json").exists()
    with serving(tmp_path) as told:
        assert told["token"] != first["token"]
        assert not left.exists()


def test_buckets_outlive_their_server(tmp_path: Path) -> None:
    with serving(tmp_path) as told:
        first = client(str(told["url"]), "s3")
        first.create_bucket(Bucket="kept")
        first.put_object(Bucket="kept", Key="a/b", Body=b"x")
        first.close()
    with serving(tmp_path) as told:
        second = client(str(told["url"]), "s3")
        assert second.get_object(Bucket="kept", Key="a/b")["Body"].read() == b"x"
        second.close()


def test_a_file_of_buckets_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "s3.tar").write_text("no tar")
    assert "s3.tar: expected the buckets that a server has kept" in refused("--data", str(tmp_path))
    assert (tmp_path / "s3.tar").read_text() == "no tar"
