import pickle
from collections.abc import Iterator
from pathlib import Path

import pytest

from jobs.common.native import stores
from jobs.common.native.stores import Stores, hindrance, settings_wanted, stores_of
from local_aws.s3_server import SECRET, S3Server

S3A = "org.apache.hadoop.fs.s3a.S3AFileSystem"
REGION = {"fs.s3a.endpoint.region": "eu-west-1"}
PROVIDER = "fs.s3a.aws.credentials.provider"


def stores_on(server: S3Server, bucket: str) -> Stores:
    """Reach a server as Spark would be told to."""
    return stores_of(server.hadoop_settings(), [f"s3://{bucket}/x"])


@pytest.mark.parametrize(
    ("hadoop", "changed", "places", "why"),
    [
        ({}, [], ["/a", "file:/b"], None),
        ({}, ["fs.s3a.proxy.host"], ["/a"], None),
        ({}, [], ["hdfs://node/a"], "hdfs:// is read by Hadoop alone"),
        (REGION, [], ["s3://b/a", "s3a://b/a"], None),
        ({**REGION, "fs.s3.impl": S3A}, [], ["s3://b/a"], None),
        ({**REGION, "fs.s3.impl": "com.EmrFileSystem"}, [], ["s3://b/a"], "s3:// is com.EmrFileSystem here"),
        ({**REGION, "fs.s3.impl": "com.EmrFileSystem"}, [], ["s3a://b/a"], None),
        (REGION, ["fs.s3a.encryption.algorithm"], ["s3://b/a"], "fs.s3a.encryption.algorithm is set"),
        (REGION, ["fs.s3a.create.storage.class"], ["s3://b/a"], "fs.s3a.create.storage.class is set"),
        (REGION, ["fs.s3a.what.comes.next"], ["s3://b/a"], "fs.s3a.what.comes.next is set"),
        (REGION, ["fs.s3a.retry.limit", "fs.s3a.endpoint", "fs.s3a.access.key"], ["s3://b/a"], None),
        ({**REGION, "hadoop.security.credential.provider.path": "jceks:"}, [], ["s3://b/a"], "provider.path is set"),
        (REGION, ["fs.s3a.bucket.b.endpoint"], ["s3://b/a"], "the bucket b has a setting of its own"),
        (REGION, ["fs.s3a.bucket.b2.endpoint"], ["s3://b/a"], None),
        ({**REGION, PROVIDER: "x.SimpleAWSCredentialsProvider, y.DefaultCredentialsProvider"}, [], ["s3://b/a"], None),
        ({**REGION, PROVIDER: "org.x.AnonymousAWSCredentialsProvider"}, [], ["s3://b/a"], "names org.x.Anonymous"),
    ],
)  # fmt: skip
def test_what_pyarrow_cannot_do_as_s3a_would_is_said(
    hadoop: dict[str, str], changed: list[str], places: list[str], why: str | None
) -> None:
    found = hindrance(hadoop, changed, places)
    assert found is None if why is None else why in str(found)


def test_all_that_is_looked_at_is_asked_for() -> None:
    wanted = settings_wanted(["s3://b/a", "/x"])
    assert {"fs.s3.impl", PROVIDER, "hadoop.security.credential.provider.path", "fs.s3a.endpoint"} <= set(
        wanted
    )


def test_local_names_are_taken_literally(tmp_path: Path) -> None:
    odd = tmp_path / "a b%20#?[é]"
    local = Stores({}, {})
    local.make_folder(f"file:{odd}/deep")
    (odd / "deep/f").write_bytes(b"x")
    for uri in (f"{odd}/deep/f", f"file:{odd}/deep/f", f"file://{odd}/deep/f"):
        system, path = local.open(uri)
        with system.open_input_file(path) as source:
            assert source.read() == b"x"
        assert not local.is_remote(uri)


def test_objects_are_reached_as_hadoop_is_told_to(s3_server: S3Server) -> None:
    bucket = s3_server.new_bucket()
    own = pickle.loads(pickle.dumps(stores_on(s3_server, bucket)))  # noqa: S301 - our own, as Spark does
    uri = f"s3://{bucket}/a b%20/é"
    assert own.is_remote(uri)
    own.make_folder(f"s3://{bucket}/a b%20")
    system, path = own.open(uri)
    with system.open_output_stream(path) as sink:
        sink.write(b"x")
    assert s3_server.keys(bucket) == ["a b%20/é"]
    with system.open_input_file(own.open(uri)[1]) as source:
        assert source.read() == b"x"


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Give the buckets whose region somebody asked for; all are in Frankfurt."""
    buckets: list[str] = []

    def resolve(bucket: str) -> str:
        buckets.append(bucket)
        return "eu-central-1"

    monkeypatch.setattr("pyarrow.fs.resolve_s3_region", resolve)
    stores._region.cache_clear()
    yield buckets
    stores._region.cache_clear()


@pytest.mark.parametrize("endpoint", ["", "s3.amazonaws.com", "https://s3.amazonaws.com/"])
def test_a_bucket_s_region_is_asked_for_where_nobody_has_said_it(asked: list[str], endpoint: str) -> None:
    found = stores_of({"fs.s3a.endpoint": endpoint}, ["s3://b/x", "s3://c/y", "s3://b/z", "/local"])
    assert found.regions == dict.fromkeys("bc", "eu-central-1")
    assert "fs.s3a.endpoint" not in found.settings
    assert asked == ["b", "c"]


@pytest.mark.parametrize(
    ("hadoop", "region"),
    [
        ({"fs.s3a.endpoint.region": "us-east-2"}, "us-east-2"),
        ({"fs.s3a.endpoint": "s3.eu-west-1.amazonaws.com"}, "eu-west-1"),
        ({"fs.s3a.endpoint": "https://s3.dualstack.us-gov-west-1.amazonaws.com"}, "us-gov-west-1"),
        ({"fs.s3a.endpoint": "s3.cn-north-1.amazonaws.com.cn"}, "cn-north-1"),
        ({"fs.s3a.endpoint": "http://127.0.0.1:9000"}, None),
    ],
)
def test_a_region_that_is_said_is_not_asked_for(
    asked: list[str], hadoop: dict[str, str], region: str | None
) -> None:
    found = stores_of(hadoop, ["s3://b/x"])
    assert (found.regions, found.settings.get("fs.s3a.endpoint.region")) == ({}, region)
    assert asked == []


def test_a_region_that_cannot_be_asked_for_is_a_hindrance(
    asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: str) -> str:
        raise OSError("no route")

    monkeypatch.setattr("pyarrow.fs.resolve_s3_region", fail)
    assert hindrance({}, [], ["s3://b/x"]) == "nobody says in which region a bucket is: no route"
    assert asked == []


def test_no_secret_is_told(s3_server: S3Server) -> None:
    assert SECRET not in repr(stores_on(s3_server, "b"))
