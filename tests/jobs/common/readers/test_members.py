import gzip
import itertools
import random
import tracemalloc
import zlib
from collections.abc import Iterable, Iterator

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from jobs.common.readers.members import GZIP_MAGIC, Damage, decode

TEXT = b'{"a":1}\n{"b":[2,3]}\n{"c":"%s"}\n' % (b"xyz" * 20)
STORED = gzip.compress(TEXT, mtime=0)
FURTHER = b'{"later":true}\n'
TWO = STORED + gzip.compress(FURTHER, mtime=0)
# Incompressible, so that the stored bytes take several slices.
LONG_TEXT = random.Random(7).randbytes(200_000)  # noqa: S311 - no secret
LONG = gzip.compress(LONG_TEXT, mtime=0)


def decoded(pieces: Iterable[bytes]) -> tuple[bytes, list[Damage]]:
    parts = list(decode(pieces))
    return b"".join(part for part in parts if isinstance(part, bytes)), [
        part for part in parts if isinstance(part, Damage)
    ]


def by_the_letter(stored: bytes) -> tuple[bytes, list[Damage]]:
    """Decode as the issue says it: one byte after the other, up to the one that is refused."""
    if not stored:
        return b"", [Damage(b"", 0)]
    if not stored.startswith(GZIP_MAGIC):
        return stored, []
    text, at = b"", 0
    damages: list[Damage] = []
    while at < len(stored):
        if not stored.startswith(GZIP_MAGIC, at):
            return text, [*damages, Damage(stored[at:], len(text))]
        stream, start = zlib.decompressobj(31), at
        try:
            while not stream.eof and at < len(stored):
                text += stream.decompress(stored[at : at + 1])
                at += 1
        except zlib.error as refusal:
            is_checksum, is_length = "data check" in str(refusal), "length check" in str(refusal)
            if not is_checksum and not is_length:
                return text, [*damages, Damage(stored[at:], len(text))]
            trailer = at - (3 if is_checksum else 7)
            assert trailer > start
            damages.append(Damage(stored[trailer : trailer + 8], len(text)))
            at = trailer + 8
        else:
            damages += [] if stream.eof else [Damage(b"", len(text))]
    return text, damages


def in_pieces(stored: bytes, sizes: Iterable[int]) -> Iterator[bytes]:
    at = 0
    for size in itertools.cycle([*sizes, len(stored) or 1]):
        if at >= len(stored):
            return
        yield stored[at : at + size]
        at += size


@pytest.mark.parametrize(
    ("stored", "text", "damages"),
    [
        pytest.param(TEXT, TEXT, [], id="plain"),
        pytest.param(b"\x1f", b"\x1f", [], id="half the magic is plain"),
        pytest.param(b"\x8b\x1f" + TEXT, b"\x8b\x1f" + TEXT, [], id="magic the wrong way round is plain"),
        pytest.param(b"\x00" * 9, b"\x00" * 9, [], id="zeros are plain"),
        pytest.param(b"", b"", [Damage(b"", 0)], id="empty"),
        pytest.param(STORED, TEXT, [], id="one member"),
        pytest.param(TWO, TEXT + FURTHER, [], id="two members"),
        pytest.param(gzip.compress(b"") + STORED, TEXT, [], id="an empty member first"),
        pytest.param(gzip.compress(b""), b"", [], id="an empty member alone"),
        pytest.param(GZIP_MAGIC, b"", [Damage(b"", 0)], id="the magic alone"),
        pytest.param(STORED[:-1], TEXT, [Damage(b"", len(TEXT))], id="a trailer cut short"),
        pytest.param(STORED + b"\x00", TEXT, [Damage(b"\x00", len(TEXT))], id="padding after a member"),
        pytest.param(STORED + TEXT, TEXT, [Damage(TEXT, len(TEXT))], id="text after a member"),
        pytest.param(STORED + b"\x1f", TEXT, [Damage(b"\x1f", len(TEXT))], id="half a magic after a member"),
        pytest.param(
            STORED + GZIP_MAGIC, TEXT, [Damage(b"", len(TEXT))], id="a member that ends after its magic"
        ),
        pytest.param(GZIP_MAGIC + b"\x07\x00rest", b"", [Damage(b"\x00rest", 0)], id="a method nobody knows"),
        pytest.param(LONG, LONG_TEXT, [], id="several slices"),
        pytest.param(LONG[:-8], LONG_TEXT, [Damage(b"", len(LONG_TEXT))], id="several slices, cut"),
    ],
)
def test_sound_bytes_are_handed_on_and_damage_is_told(
    stored: bytes, text: bytes, damages: list[Damage]
) -> None:
    assert decoded([stored]) == (text, damages)


