"""Files on an object store, by S3A: what is asked of it, and what is left there."""

import logging
from collections import Counter

import pytest
from pyspark.sql import SparkSession

from jobs.common.errors import JobFailed
from jobs.common.files import Files, is_object_store, one_scheme
from local_aws.s3_server import Faults, Request, S3Server

ODD_NAMES = [
    "a b",
    "a%20b",
    "100%",
    "a+b",
    "[1]",
    "{x,y}",
    "c,d",
    "*",
    "q?",
    "#1",
    "ü€😀",
    "a:b",
    "=",
    "'\"&;",
]
CHANGES = ("PutObject", "CopyObject", "DeleteObject", "DeleteObjects", "CreateUpload")


@pytest.fixture
def files(spark: SparkSession) -> Files:
    return Files(spark)


def put(s3: S3Server, bucket: str, *keys: str) -> None:
    for key in keys:
        s3.client.put_object(Bucket=bucket, Key=key, Body=b"123")


def changes(requests: list[Request]) -> dict[str, int]:
    """Count the requests that change something."""
    return dict(Counter(request.kind for request in requests if request.kind in CHANGES))


@pytest.mark.parametrize(
    ("uri", "expected"),
    [("s3://b/k", True), ("s3a://b", True), ("s3n://b/", True), ("file:/x", False), ("/s3://x", False)],
)
def test_object_stores_are_known_by_their_scheme(uri: str, expected: bool) -> None:
    assert is_object_store(uri) == expected
    assert one_scheme(uri) == (f"s3://{uri.split('://')[1]}" if expected else uri)


@pytest.mark.parametrize("name", ODD_NAMES)
def test_a_key_is_taken_literally_and_comes_back_unescaped(
    files: Files, s3: S3Server, bucket: str, name: str
) -> None:
    put(s3, bucket, f"in/{name}/{name}")
    uri = f"s3://{bucket}/in/{name}/{name}"
    (listed,) = files.below(f"s3://{bucket}/in", lambda _: True)
    found = files.find(uri)
    assert found == listed
    assert (found.uri, found.name, found.size) == (uri, name, 3)
    assert files.children(f"s3://{bucket}/in/{name}") == [found]
    assert files.read(uri) == b"123"
    assert found.etag == s3.client.head_object(Bucket=bucket, Key=f"in/{name}/{name}")["ETag"].strip('"')


def test_a_bucket_alone_is_a_folder(files: Files, s3: S3Server, bucket: str) -> None:
    put(s3, bucket, "x", "a/y")
    names = [(entry.name, entry.is_folder) for entry in files.children(f"s3://{bucket}")]
    assert names == [("a", True), ("x", False)]
    files.make_folder(f"s3://{bucket}")


def test_what_lies_below_a_folder_is_listed_at_once_without_the_unwanted_and_what_they_hold(
    files: Files, s3: S3Server, bucket: str
) -> None:
    wanted = [f"t/day={day}/f" for day in range(40)]
    put(s3, bucket, *wanted, "t/skip/x", "t/day=1/skip", "t/day=1/skip.d/deep/x", "tt/x")
    with s3.record(bucket) as requests:
        found = files.below(f"s3://{bucket}/t", lambda entry: not entry.name.startswith("skip"))
    assert [entry.uri for entry in found] == sorted(f"s3://{bucket}/{key}" for key in wanted)
    assert Counter(request.kind for request in requests)["ListObjects"] <= 2
    assert files.below(f"s3://{bucket}/none", lambda _: True) == []


def test_a_file_is_written_with_one_put_and_no_folder_is_made(
    files: Files, s3: S3Server, bucket: str
) -> None:
    with s3.record(bucket) as requests:
        files.make_folder(f"s3://{bucket}/a/b")
        files.write(f"s3://{bucket}/a/b/c.json", "older and longer")
        files.write(f"s3://{bucket}/a/b/c.json", "né\n")
    assert changes(requests) == {"PutObject": 2}
    assert files.read(f"s3://{bucket}/a/b/c.json").decode() == "né\n"
    assert s3.keys(bucket) == ["a/b/c.json"]


def test_a_file_is_moved_by_a_copy_on_the_server_and_leaves_its_content_and_etag(
    files: Files, s3: S3Server, bucket: str
) -> None:
    put(s3, bucket, "from/a b", "from/other")
    before = files.find(f"s3://{bucket}/from/a b")
    with s3.record(bucket) as requests:
        files.move(f"s3://{bucket}/from/a b", f"s3://{bucket}/to/new/c+d")
    after = files.find(f"s3://{bucket}/to/new/c+d")
    assert before is not None
    assert after is not None
    assert (after.size, after.etag) == (before.size, before.etag)
    assert [request.key for request in requests if request.kind == "CopyObject"] == ["to/new/c+d"]
    assert "PutObject" not in changes(requests)
    assert s3.keys(bucket) == ["from/other", "to/new/c+d"]


