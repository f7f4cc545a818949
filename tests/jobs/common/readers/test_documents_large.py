import tracemalloc
from collections.abc import Iterator

from jobs.common.readers.documents import frame
from jobs.common.readers.framing import MALFORMED_JSON
from tests.jobs.common.readers.framing_examples import MIB


def one_line(megabytes: int) -> Iterator[bytes]:
    """Yield a `Records` array of about so many bytes, all on one line, in chunks that fit no record."""
    record = b'{"eventID":"%09d","requestParameters":{"x":"' + b"y" * 900 + b'"}}'
    yield b'{"Records":[' + record % 0
    for block in range(megabytes):
        yield b"," + b",".join(record % number for number in range(block * 1000, block * 1000 + 1000))
    yield b"]}"


def test_an_array_of_a_hundred_megabytes_on_one_line_streams_in_bounded_memory() -> None:
    # tracemalloc makes every allocation slow: a tenth of the bytes under it, and all of them without.
    tracemalloc.start()
    try:
        assert sum(found.fault is None for found in frame(one_line(12))) == 12_001
        assert tracemalloc.get_traced_memory()[1] < 16 * MIB
    finally:
        tracemalloc.stop()
    assert sum(len(found.raw) for found in frame(one_line(100))) > 90 * MIB


def test_what_never_parses_is_held_up_to_the_limit_only() -> None:
    tracemalloc.start()
    try:
        chunks = (b"?" * MIB if number else b'{"Records":[1,?' for number in range(41))
        sizes = [(len(found.raw), found.fault) for found in frame(chunks)]
        assert tracemalloc.get_traced_memory()[1] < 6 * 8 * MIB
    finally:
        tracemalloc.stop()
    assert sizes == [(1, None), *[(8 * MIB, MALFORMED_JSON)] * 5, (1, MALFORMED_JSON)]


def test_many_faults_and_many_documents_of_a_few_bytes_take_linear_time() -> None:
    # Work that grows with the square would take minutes.
    assert len(list(frame([b"{x\n" * (MIB // 4)]))) == MIB // 4
    assert len(list(frame(['{"Records":[1],"é":2}\n'.encode() * (MIB // 16)]))) == MIB // 8
