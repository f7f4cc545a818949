import tracemalloc
from collections.abc import Iterable, Iterator
from itertools import cycle
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from jobs.common.readers.framing import BAD_ENCODING, MALFORMED_JSON, RECORD_TOO_LARGE, Number, exact, frame
from tests.jobs.common.readers.framing_examples import (
    MIB,
    ROOMY,
    TIGHT,
    assert_nothing_is_lost,
    framed,
    hostile,
    limited,
    values,
    verdicts,
    written,
)


def as_floats(value: Any) -> Any:
    """Return a value with floats for the numbers that framing may give as such."""
    if isinstance(value, list):
        return [as_floats(inner) for inner in value]
    if isinstance(value, dict):
        return {name: as_floats(inner) for name, inner in value.items()}
    return float(value) if isinstance(value, Number) and not value.lstrip("-").isdecimal() else value


@example(lines=[[{"": Number("0.0")}]], gap="", end="\n")
@given(lines=st.lists(st.lists(values, max_size=4), max_size=4), gap=st.sampled_from(["", " ", "\t\r ", "  "]),
       end=st.sampled_from(["\n", "\r\n", "\n\r\n"]))  # fmt: skip
@pytest.mark.parametrize("limits", [ROOMY, TIGHT], ids=["roomy", "tight"])
def test_framing_inverts_gluing(
    limits: tuple[int, int, int], lines: list[list[Any]], gap: str, end: str
) -> None:
    data, places = "", []
    for line in lines:
        last = ""
        for value in line:
            text = written(value)
            is_open = last[-1:] not in ("", "]", "}", '"') and text[0] not in '{["'
            data += " " if is_open else gap
            places.append((len(data.encode()), text.encode(), value))
            data, last = data + text, text
        data += end
    # Values over the limit on faults are cut: framing gives back those that a line's front can hold.
    if all(len(raw) <= limits[0] for _, raw, _ in places):
        with limited(limits):
            found = framed(data.encode())
        assert [(each.position, each.raw, exact(each.raw)) for each in found] == places
        assert [as_floats(each.value) for each in found] == [as_floats(value) for _, _, value in places]
        assert all(each.fault is None for each in found)


def chunked(data: bytes, sizes: Iterable[int]) -> Iterator[bytes]:
    at = 0
    for size in cycle([*sizes, 1]):
        if at >= len(data):
            return
        yield data[at : at + size]
        at += size


@given(data=hostile | st.binary(max_size=120), sizes=st.lists(st.integers(1, 60), max_size=6))
@example(data=b'"' + b"x" * 60 + b'"{}', sizes=[70])
@example(data=b"1" * 48 + b"\r\n1", sizes=[49])
@example(data=b"[" + "é".encode() * 40, sizes=[48])
@pytest.mark.parametrize("limits", [ROOMY, TIGHT], ids=["roomy", "tight"])
def test_chunks_do_not_matter_and_nothing_is_lost(
    limits: tuple[int, int, int], data: bytes, sizes: list[int]
) -> None:
    with limited(limits):
        whole = framed(data)
        assert list(frame(chunked(data, sizes))) == whole
        assert list(frame(chunked(data, [1]))) == whole
    assert_nothing_is_lost(data, whole)


@pytest.mark.parametrize(
    ("rest", "expected"),
    [
        pytest.param(b'"' + b"x" * 120, RECORD_TOO_LARGE, id="a text without an end"),
        pytest.param(b'"' + b"x" * 120 + b'"', RECORD_TOO_LARGE, id="a text with an end too far"),
        pytest.param(b'["' + "€".encode() * 40, RECORD_TOO_LARGE, id="cut within a character"),
        pytest.param(b"1" * 121, RECORD_TOO_LARGE, id="a number"),
        pytest.param(b'"' + b"\\u00e9" * 20, RECORD_TOO_LARGE, id="cut within an escape"),
        pytest.param(b"[" + b"true," * 30, RECORD_TOO_LARGE, id="cut within a literal"),
        pytest.param(b"?" + b"x" * 120, MALFORMED_JSON, id="no value"),
        pytest.param(b'{"a" 1' + b"x" * 120, MALFORMED_JSON, id="wrong within"),
        pytest.param(b"1x" * 60, MALFORMED_JSON, id="a number that goes on wrongly"),
        pytest.param(b'"\xff' + b"x" * 120, BAD_ENCODING, id="wrong bytes within"),
    ],
)
def test_a_long_fault_is_cut_into_rows_that_follow_each_other(rest: bytes, expected: str) -> None:
    cuts = [rest[start : start + 48] for start in range(0, len(rest), 48)]
    with limited(TIGHT):
        found = verdicts(b"{}" + rest + b"\n{}")
    assert found == [(b"{}", None), *((cut, expected) for cut in cuts), (b"{}", None)]


def test_values_of_a_line_come_out_before_it_ends_and_memory_is_bounded() -> None:
    message = b'{"a":"' + b"x" * 1000 + b'"}'
    seen = 0

    def glued() -> Iterator[bytes]:
        nonlocal seen
        for _ in range(400):
            yield message * 100
            seen += 1

    tracemalloc.start()
    try:
        frames = frame(glued())
        assert next(frames).raw == message
        assert seen < 50
        assert sum(1 for _ in frames) == 39_999
        assert tracemalloc.get_traced_memory()[1] < 40 * MIB
    finally:
        tracemalloc.stop()


def test_a_line_that_never_parses_is_held_up_to_the_limit_only() -> None:
    tracemalloc.start()
    try:
        sizes = [(len(found.raw), found.fault) for found in frame(b"?" * MIB for _ in range(100))]
        assert tracemalloc.get_traced_memory()[1] < 6 * 8 * MIB
    finally:
        tracemalloc.stop()
    assert sizes == [(8 * MIB, MALFORMED_JSON)] * 12 + [(4 * MIB, MALFORMED_JSON)]


def test_a_long_line_of_tiny_chunks_is_not_copied_chunk_by_chunk() -> None:
    # As gzip members of one message each would give; quadratic work would take minutes.
    assert sum(1 for _ in frame(b"[" if at % 2 == 0 else b"]" for at in range(2 * MIB))) == MIB
