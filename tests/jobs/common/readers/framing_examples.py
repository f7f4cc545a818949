"""What tests of the framing share: values, hostile bytes, limits made small, and the ledger of bytes."""

import json
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import strategies as st

from jobs.common.readers import framing
from jobs.common.readers.framing import Framed, Number, frame

MIB = 1024 * 1024
ROOMY = framing.MOST_FAULT_BYTES, framing._LONG_LINE_BYTES, framing._CHUNK_BYTES
# Small enough for examples to cross every limit.
TIGHT = 48, 8, 1
BLANK = re.compile(rb"[ \t\r\n]*")

numbers = st.from_regex(r"-?(0|[1-9][0-9]{0,25})(\.[0-9]{1,5})?([eE][+-]?[0-9]{1,3})?", fullmatch=True)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
values = st.recursive(
    st.none() | st.booleans() | numbers.map(Number) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)


hostile = st.lists(
    st.sampled_from(
        [b"{", b"}", b"[", b"]", b'"', b'{"a":1}', b'{"a":', b"1", b"-", b".5", b"e5", b"true", b"nul", b",", b":",
         b" ", b"\t", b"\r", b"\n", b"\r\n", b"\\", b"\\ud800", b"\\u00", b"\xff", b"\xe2\x82", b"\xac", "é😀".encode(),
         b"x" * 30, b"[" * 20, b'"' + b"y" * 46 + b'"', b"7" * 48, b"NaN"]
    ),
    max_size=24,
).map(b"".join)  # fmt: skip


@contextmanager
def limited(limits: tuple[int, int, int]) -> Iterator[None]:
    """Run with other limits: of a fault's bytes, of a line that is looked into before its end, of a chunk."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(framing, "MOST_FAULT_BYTES", limits[0])
        patch.setattr(framing, "_LONG_LINE_BYTES", limits[1])
        patch.setattr(framing, "_CHUNK_BYTES", limits[2])
        yield


def framed(data: bytes) -> list[Framed]:
    return list(frame([data]))


def verdicts(data: bytes) -> list[tuple[bytes, str | None]]:
    return [(found.raw, found.fault) for found in framed(data)]


def written(value: Any) -> str:
    if isinstance(value, Number):
        return str(value)
    if isinstance(value, list):
        return f"[{' , '.join(map(written, value))}]"
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(name)} :{written(inner)}" for name, inner in value.items()) + "}"
    return json.dumps(value, ensure_ascii=False)


def assert_nothing_is_lost(data: bytes, frames: Iterable[Framed]) -> None:
    at = 0
    for found in frames:
        assert found.raw
        assert BLANK.fullmatch(data, at, found.position)
        assert data.startswith(found.raw, found.position)
        at = found.position + len(found.raw)
    assert BLANK.fullmatch(data, at)
