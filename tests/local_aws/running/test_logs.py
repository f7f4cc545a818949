"""Where logs go."""

import gzip
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from local_aws.emr.entities import Cluster, Instance, Status, Step
from local_aws.running import logs
from local_aws.s3_server import S3Server


def cluster(log_uri: str | None) -> Cluster:
    return Cluster("j-1", {"LogUri": log_uri}, Status("RUNNING", 0), True, False, 1, {})


@pytest.mark.parametrize(
    ("log_uri", "root"),
    [
        ("s3://b/logs/", "s3://b/logs/j-1"),
        ("s3n://b/logs", "s3://b/logs/j-1"),
        ("s3a://b", "s3://b/j-1"),
        ("s3://b/", "s3://b/j-1"),
        ("file:///tmp", None),
        (None, None),
    ],
)
def test_a_clusters_logs_stand_below_its_log_uri(log_uri: str | None, root: str | None) -> None:
    assert logs.root(cluster(log_uri)) == root


def test_folders_are_emrs() -> None:
    step = Step("s-1", {}, Status("RUNNING", 0))
    instance = Instance(
        "ci-1", "if-1", "MASTER", "m5.xlarge", "SPOT", 1, "us-east-1a", Status("RUNNING", 0), "i-1"
    )
    assert logs.step_folder(step) == "steps/s-1"
    assert logs.bootstrap_folder(instance, 2) == "node/i-1/bootstrap-actions/2"
    assert (
        logs.container_folder(1700000000000, 3)
        == "containers/application_1700000000000_0003/container_1700000000000_0003_01_000001"
    )


@pytest.fixture
def server() -> Iterator[S3Server]:
    made = S3Server()
    yield made
    made.close()


def test_logs_are_put_compressed(server: S3Server, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("text")
    bucket = server.new_bucket()
    store = logs.LogStore(server.client)
    store.put(f"s3://{bucket}/logs/j-1/steps/s-1", {"stdout": tmp_path / "out"})
    store.close()
    assert server.keys(bucket) == ["logs/j-1/steps/s-1/stdout.gz"]
    body = server.client.get_object(Bucket=bucket, Key="logs/j-1/steps/s-1/stdout.gz")["Body"].read()
    assert gzip.decompress(body) == b"text"


def test_only_what_has_grown_is_put_again(server: S3Server, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("text")
    (tmp_path / "err").write_text("")
    bucket = server.new_bucket()
    store = logs.LogStore(server.client)
    files = {"stdout": tmp_path / "out", "stderr": tmp_path / "err"}
    with server.record(bucket) as requests:
        for _ in range(3):
            store.put(f"s3://{bucket}/x", files)
        with (tmp_path / "out").open("a") as out:
            store.put(f"s3://{bucket}/x", {})  # what was asked for before is done
            store._threads.submit(out.write, " and more").result()
            out.flush()
            store.put(f"s3://{bucket}/x", files)
            store.close()
    assert [request.key for request in requests] == ["x/stdout.gz", "x/stderr.gz", "x/stdout.gz"]
    body = server.client.get_object(Bucket=bucket, Key="x/stdout.gz")["Body"].read()
    assert gzip.decompress(body) == b"text and more"


def test_a_bucket_that_is_not_there_is_one_warning(
    server: S3Server, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "out").write_text("text")
    store = logs.LogStore(server.client)
    with caplog.at_level(logging.WARNING):
        for name in ("stdout", "stderr"):
            store.put("s3://no-such-bucket/j-1/steps/s-1", {name: tmp_path / "out"})
        store.put("s3://no-such-bucket/j-1/steps/s-2", {"stdout": tmp_path / "no such file"})
        store.close()
    (message,) = [record.getMessage() for record in caplog.records]
    assert "expected to write s3://no-such-bucket/j-1/steps/s-1/stdout.gz" in message