@pytest.mark.parametrize("end", range(len(GZIP_MAGIC), len(STORED)))
def test_a_member_cut_anywhere_keeps_what_decodes_and_is_one_damage_without_bytes(end: int) -> None:
    text, damages = decoded([STORED[:end]])
    assert text == zlib.decompressobj(31).decompress(STORED[:end])
    assert damages == [Damage(b"", len(text))]


@pytest.mark.parametrize("place", range(len(TWO)))
def test_a_byte_that_is_wrong_costs_what_the_letter_says(place: int) -> None:
    for wrong in (0x01, 0x80, 0xFF):
        stored = bytearray(TWO)
        stored[place] ^= wrong
        assert decoded([bytes(stored)]) == by_the_letter(bytes(stored))


@pytest.mark.parametrize("place", [10, 4_000, 65_535, 65_536, 65_537, 131_072, 150_001, len(LONG) - 9])
def test_damage_in_any_slice_is_found_to_the_byte(place: int) -> None:
    stored = bytearray(LONG)
    # A stored block has a length and its complement: a wrong one is refused at once, wrong data by the checksum.
    stored[place] ^= 0xFF
    assert decoded([bytes(stored)]) == by_the_letter(bytes(stored))


@pytest.mark.parametrize(
    "place",
    [pytest.param(-8, id="checksum"), pytest.param(-5, id="checksum's end"), pytest.param(-1, id="length")],
)
@pytest.mark.parametrize("stored_text", [(STORED, TEXT), (LONG, LONG_TEXT)], ids=["short", "long"])
def test_a_wrong_trailer_costs_no_row_and_later_members_are_read(
    place: int, stored_text: tuple[bytes, bytes]
) -> None:
    stored, text = bytearray(stored_text[0]), stored_text[1]
    stored[place] ^= 1
    trailer = bytes(stored[-8:])
    assert decoded([bytes(stored) + gzip.compress(FURTHER)]) == (
        text + FURTHER,
        [Damage(trailer, len(text))],
    )


def test_a_wrong_checksum_whose_length_is_cut_keeps_the_bytes_there_are() -> None:
    stored = bytearray(STORED)
    stored[-8] ^= 1
    assert decoded([bytes(stored[:-2])]) == (TEXT, [Damage(bytes(stored[-8:-2]), len(TEXT))])


@given(
    stored=st.one_of(
        st.binary(max_size=200),
        st.lists(st.binary(max_size=100).map(gzip.compress), max_size=4).map(b"".join),
        st.tuples(st.just(STORED), st.binary(max_size=60)).map(b"".join),
        st.binary(max_size=60).map(lambda rest: GZIP_MAGIC + b"\x08" + rest),
    ),
    sizes=st.lists(st.integers(0, 40), max_size=6),
)
@example(stored=TWO, sizes=[1])
@example(stored=STORED + b"\x1f\x8bx", sizes=[0, 1, 0])
def test_pieces_of_any_size_give_what_the_letter_says(stored: bytes, sizes: list[int]) -> None:
    assert decoded(in_pieces(stored, sizes)) == by_the_letter(stored)


@given(
    place=st.integers(0, len(LONG) - 1),
    wrong=st.integers(1, 255),
    sizes=st.lists(st.integers(1_000, 90_000), max_size=4),
)
def test_a_wrong_byte_in_pieces_of_any_size_is_found_to_the_byte(
    place: int, wrong: int, sizes: list[int]
) -> None:
    stored = bytearray(LONG)
    stored[place] ^= wrong
    assert decoded(in_pieces(bytes(stored), sizes)) == decoded([bytes(stored)])


@pytest.mark.parametrize("pieces", [[b"", b""], [b"", TEXT, b""], [TEXT, b"", TEXT]])
def test_pieces_without_bytes_are_no_end(pieces: list[bytes]) -> None:
    text = b"".join(pieces)
    assert decoded(pieces) == (text, [] if text else [Damage(b"", 0)])


def test_a_bomb_decodes_in_bounded_parts_and_memory() -> None:
    size = 256 * 1024 * 1024
    squeeze = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = b"".join(squeeze.compress(bytes(1024 * 1024)) for _ in range(256)) + squeeze.flush()
    tracemalloc.start()
    try:
        parts = [len(part) for part in decode([bomb]) if isinstance(part, bytes)]
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert sum(parts) == size
    assert max(parts) <= 4 * 1024 * 1024
    # A slice of 64 KiB at deflate's limit of 1,032 to 1 is 66 MiB; one is handed on while the next is decoded.
    assert most < 150 * 1024 * 1024
