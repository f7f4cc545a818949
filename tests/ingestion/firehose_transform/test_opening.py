import gzip
import tracemalloc
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.firehose_transform import opening
from ingestion.firehose_transform.errors import CannotOpenError
from tests.ingestion.firehose_transform.making import aggregate

# Its time of making would stand in the tests' names, and workers collect at different seconds.
ZIPPED = gzip.compress(b"some text" * 9, mtime=0)


@pytest.mark.parametrize(
    ("data", "texts"),
    [
        (b"", [b""]),
        (b'{"a":1}', [b'{"a":1}']),
        (gzip.compress(b"a\n"), [b"a\n"]),
        (gzip.compress(b"a") + gzip.compress(b"") + gzip.compress(b"b"), [b"ab"]),
        (aggregate([b"a", gzip.compress(b"b"), b""]), [b"a", b"b", b""]),
        (b"\x1f", [b"\x1f"]),
    ],
    ids=[
        "nothing",
        "plain",
        "gzip",
        "several members",
        "an aggregate with gzip in it",
        "half of gzip's mark",
    ],
)
def test_a_record_is_opened(data: bytes, texts: list[bytes]) -> None:
    assert opening.open_record(data) == texts


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (ZIPPED[:-1], "gzip that ends too early"),
        (ZIPPED[:12], "gzip that ends too early"),
        (ZIPPED + b"x", "gzip with other bytes behind it"),
        (ZIPPED[:-8] + b"\0" * 8, "gzip that does not decompress: .*incorrect data check"),
        (b"\x1f\x8b" + b"?" * 20, "gzip that does not decompress: .*"),
        (aggregate([b"fine", ZIPPED[:-3]]), "gzip that ends too early"),
    ],
    ids=["cut", "cut at half", "with more behind", "wrong sum", "only gzip's mark", "cut in an aggregate"],
)
def test_a_record_that_does_not_open_as_a_whole_is_refused(data: bytes, fault: str) -> None:
    with pytest.raises(CannotOpenError, match=f"^{fault}$"):
        opening.open_record(data)


def test_gzip_opens_up_to_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "MOST_OPENED_BYTES", 100_000)
    assert opening.open_record(gzip.compress(b"x" * 100_000)) == [b"x" * 100_000]
    with pytest.raises(CannotOpenError, match=r"^gzip of more than 100000 bytes$"):
        opening.open_record(gzip.compress(b"x" * 100_001))
    half = gzip.compress(b"x" * 60_000)
    with pytest.raises(CannotOpenError, match=r"^gzip of more than 100000 bytes$"):
        opening.open_record(aggregate([half, half]))


def test_what_gzip_would_become_is_not_held_beyond_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "MOST_OPENED_BYTES", 1_000)
    bomb = gzip.compress(b"x" * 15_000_000)
    tracemalloc.start()
    try:
        with pytest.raises(CannotOpenError, match=r"^gzip of more than 1000 bytes$"):
            opening.open_record(bomb)
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


@given(st.lists(st.binary(max_size=40_000), min_size=1, max_size=4), st.integers(1, 9))
def test_members_of_any_length_are_opened(parts: list[bytes], level: int) -> None:
    data = b"".join(gzip.compress(part, level) for part in parts)
    assert opening.open_record(data) == [b"".join(parts)]


@given(
    st.binary(max_size=200),
    st.sampled_from([b"", b"\x1f\x8b", b"\x1f\x8b\x08\0\0\0\0\0\0\xff", b"\xf3\x89\x9a\xc2"]),
)
def test_any_bytes_open_or_are_refused(data: bytes, head: bytes) -> None:
    try:
        texts = opening.open_record(head + data)
    except CannotOpenError:
        assert (head + data).startswith((b"\x1f\x8b", b"\xf3\x89\x9a\xc2"))
    else:
        assert texts == [head + data] or zlib.decompress(head + data, 31) == texts[0]
