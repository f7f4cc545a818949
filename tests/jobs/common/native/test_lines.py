from collections.abc import Iterator

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from jobs.common.native.lines import Block, Gathered, LongLine, blocks


def taken(chunks: list[bytes], most: int) -> list[tuple[type, int, bytes]]:
    found = []
    for one in blocks(chunks, most):
        data = one.data if isinstance(one, Block) else b"".join(one.chunks)
        found.append((type(one), one.position, data))
    return found


@given(
    st.lists(st.text("ab\n", max_size=9).map(str.encode), max_size=9),
    st.integers(1, 12),
)
def test_blocks_are_the_object_in_whole_lines(chunks: list[bytes], most: int) -> None:
    found = taken(chunks, most)
    assert b"".join(data for _, _, data in found) == b"".join(chunks)
    position = 0
    for place, (kind, start, data) in enumerate(found):
        assert start == position
        position += len(data)
        assert data.endswith(b"\n") or place == len(found) - 1
        if kind is LongLine:
            assert data.count(b"\n") <= 1
            assert len(data) >= most


def test_lines_share_a_block_up_to_its_size() -> None:
    assert taken([b"1\n2\n3\n4", b"5\n6"], 8) == [(Block, 0, b"1\n2\n3\n45\n"), (Block, 9, b"6")]


def test_a_line_that_no_block_holds_comes_in_chunks_up_to_its_end() -> None:
    chunks = [b"a\n" + b"x" * 9, b"y" * 9, b"z\nb\nc"]
    assert taken(chunks, 8) == [
        (Block, 0, b"a\n"),
        (LongLine, 2, b"x" * 9 + b"y" * 9 + b"z\n"),
        (Block, 22, b"b\nc"),
    ]


def test_a_long_line_is_never_held_whole() -> None:
    given_out = []

    def chunks() -> Iterator[bytes]:
        for _ in range(100):
            given_out.append(1)
            yield b"x" * 10

    found = blocks(chunks(), 20)
    line = next(found)
    assert isinstance(line, LongLine)
    assert len(given_out) == 2
    assert sum(map(len, line.chunks)) == 1000
    assert list(found) == []


def offsets_of(data: bytes) -> "np.ndarray[tuple[int], np.dtype[np.int32]]":
    ends = [place + 1 for place, byte in enumerate(data) if byte == ord("\n")]
    return np.array([0, *ends], np.int32)


@given(
    st.lists(
        st.tuples(st.sampled_from("uvw"), st.text("ab\r\n", min_size=1, max_size=9)), min_size=1, max_size=6
    ),
    st.lists(st.booleans(), min_size=60, max_size=60),
)
def test_each_line_is_known_by_its_object_and_its_own_bytes(
    objects: list[tuple[str, str]], draw: list[bool]
) -> None:
    gathered, whole = Gathered(), dict[str, bytes]()
    for uri, text in objects:
        gathered.add(uri, Block(len(whole.get(uri, b"")), text.encode()))
        whole[uri] = whole.get(uri, b"") + text.encode()
    offsets = offsets_of(bytes(gathered.data()))
    assert gathered.size == len(gathered.data()) == offsets[-1]
    sources = gathered.sources(offsets).to_pylist()
    wanted = np.array(draw[: len(offsets) - 1])
    taken = list(gathered.stretches(offsets, wanted))
    for uri, position, raw in taken:
        assert whole[uri][position : position + len(raw)] == raw
    assert sum(len(raw) for _, _, raw in gathered.stretches(offsets, np.ones(len(sources), np.bool_))) == sum(
        map(len, whole.values())
    )
    lines = [line for uri, _, raw in taken for line in [uri] * len(raw.removesuffix(b"\n").split(b"\n"))]
    assert lines == [uri for uri, is_wanted in zip(sources, wanted, strict=True) if is_wanted]
    # Lines that follow each other in one block come together.
    ends = {(uri, position + len(raw)) for uri, position, raw in taken}
    starts = [(uri, position) for uri, position, _ in taken]
    bounds = {
        (uri, len(b"".join(text.encode() for other, text in objects[:number] if other == uri)))
        for number, (uri, _) in enumerate(objects)
    }
    assert all(start in bounds for start in starts if start in ends)
