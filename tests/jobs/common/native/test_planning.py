import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.common.files import Entry
from jobs.common.native.planning import FileToBe, Held, Read, bits_of, files_to_be
from jobs.common.native.segments import Segment
from jobs.common.native.spreading import Part, Values

MIB = 1024 * 1024
AT = "event_date=2024-02-29"
NAMES: dict[Values, str] = {("2024-02-29",): AT}


def part(rows: int, memory: int, bits: int = 0, number: int = 0) -> Part:
    return Part(Segment("u", 0, 1, rows, memory), bits, number)


def found(*parts: Part, bytes_per_row: float = 10.0) -> Read:
    rows = sum(one.segment.rows for one in parts)
    return Read(1, rows, rows, {}, [], {("2024-02-29",): list(parts)}, bytes_per_row)


def planned(read_: Read, held: Held | None = None, file_bytes: int = MIB) -> list[FileToBe]:
    of = {AT: held} if held else {}
    return files_to_be(read_, NAMES, of, bits_of(read_, NAMES, of, file_bytes), {})


@pytest.mark.parametrize(
    ("rows", "files"), [(10, 1), (100_000, 1), (150_000, 1), (170_000, 2), (400_000, 4), (800_000, 8)]
)
def test_a_partition_is_as_many_files_as_come_near_the_size_that_is_wanted(rows: int, files: int) -> None:
    assert len(planned(found(part(rows, rows)))) == files


def test_what_would_not_fit_in_memory_is_parted_further() -> None:
    assert len(planned(found(part(10, 1000 * MIB)), file_bytes=10**12)) == 4


def test_what_the_partition_holds_counts_too() -> None:
    held = Held([Entry("f", 2 * MIB, 0, None, is_folder=False)], 1000)
    assert bits_of(found(part(10, 1)), NAMES, {AT: held}, MIB) == {AT: 1}
    assert bits_of(found(part(1, 128 * MIB)), NAMES, {AT: Held(held.files, 1)}, 10**12) == {AT: 0}
    assert bits_of(found(part(1, 128 * MIB)), NAMES, {AT: Held(held.files, 3)}, 10**12) == {AT: 1}


def test_a_partition_that_becomes_one_file_takes_those_it_has_as_they_are() -> None:
    held = Held([Entry("f", 10, 0, None, is_folder=False)], 1)
    (file,) = planned(found(part(1, 1)), held)
    assert (list(file.held), list(file.old), file.memory) == (held.files, [], 41)


def test_of_several_files_one_may_have_old_rows_alone() -> None:
    held = Held([Entry("f", 10, 0, None, is_folder=False)], 1)
    old = {AT: [part(1, 1, 1, 0), part(1, 1, 1, 1)]}
    files = files_to_be(found(part(1, 1, 1, 1)), NAMES, {AT: held}, {AT: 1}, old)
    assert [(one.number, len(one.parts), len(one.old), len(one.held)) for one in files] == [
        (0, 0, 1, 0),
        (1, 1, 1, 0),
    ]


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 31)), max_size=20), st.integers(0, 6))
def test_each_part_goes_to_every_file_that_it_may_hold_rows_of(
    parts: list[tuple[int, int]], bits: int
) -> None:
    own = [part(1, 0, at, number & ((1 << at) - 1)) for at, number in parts]
    rows = max(1, len(own))
    files = planned(found(*own, bytes_per_row=(1.4 * MIB * (1 << bits)) / rows) if own else found(part(1, 0)))
    for one in own:
        numbers = {file.number for file in files if one in file.parts}
        of_file = files[0].bits
        ends = (1 << min(one.bits, of_file)) - 1
        assert numbers == {n for n in range(1 << of_file) if n & ends == one.number & ends}
