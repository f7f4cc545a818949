"""Objects in parts: whole, in order, retried, and never a mix of two versions."""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError

from local_aws.s3_server import Faults, S3Server
from orchestrator.aws.faults import RefusedCallError
from orchestrator.aws.objects import Listed, Objects
from tests.orchestrator.aws.pretended import BEGINNING, LongestWaits, StillClock

UNTIL = BEGINNING + 60
BODY = bytes(range(256)) * 5


@pytest.fixture(scope="module")
def server() -> Iterator[S3Server]:
    """Start an S3."""
    server = S3Server()
    yield server
    server.close()


def objects(client: Any, part_bytes: int = 100) -> Objects:
    return Objects(client, StillClock(), LongestWaits(), part_bytes)


def put(server: S3Server, bucket: str, key: str, body: bytes) -> Listed:
    server.client.put_object(Bucket=bucket, Key=key, Body=body)
    [listed] = objects(server.client).files(bucket, key, UNTIL)
    return listed


@pytest.mark.parametrize("size", [0, 1, 99, 100, 101, 200, 1280])
def test_the_parts_are_the_object(server: S3Server, size: int) -> None:
    bucket = server.new_bucket()
    file = put(server, bucket, "a", BODY[:size])
    parts = list(objects(server.client).parts(bucket, file, UNTIL))
    assert b"".join(parts) == BODY[:size]
    assert all(len(part) <= 100 for part in parts)


def test_a_part_that_fails_is_read_again_and_no_other(server: S3Server) -> None:
    bucket = server.new_bucket()
    file = put(server, bucket, "a", BODY)

    class Failing:
        calls = 0

        def get_object(self, **request: Any) -> Any:
            self.calls += 1
            if self.calls == 2:
                raise ReadTimeoutError(endpoint_url="e")
            return server.client.get_object(**request)

    client = Failing()
    assert b"".join(objects(client).parts(bucket, file, UNTIL)) == BODY
    assert client.calls == 14


def test_an_object_that_is_replaced_meanwhile_ends_early(server: S3Server) -> None:
    bucket = server.new_bucket()
    file = put(server, bucket, "a", BODY)
    parts = objects(server.client).parts(bucket, file, UNTIL)
    first = next(parts)
    put(server, bucket, "a", b"x" * 1280)
    assert (first, list(parts)) == (BODY[:100], [])


def test_an_object_that_is_gone_is_empty(server: S3Server) -> None:
    bucket = server.new_bucket()
    file = put(server, bucket, "a", BODY)
    server.client.delete_object(Bucket=bucket, Key="a")
    assert list(objects(server.client).parts(bucket, file, UNTIL)) == []


def test_lists_are_whole_and_end_at_their_most(server: S3Server) -> None:
    bucket = server.new_bucket()
    for number in range(5):
        put(server, bucket, f"k{number}", b"x")

    class Paged:
        def list_objects_v2(self, **request: Any) -> Any:
            return server.client.list_objects_v2(**request, MaxKeys=2)

    assert [file.key for file in objects(Paged()).files(bucket, "k", UNTIL)] == ["k0", "k1", "k2", "k3", "k4"]
    assert len(objects(Paged()).files(bucket, "k", UNTIL, most=3)) == 4
    assert objects(Paged()).files(bucket, "other", UNTIL) == []


def test_what_may_not_be_read_is_told(server: S3Server) -> None:
    bucket = server.new_bucket()
    file = put(server, bucket, "a", BODY)
    with (
        server.failing(Faults(statuses=(403,), count=1, wanted=lambda each: each.bucket == bucket)),
        pytest.raises(RefusedCallError, match="S3 GetObject: AccessDenied"),
    ):
        list(objects(server.client).parts(bucket, file, UNTIL))
