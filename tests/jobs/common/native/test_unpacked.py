import gzip
import random
import zlib

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from jobs.common.native import unpacked as module
from jobs.common.native.unpacked import unpacked
from jobs.common.readers.members import Damage, decode

TEXT = b'{"a":1}\n' * 40 + random.Random(7).randbytes(300)  # noqa: S311 - no secret
MEMBER = gzip.compress(TEXT, mtime=0)
SECOND = gzip.compress(b'{"later":true}\n', mtime=0)


def joined(parts: list[bytes | Damage]) -> list[bytes | Damage]:
    """Join what was cut only because it came in pieces."""
    whole: list[bytes | Damage] = []
    for part in parts:
        if isinstance(part, bytes) and whole and isinstance(whole[-1], bytes):
            whole[-1] += part
        elif part != b"":
            whole.append(part)
    return whole


def slices(stored: bytes, size: int) -> list[bytes]:
    return [stored[at : at + size] for at in range(0, len(stored), size)]


def assert_alike(stored: bytes, size: int = 1 << 16) -> None:
    assert joined(list(unpacked(lambda: slices(stored, size)))) == joined(list(decode(slices(stored, size))))


@given(
    st.lists(st.sampled_from([MEMBER, SECOND, gzip.compress(b""), b"plain text", b"\x00\x00"]), max_size=4),
    st.lists(st.tuples(st.integers(0, 900), st.integers(0, 255)), max_size=2),
    st.integers(0, 900),
    st.sampled_from([2, 7, 64, 1 << 16]),
)
@example([MEMBER, SECOND], [], 0, 2)
@example([MEMBER], [(len(MEMBER) - 6, 1)], 0, 64)
@example([MEMBER, SECOND], [(len(MEMBER) - 2, 9)], 0, 64)
def test_whatever_is_stored_is_decoded_as_the_strict_decoder_does(
    members: list[bytes], flips: list[tuple[int, int]], cut: int, size: int
) -> None:
    stored = bytearray(b"".join(members))
    for at, value in flips:
        if at < len(stored):
            stored[at] = value
    assert_alike(bytes(stored[: max(0, len(stored) - cut)]), size)


NAMED = b"\x1f\x8b\x08\x08" + b"\0" * 6 + b"a name\0" + MEMBER[10:]


@pytest.mark.parametrize("flags", range(256))
@pytest.mark.parametrize("size", [2, 5, 1 << 16])
def test_headers_of_every_kind_are_taken_as_zlib_takes_them(flags: int, size: int) -> None:
    for stored in (MEMBER, NAMED, MEMBER + NAMED + SECOND):
        assert_alike(stored[:3] + bytes([flags]) + stored[4:], size)


def test_a_name_in_the_header_is_common(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "decode", lambda _: iter(()))
    for size in (2, 9, 1 << 16):
        assert joined(list(unpacked(lambda: slices(NAMED + MEMBER, size)))) == [TEXT * 2]  # noqa: B023 - used at once


def test_what_fails_its_checksum_is_not_handed_on_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "decode", lambda _: iter([Damage(b"all", 0)]))
    broken = MEMBER[:-8] + bytes([MEMBER[-8] ^ 1]) + MEMBER[-7:]
    assert list(unpacked(lambda: slices(broken, 64))) == [Damage(b"all", 0)]


def test_a_member_larger_than_what_is_held_is_left_to_the_strict_decoder(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "_MOST_HELD_BYTES", 300)
    assert_alike(MEMBER + SECOND)
    assert_alike(SECOND + MEMBER)


def test_what_inflates_a_thousandfold_comes_in_bounded_parts() -> None:
    stored = gzip.compress(b"x" * 50_000_000, mtime=0)
    parts = list(unpacked(lambda: [stored]))
    assert all(isinstance(part, bytes) and len(part) <= 4 * 1024 * 1024 for part in parts)
    assert sum(len(part) for part in parts if isinstance(part, bytes)) == 50_000_000


def test_the_last_bytes_of_a_part_that_is_full_are_not_waited_for() -> None:
    # All that is stored is taken in while four megabytes, and some, are still to come out.
    stream = zlib.compressobj(9, zlib.DEFLATED, 31)
    assert_alike(stream.compress(b"y" * (4 * 1024 * 1024 + 17)) + stream.flush())
