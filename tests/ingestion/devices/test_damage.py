import gzip
import zlib
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.devices import damage
from tests.ingestion.judge import unpack

LINES = b'{"a":1}\n{"b":2}\n'
LARGE = LINES * 20_000


@pytest.mark.parametrize("way", damage.WAYS)
@pytest.mark.parametrize("lines", [LINES, LARGE, b""], ids=["small", "large", "none"])
def test_every_given_line_survives_and_something_is_wrong(
    way: Callable[[bytes], bytes], lines: bytes
) -> None:
    assert unpack(way(lines)) == (lines, True)
    with pytest.raises((EOFError, OSError, zlib.error)):
        gzip.decompress(way(lines))


@given(partial=st.binary(min_size=1, max_size=70_000))
def test_a_cut_within_a_line_keeps_its_first_part(partial: bytes) -> None:
    assert unpack(damage.cut_in_line(LINES, partial)) == (LINES + partial, True)


def test_a_cut_within_a_line_after_many_lines_keeps_them() -> None:
    assert unpack(damage.cut_in_line(LARGE, b'{"c":')) == (LARGE + b'{"c":', True)


def test_but_for_the_checksum_the_object_is_sound() -> None:
    content = bytearray(damage.wrong_checksum(LINES))
    content[-8] ^= 1
    assert gzip.decompress(bytes(content)) == LINES
