from pathlib import Path

import pytest

from jobs.common.errors import JobFailed
from jobs.common.files import Entry
from jobs.common.native import ahead
from jobs.common.native.ahead import opened
from local_aws.s3_server import S3Server
from tests.jobs.common.native.arrow import LOCAL
from tests.jobs.common.native.test_stores import stores_on


def entry(uri: str, size: int) -> Entry:
    return Entry(uri, size, 0, None, is_folder=False)


def test_an_object_comes_in_slices_as_often_as_it_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x" * 600_000)
    ((_, stored),) = opened(LOCAL, [entry(f"{tmp_path}/a", 600_000)])
    assert [len(part) for part in stored()] == [262_144, 262_144, 75_712]
    assert b"".join(stored()) == b"x" * 600_000


@pytest.mark.parametrize("small", [0, 100])
def test_many_objects_come_in_their_order(
    s3_server: S3Server, monkeypatch: pytest.MonkeyPatch, small: int
) -> None:
    monkeypatch.setattr(ahead, "_SMALL_BYTES", small)
    bucket = s3_server.new_bucket()
    objects = []
    for number in range(20):
        body = str(number).encode() * 3
        s3_server.client.put_object(Bucket=bucket, Key=f"{number}", Body=body)
        objects.append(entry(f"s3://{bucket}/{number}", len(body)))
    found = [(one.uri, b"".join(stored())) for one, stored in opened(stores_on(s3_server, bucket), objects)]
    assert found == [(one.uri, str(number).encode() * 3) for number, one in enumerate(objects)]


@pytest.mark.parametrize("size", [2, 4])
def test_an_object_that_has_changed_is_refused(s3_server: S3Server, tmp_path: Path, size: int) -> None:
    (tmp_path / "a").write_bytes(b"xyz")
    bucket = s3_server.new_bucket()
    s3_server.client.put_object(Bucket=bucket, Key="a", Body=b"xyz")
    for stores, uri in ((LOCAL, f"{tmp_path}/a"), (stores_on(s3_server, bucket), f"s3://{bucket}/a")):
        with pytest.raises(JobFailed, match=f"a: expected {size} bytes, read 3: the object has changed"):
            [list(stored()) for _, stored in opened(stores, [entry(uri, size)])]


def test_an_empty_object_has_no_slices(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    ((_, stored),) = opened(LOCAL, [entry(f"{tmp_path}/a", 0)])
    assert list(stored()) == []


@pytest.mark.parametrize(
    ("before", "after", "is_fine"), [(40, 60, True), (41, 60, True), (101, 0, False), (60, 101, False)]
)
def test_an_object_with_a_long_stretch_without_a_brace_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: int, after: int, is_fine: bool
) -> None:
    monkeypatch.setattr(ahead, "MOST_UNCUT_BYTES", 100)
    monkeypatch.setattr(ahead, "_SLICE_BYTES", 7)
    content = b"x" * before + b"}" + b"y" * after
    (tmp_path / "a").write_bytes(content)
    ((_, stored),) = opened(LOCAL, [entry(f"{tmp_path}/a", len(content))])
    if is_fine:
        assert b"".join(stored()) == content
    else:
        with pytest.raises(JobFailed, match="a: expected messages, got 100 bytes and more without '}'"):
            list(stored())
