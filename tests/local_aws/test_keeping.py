"""Buckets that outlive their server."""

import io
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.response import StreamingBody

from local_aws.clients import client
from local_aws.keeping import KeptError, NotKeptError, load, save
from local_aws.s3_server import S3Server
from tests.local_aws import buckets

KEYS = ("a", "a/b", "a/", "/lead", "../up", "ü b+c%20", "x" * 900)


@pytest.fixture
def server() -> Iterator[S3Server]:
    made = S3Server()
    yield made
    made.close()


def test_buckets_come_back_with_any_key_and_its_metadata(server: S3Server, tmp_path: Path) -> None:
    buckets.remove()
    s3, bucket, bare = server.client, server.new_bucket(), server.new_bucket()
    for key in KEYS:
        s3.put_object(Bucket=bucket, Key=key, Body=key.encode(), ContentType="text/x", Metadata={"m": "1"})
    s3.put_object(Bucket=bucket, Key="large", Body=b"x" * 9_000_000)
    path = tmp_path / "s3.tar"
    assert save(s3, path) == len(KEYS) + 1
    assert [one.name for one in tmp_path.iterdir()] == ["s3.tar"]
    buckets.remove()
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


def test_how_a_body_is_encoded_comes_back(server: S3Server, tmp_path: Path) -> None:
    buckets.remove()
    s3, bucket = server.client, server.new_bucket()
    s3.put_object(
        Bucket=bucket, Key="k", Body=b"\x1f\x8b", ContentEncoding="gzip", StorageClass="STANDARD_IA"
    )
    s3.put_object(Bucket=bucket, Key="plain", Body=b"x")
    save(s3, tmp_path / "s3.tar")
    buckets.remove()
    load(s3, tmp_path / "s3.tar")
    told = s3.get_object(Bucket=bucket, Key="k")
    assert (told["ContentEncoding"], told["Body"].read()) == ("gzip", b"\x1f\x8b")
    assert "ContentEncoding" not in s3.get_object(Bucket=bucket, Key="plain")


def test_what_cannot_be_read_is_named_and_all_else_is_kept(
    server: S3Server, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    buckets.remove()
    s3, bucket, gone = server.client, server.new_bucket(), server.new_bucket()
    for key in ("a", "deleted", "z"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"x")
    s3.put_object(Bucket=bucket, Key="cut off", Body=b"x" * 10, Metadata={"cut": "off"})
    s3.put_object(Bucket=bucket, Key="in the ice", Body=b"x", StorageClass="GLACIER")

    def delete(**_: Any) -> None:
        s3.delete_object(Bucket=bucket, Key="deleted")

    def lose_bucket(**_: Any) -> None:
        s3.delete_bucket(Bucket=gone)

    def cut_off(parsed: dict[str, Any], **_: Any) -> None:
        if parsed.get("Metadata") == {"cut": "off"}:
            parsed["Body"] = StreamingBody(io.BytesIO(b"x"), 10)

    meddling = client(server.url, "s3")
    meddling.meta.events.register("after-call.s3.ListObjectsV2", delete)
    meddling.meta.events.register("after-call.s3.ListBuckets", lose_bucket)
    meddling.meta.events.register("after-call.s3.GetObject", cut_off)
    assert save(meddling, tmp_path / "s3.tar") == 2
    meddling.close()
    assert [one.name for one in tmp_path.iterdir()] == ["s3.tar"]
    warned = [one.getMessage() for one in caplog.records if one.levelname == "WARNING"]
    for name in ("cut off", "deleted", "in the ice"):
        assert any(text.startswith(f"s3://{bucket}/{name} is not kept: ") for text in warned)
    assert any(text.startswith(f"s3://{gone} is not kept: ") for text in warned)
    assert len(warned) == 4
    buckets.remove()
    assert load(s3, tmp_path / "s3.tar") == 2
    assert server.keys(bucket) == ["a", "z"]


def test_where_the_file_cannot_be_written_the_former_one_stays(server: S3Server, tmp_path: Path) -> None:
    path = tmp_path / "s3.tar"
    path.write_text("the former one")
    (tmp_path / "s3.part").symlink_to("/dev/full")
    with pytest.raises(NotKeptError, match=r"s3\.tar: expected .* failed: No space left on device; "):
        save(server.client, path)
    assert path.read_text() == "the former one"
    assert [one.name for one in tmp_path.iterdir()] == ["s3.tar"]


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
        buckets.remove()
    with pytest.raises(KeptError, match=r"s3\.tar: expected the buckets that a server has kept"):
        load(server.client, path)
