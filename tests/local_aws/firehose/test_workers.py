"""The thread of a delivery stream."""

import itertools
from pathlib import Path

import pytest

from local_aws.firehose import workers
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


def test_a_source_that_never_ends_does_not_keep_it_from_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "_LAST_ROUNDS_S", 0.05)
    stream, rounds = Laboratory(tmp_path, records("a")).stream(), itertools.count()

    def advance(*, all_of_it: bool = False) -> bool:
        del all_of_it
        return next(rounds) < 10**6

    stream.advance = advance  # type: ignore[method-assign] # more comes each time
    Worker(stream).close(is_to_deliver=True)
    assert next(rounds) < 10**6
