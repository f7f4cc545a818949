from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from jobs.common.native.lines import Block, LongLine, blocks


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
