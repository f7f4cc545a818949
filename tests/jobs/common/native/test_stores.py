import pickle
from pathlib import Path

import pytest

from jobs.common.native.stores import Stores, hindrance, settings_wanted, stores_of
from local_aws.s3_server import SECRET, S3Server

S3A = "org.apache.hadoop.fs.s3a.S3AFileSystem"
PROVIDER = "fs.s3a.aws.credentials.provider"


def stores_on(server: S3Server, bucket: str) -> Stores:
    """Reach a server as Spark would be told to."""
    return stores_of(server.hadoop_settings(), [f"s3://{bucket}/x"])


@pytest.mark.parametrize(
    ("hadoop", "buckets", "places", "why"),
    [
        ({}, [], ["/a", "file:/b"], None),
        ({"fs.s3a.proxy.host": "p"}, [], ["/a"], None),
        ({}, [], ["hdfs://node/a"], "hdfs:// is read by Hadoop alone"),
        ({}, [], ["s3://b/a", "s3a://b/a"], None),
        ({"fs.s3.impl": S3A}, [], ["s3://b/a"], None),
        ({"fs.s3.impl": "com.EmrFileSystem"}, [], ["s3://b/a"], "s3:// is com.EmrFileSystem here"),
        ({"fs.s3.impl": "com.EmrFileSystem"}, [], ["s3a://b/a"], None),
        ({"fs.s3a.encryption.algorithm": "SSE-C"}, [], ["s3://b/a"], "fs.s3a.encryption.algorithm is set"),
        ({"fs.s3a.requester.pays.enabled": "false"}, [], ["s3://b/a"], None),
        ({"fs.s3a.requester.pays.enabled": "true"}, [], ["s3://b/a"], "requester.pays.enabled is set"),
        ({}, ["fs.s3a.bucket.b.endpoint"], ["s3://b/a"], "the bucket b has a setting of its own"),
        ({}, ["fs.s3a.bucket.b2.endpoint"], ["s3://b/a"], None),
        ({PROVIDER: "org.x.SimpleAWSCredentialsProvider, software.DefaultCredentialsProvider"}, [], ["s3://b/a"], None),
        ({PROVIDER: "org.x.AnonymousAWSCredentialsProvider"}, [], ["s3://b/a"], "names org.x.Anonymous"),
    ],
)  # fmt: skip
def test_what_pyarrow_cannot_do_as_s3a_would_is_said(
    hadoop: dict[str, str], buckets: list[str], places: list[str], why: str | None
) -> None:
    found = hindrance(hadoop, buckets, places)
    assert found is None if why is None else why in str(found)


def test_all_that_is_looked_at_is_asked_for() -> None:
    wanted = settings_wanted(["s3://b/a", "/x"])
    assert {"fs.s3.impl", PROVIDER, "fs.s3a.proxy.host", "fs.s3a.endpoint"} <= set(wanted)


def test_local_names_are_taken_literally(tmp_path: Path) -> None:
    odd = tmp_path / "a b%20#?[é]"
    stores = Stores({}, {})
    stores.make_folder(f"file:{odd}/deep")
    (odd / "deep/f").write_bytes(b"x")
    for uri in (f"{odd}/deep/f", f"file:{odd}/deep/f", f"file://{odd}/deep/f"):
        system, path = stores.open(uri)
        with system.open_input_file(path) as source:
            assert source.read() == b"x"
        assert not stores.is_remote(uri)


def test_objects_are_reached_as_hadoop_is_told_to(s3_server: S3Server) -> None:
    bucket = s3_server.new_bucket()
    stores = pickle.loads(pickle.dumps(stores_on(s3_server, bucket)))  # noqa: S301 - our own, as Spark does
    uri = f"s3://{bucket}/a b%20/é"
    assert stores.is_remote(uri)
    stores.make_folder(f"s3://{bucket}/a b%20")
    system, path = stores.open(uri)
    with system.open_output_stream(path) as sink:
        sink.write(b"x")
    assert s3_server.keys(bucket) == ["a b%20/é"]
    with system.open_input_file(stores.open(uri)[1]) as source:
        assert source.read() == b"x"


def test_a_region_is_asked_for_only_where_nobody_has_said_it(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def resolve(bucket: str) -> str:
        asked.append(bucket)
        return "eu-central-1"

    monkeypatch.setattr("pyarrow.fs.resolve_s3_region", resolve)
    assert stores_of({}, ["s3://b/x", "s3://c/y", "s3://b/z", "/local"]).regions == dict.fromkeys(
        "bc", "eu-central-1"
    )
    assert stores_of({"fs.s3a.endpoint.region": "us-east-2"}, ["s3://b/x"]).regions == {}
    assert asked == ["b", "c"]


def test_no_secret_is_told(s3_server: S3Server) -> None:
    assert SECRET not in repr(stores_on(s3_server, "b"))
