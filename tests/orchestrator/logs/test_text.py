"""Lines come out as they went in, packed or not, however the bytes are cut."""

import gzip
import tracemalloc
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.logs.text import MOST_CHARACTERS, lines, pieces, shown

TEXTS = st.text(st.sampled_from("ab\nü€\r "), max_size=200)


def cut(data: bytes, size: int) -> Iterator[bytes]:
    for begin in range(0, len(data), size):
        yield data[begin : begin + size]


@settings(max_examples=100)
@given(TEXTS, st.integers(1, 40), st.booleans(), st.booleans())
def test_nothing_is_lost_however_the_bytes_are_cut(
    text: str, size: int, is_packed: bool, is_in_two: bool
) -> None:
    data = text.encode()
    if is_packed:
        half = len(data) // 2 if is_in_two else 0
        data = gzip.compress(data[:half]) + gzip.compress(data[half:])
    assert "".join(pieces(cut(data, size))) == text
    assert list(lines(cut(data, size))) == [shown(line) for line in text.split("\n")[:-1]] + (
        [shown(text.rpartition("\n")[2])] if text.rpartition("\n")[2] else []
    )


def test_of_a_log_that_is_cut_off_what_there_is_is_read() -> None:
    data = gzip.compress(b"".join(b"line %d\n" % number for number in range(5000)))
    found = list(lines([data[: len(data) // 2]]))
    assert found[:2] == ["line 0", "line 1"]
    assert 500 < len(found) < 5000


def test_what_only_looks_packed_is_nothing() -> None:
    assert list(lines([b"\x1f\x8bnot packed"])) == []


@pytest.mark.parametrize(
    ("line", "text"),
    [("a\r\n", "a"), ("[Stage 1:>  ]\r[Stage 1:==>]\n", "[Stage 1:==>]"), ("a", "a"), ("\n", "")],
)
def test_a_progress_bar_is_shown_as_it_ended(line: str, text: str) -> None:
    assert shown(line) == text


def test_a_line_without_end_comes_in_pieces() -> None:
    data = b"x" * (3 * MOST_CHARACTERS + 5)
    assert [len(piece) for piece in pieces([data])] == [MOST_CHARACTERS] * 3 + [5]


def test_a_huge_log_is_never_whole_in_memory() -> None:
    packed = gzip.compress((b"0123456789abcde" * 64 + b"\n") * 40_000, 1)
    tracemalloc.start()
    count = sum(1 for _ in lines(cut(packed, 4096)))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 40_000
    assert peak < 4 * 1024 * 1024
