"""Marks of what was replayed."""

from collections.abc import Iterator

import pytest

from ingestion.devices.errors import SourceError
from ingestion.replaying.marks import Mark, Marks
from local_aws.s3_server import S3Server

MARK = Mark("etag", 3, 1, "devices", "2026-01-01T00:00:00Z")


@pytest.fixture(scope="module")
def server() -> Iterator[S3Server]:
    made = S3Server()
    yield made
    made.close()


def test_the_first_mark_stands(server: S3Server) -> None:
    marks = Marks(server.client, server.new_bucket())
    assert marks.find("a/b") is None
    assert marks.put("a/b", MARK)
    assert not marks.put("a/b", Mark("other", 9, 9, "x", "y"))
    assert marks.find("a/b") == MARK


def test_what_is_no_mark_is_told(server: S3Server) -> None:
    bucket = server.new_bucket()
    server.client.put_object(Bucket=bucket, Key="_replayed/a.json", Body=b"[]")
    with pytest.raises(SourceError, match=r"_replayed/a\.json: expected what a replay has written"):
        Marks(server.client, bucket).find("a")
