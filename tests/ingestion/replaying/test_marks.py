"""Marks of what was replayed."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from ingestion.devices.errors import SourceError
from ingestion.replaying.marks import Mark, Marks
from local_aws.s3_server import S3Server

MARK = Mark("etag", 3, 1, "devices", "2026-01-01T00:00:00Z", {"s3://raw/a": [0, 7]})


@pytest.fixture(scope="module")
def server() -> Iterator[S3Server]:
    made = S3Server()
    yield made
    made.close()


def test_the_first_mark_stands(server: S3Server) -> None:
    marks = Marks(server.client, server.new_bucket())
    assert list(marks.below("a/")) == []
    assert marks.put("a/b", MARK)
    assert not marks.put("a/b", Mark("etag", 9, 9, "x", "y"))
    assert marks.put("c", MARK)
    assert list(marks.below("a/")) == [("_replayed/a/b.etag.json", MARK)]


def test_an_object_that_was_replaced_is_another_one(server: S3Server) -> None:
    marks = Marks(server.client, server.new_bucket())
    assert marks.put("a", MARK)
    assert marks.put("a", replace(MARK, etag="other"))
    assert len(list(marks.below(""))) == 2


def test_what_is_no_mark_is_told(server: S3Server) -> None:
    bucket = server.new_bucket()
    server.client.put_object(Bucket=bucket, Key="_replayed/a.json", Body=b"[]")
    with pytest.raises(SourceError, match=r"_replayed/a\.json: expected what a replay has written"):
        list(Marks(server.client, bucket).below("a"))
