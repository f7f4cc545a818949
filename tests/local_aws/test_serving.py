"""The embedded AWS as a command."""

import json
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import urllib3
from botocore.exceptions import ClientError

from local_aws.clients import client
from tests.local_aws.emr.launching import launch_request

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


def status_of(told: dict[str, object]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(urllib3.request("GET", f"{told['url']}/_local_aws/status").data)
    return found


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
        status = status_of(told)
        assert {name: status[name] for name in told} == told
        assert status["data"] == str(data)
        assert status["clusters"] == {}
        assert status["started_at"].endswith("Z")


def refused(*arguments: str) -> str:
    command = [*COMMAND, *arguments]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
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


def test_what_it_lends_can_be_set(tmp_path: Path) -> None:
    worker = {"cpu": "4vCPU", "memory": "16GB"}
    with serving(tmp_path, "--vcpus", "8", "--memory", "2048") as told:
        serverless = client(str(told["url"]), "emr-serverless")
        made = serverless.create_application(
            releaseLabel="emr-7.14.0",
            type="SPARK",
            clientToken="t",
            initialCapacity={"EXECUTOR": {"workerCount": 3, "workerConfiguration": worker}},
        )["applicationId"]
        created = threading.Event()
        while serverless.get_application(applicationId=made)["application"]["state"] != "CREATED":
            created.wait(0.05)
        with pytest.raises(ClientError, match="vCPU"):
            serverless.start_application(applicationId=made)
        serverless.close()
        assert (status_of(told)["memory_mib"], status_of(told)["vcpus"]) == (2048, 8)
    assert "--memory" in refused("--data", str(tmp_path), "--memory", "10")


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


def test_where_buckets_cannot_be_kept_the_end_is_a_failure(tmp_path: Path) -> None:
    with serving(tmp_path):
        pass
    kept = (tmp_path / "s3.tar").read_bytes()
    process = start(tmp_path)
    until_ready(process, tmp_path)
    (tmp_path / "s3.part").symlink_to("/dev/full")
    process.terminate()
    _, told = process.communicate()
    assert process.returncode == 1
    assert "s3.tar: expected to write the buckets there, failed: No space left on device" in told
    assert "Traceback" not in told
    assert (tmp_path / "s3.tar").read_bytes() == kept
    assert not (tmp_path / "server.json").exists()


@pytest.mark.parametrize("name", ["clusters", "clusters/mine"])
def test_a_folder_of_clusters_that_no_server_has_made_is_refused_and_stays(tmp_path: Path, name: str) -> None:
    theirs = tmp_path / name
    theirs.parent.mkdir(exist_ok=True)
    theirs.write_text("precious")
    for _ in range(2):
        told = refused("--data", str(tmp_path))
        assert f"--data {tmp_path}: expected a folder where 'clusters' is empty" in told
        assert theirs.read_text() == "precious"
    assert [one.name for one in tmp_path.iterdir()] == ["clusters"]


def first_cluster(told: dict[str, object]) -> str:
    emr = client(str(told["url"]), "emr")
    made: str = emr.run_job_flow(**launch_request())["JobFlowId"]
    emr.close()
    return made


def test_ids_are_new_at_each_start_unless_a_seed_is_named(tmp_path: Path) -> None:
    found = []
    for arguments in ((), (), ("--seed", "7"), ("--seed", "7")):
        with serving(tmp_path, *arguments) as told:
            found.append((str(status_of(told)["seed"]), first_cluster(told)))
    assert found[0][0] != found[1][0]
    assert found[0][1] != found[1][1]
    assert found[2] == found[3] == ("7", found[2][1])
    with serving(tmp_path, "--seed", found[0][0]) as told:
        assert first_cluster(told) == found[0][1]