@pytest.mark.parametrize("place", ["a/b/c/file", "a/b/c", "a/b"])
def test_what_is_deleted_leaves_no_mark_of_the_folder_that_it_was_the_last_in(
    files: Files, s3: S3Server, bucket: str, place: str
) -> None:
    put(s3, bucket, "a/b/c/file", "z")
    files.delete(f"s3://{bucket}/{place}")
    files.delete(f"s3://{bucket}/{place}")
    assert s3.keys(bucket) == ["z"]


def test_many_files_are_deleted_with_few_requests(files: Files, s3: S3Server, bucket: str) -> None:
    names = [f"day={number % 7}/{number} %+ü" for number in range(300)]
    put(s3, bucket, "day=1/stays", *names)
    with s3.record(bucket) as requests:
        files.delete_all([f"s3://{bucket}/{name}" for name in [*names, "never/there"]])
    assert [request.kind for request in requests] == ["DeleteObjects"] * 2
    assert s3.keys(bucket) == ["day=1/stays"]
    files.delete_all([])


def test_files_that_the_store_refuses_to_delete_are_named(files: Files, s3: S3Server, bucket: str) -> None:
    put(s3, bucket, "a", "b")
    denied = Faults(statuses=(403,), rate=1.0, wanted=lambda request: request.kind == "DeleteObjects")
    with (
        s3.failing(denied),
        pytest.raises(JobFailed, match=rf"s3://{bucket}/a.*expected to delete.*AccessDenied"),
    ):
        files.delete_all([f"s3://{bucket}/a", f"s3://{bucket}/b"])
    assert s3.keys(bucket) == ["a", "b"]


def start_uploads(s3: S3Server, bucket: str, *keys: str) -> None:
    for key in keys:
        upload = s3.client.create_multipart_upload(Bucket=bucket, Key=key)["UploadId"]
        s3.client.upload_part(Bucket=bucket, Key=key, UploadId=upload, PartNumber=1, Body=b"part")


def test_uploads_below_a_folder_are_aborted_and_no_other(files: Files, s3: S3Server, bucket: str) -> None:
    start_uploads(s3, bucket, "t/_staging/a", "t/day=1/b", "tt/c", "d")
    files.abort_uploads(f"s3://{bucket}/t")
    assert sorted(s3.uploads(bucket)) == ["d", "tt/c"]


def test_uploads_that_may_not_be_listed_hold_up_nothing(
    files: Files, s3: S3Server, bucket: str, caplog: pytest.LogCaptureFixture
) -> None:
    denied = Faults(statuses=(403,), rate=1.0, wanted=lambda request: request.kind == "ListUploads")
    with s3.failing(denied), caplog.at_level(logging.WARNING, "jobs"):
        files.abort_uploads(f"s3://{bucket}/t")
    assert f"s3://{bucket}/t: open uploads could not be listed or aborted" in caplog.text


@pytest.mark.parametrize(
    ("doing", "kinds", "words"),
    [
        ("find", ("HeadObject", "ListObjects"), "look for it"),
        ("children", ("HeadObject", "ListObjects"), "list it"),
        ("glob", ("HeadObject", "ListObjects"), "list what matches it"),
        ("read", ("GetObject",), "read this file"),
    ],
)
def test_a_place_that_the_role_may_not_read_is_named_with_what_to_do(
    files: Files, s3: S3Server, bucket: str, doing: str, kinds: tuple[str, ...], words: str
) -> None:
    put(s3, bucket, "in/a")
    uri = f"s3://{bucket}/in/a"
    denied = Faults(statuses=(403,), rate=1.0, wanted=lambda request: request.kind in kinds)
    expected = rf"{uri}: expected to {words}, the file system refused \(.*AccessDenied.*\); see that the place is there"
    with s3.failing(denied), pytest.raises(JobFailed, match=expected):
        getattr(files, doing)(uri)
    assert denied.injected


@pytest.mark.usefixtures("s3")
def test_a_bucket_that_there_is_not_is_named(files: Files) -> None:
    with pytest.raises(JobFailed, match=r"s3://bucket-that-is-not/in: expected to look for it"):
        files.find("s3://bucket-that-is-not/in")
