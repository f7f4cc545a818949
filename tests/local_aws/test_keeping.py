"""Buckets that outlive their server."""

import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from local_aws.keeping import KeptError, load, save
from local_aws.s3_server import S3Server

KEYS = ("a", "a/b", "a/", "/lead", "../up", "ü b+c%20", "x" * 900)


@pytest.fixture
def server() -> Iterator[S3Server]:
    made = S3Server()
    yield made
    made.close()


def empty(server: S3Server) -> None:
    """Take every bucket away: moto keeps one account a process."""
    for bucket in server.client.list_buckets()["Buckets"]:
        for key in server.keys(bucket["Name"]):
            server.client.delete_object(Bucket=bucket["Name"], Key=key)
        server.client.delete_bucket(Bucket=bucket["Name"])


def test_buckets_come_back_with_any_key_and_its_metadata(server: S3Server, tmp_path: Path) -> None:
    empty(server)
    s3, bucket, bare = server.client, server.new_bucket(), server.new_bucket()
    for key in KEYS:
        s3.put_object(Bucket=bucket, Key=key, Body=key.encode(), ContentType="text/x", Metadata={"m": "1"})
    s3.put_object(Bucket=bucket, Key="large", Body=b"x" * 9_000_000)
    path = tmp_path / "s3.tar"
    assert save(s3, path) == len(KEYS) + 1
    assert [one.name for one in tmp_path.iterdir()] == ["s3.tar"]
    empty(server)
    assert load(s3, path) == len(KEYS) + 1
    assert {one["Name"] for one in s3.list_buckets()["Buckets"]} == {bucket, bare}
    assert sorted(server.keys(bucket)) == sorted([*KEYS, "large"])
    for key in KEYS:
        told = s3.get_object(Bucket=bucket, Key=key)
        assert (told["Body"].read(), told["ContentType"], told["Metadata"]) == (
            key.encode(),
            "text/x",
            {"m": "1"},
        )
    assert s3.head_object(Bucket=bucket, Key="large")["ContentLength"] == 9_000_000


def test_where_nothing_is_kept_nothing_is_put(server: S3Server, tmp_path: Path) -> None:
    assert load(server.client, tmp_path / "s3.tar") == 0


@pytest.mark.parametrize("kind", ["text", "tar of others", "cut off"])
def test_a_file_that_holds_no_buckets_is_refused(server: S3Server, tmp_path: Path, kind: str) -> None:
    path = tmp_path / "s3.tar"
    if kind == "text":
        path.write_text("no tar")
    elif kind == "tar of others":
        with tarfile.open(path, "w") as archive:
            archive.add(__file__, "file")
    else:
        bucket = server.new_bucket()
        server.client.put_object(Bucket=bucket, Key="k", Body=b"x" * 100_000)
        save(server.client, path)
        path.write_bytes(path.read_bytes()[:60_000])
        empty(server)
    with pytest.raises(KeptError, match=r"s3\.tar: expected the buckets that a server has kept"):
        load(server.client, path)
