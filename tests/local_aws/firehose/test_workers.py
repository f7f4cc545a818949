"""The thread of a delivery stream."""

from pathlib import Path

import pytest

from local_aws.firehose.workers import Worker
from tests.local_aws.firehose.pretended import Laboratory, records


def test_at_its_end_it_delivers_what_waits(tmp_path: Path) -> None:
    laboratory = Laboratory(tmp_path, records(*"abcdefgh"))
    Worker(laboratory.stream()).close(is_to_deliver=True)
    assert list(laboratory.bucket.objects.values()) == [b"abcdefgh"]


def test_or_does_not(tmp_path: Path) -> None:
    laboratory = Laboratory(tmp_path, records("a"))
    Worker(laboratory.stream()).close(is_to_deliver=False)
    assert laboratory.bucket.objects == {}


def test_what_fails_is_logged_and_ends_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    stream = Laboratory(tmp_path, records("a")).stream()

    def fail(**_asked: bool) -> bool:
        raise ValueError("whatever may go wrong")

    stream.advance = fail  # type: ignore[method-assign] # see above
    Worker(stream).close(is_to_deliver=True)
    assert "the delivery stream devices failed, and tries again" in caplog.text
