from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.common.native import spreading
from jobs.common.native.segments import SegmentFile
from jobs.common.native.spreading import Part, Spreader, Values, bits_for, by_bits, partitions_of
from tests.jobs.common.native.arrow import LOCAL, table, values, whole
from tests.jobs.common.tables import DAY, TABLE, row

OTHER = DAY.replace(day=1)


def test_rows_are_numbered_by_the_values_of_their_partition() -> None:
    codes, found = partitions_of(
        table([row("a"), row("b", day=OTHER), row("c"), row("d", day=OTHER)]), ["day"]
    )
    assert [found[code] for code in codes] == [("2024-02-29",), ("2024-02-01",)] * 2


def test_partitions_of_several_columns_are_told_by_all_of_them() -> None:
    rows = pa.table({"x": ["a", "b", "a", "b"], "y": ["1", "1", "2", "1"]})
    codes, found = partitions_of(rows, ["x", "y"])
    assert [found[code] for code in codes] == [("a", "1"), ("b", "1"), ("a", "2"), ("b", "1")]
    assert len(found) == len(set(found)) == 3


def test_no_rows_have_no_partition() -> None:
    codes, found = partitions_of(table([]), ["day"])
    assert (list(codes), found) == ([], [])


@given(st.lists(st.text(max_size=4), min_size=1, max_size=60), st.integers(0, 6))
def test_bits_part_rows_by_their_keys_alone_and_more_bits_part_the_parts(keys: list[str], bits: int) -> None:
    rows = table([row(key, note=str(place)) for place, key in enumerate(keys)])
    parts = by_bits(rows, TABLE, bits)
    found = [(number, one) for number, part in parts for one in values(part)]
    assert sorted(int(one[3]) for _, one in found) == list(range(len(keys)))
    of_key: dict[str, set[int]] = {}
    for number, one in found:
        of_key.setdefault(one[0], set()).add(number)
    assert all(len(numbers) == 1 for numbers in of_key.values())
    coarse = {one[3]: number for number, part in by_bits(rows, TABLE, bits // 2) for one in values(part)}
    assert all(number & ((1 << bits // 2) - 1) == coarse[one[3]] for number, one in found)


@pytest.mark.parametrize(("size", "bits"), [(0, 0), (10, 0), (11, 1), (20, 1), (21, 2), (81, 4), (10**9, 12)])
def test_bits_are_as_many_as_keep_parts_small(size: int, bits: int) -> None:
    assert bits_for(size, 10) == bits


def spread(folder: Path, tasks: int, batches: list[Any]) -> Mapping[Values, list[Part]]:
    file = SegmentFile(LOCAL, f"{folder}/rows")
    spreader = Spreader(TABLE, file, tasks)
    for batch in batches:
        spreader.add(batch)
    spreader.flush()
    file.close()
    return spreader.parts


def test_what_is_spread_is_all_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spreading, "_FLUSH_BYTES", 400)
    monkeypatch.setattr(spreading, "_MOST_WAITING_BYTES", 800)
    monkeypatch.setattr(spreading, "_LEAST_SEGMENT_BYTES", 100)
    monkeypatch.setattr(spreading, "MOST_FILE_MEMORY", 1000)
    batches = [table([row(f"{n}-{k}", day=day) for k in range(9)]) for n in range(6) for day in (DAY, OTHER)]
    parts = spread(tmp_path, 4, batches)
    assert list(parts) == [("2024-02-01",), ("2024-02-29",)] or list(parts) == [
        ("2024-02-29",),
        ("2024-02-01",),
    ]
    assert all(part.bits > 0 for own in parts.values() for part in own)
    for at, own in parts.items():
        rows = [one for found in whole(LOCAL, [part.segment for part in own]) for one in values(found)]
        assert sorted(one[0] for one in rows) == sorted(f"{n}-{k}" for n in range(6) for k in range(9))
        assert {str(one[5]) for one in rows} == {at[0]}


def test_rows_that_are_not_wanted_go_nowhere_and_need_no_partition(tmp_path: Path) -> None:
    rows = table([row("a"), row("b"), row("c", day=OTHER), row("d")])
    rows = rows.set_column(5, "day", pa.array([DAY, None, OTHER, DAY], rows.column("day").type))
    file = SegmentFile(LOCAL, f"{tmp_path}/rows")
    spreader = Spreader(TABLE, file, 1)
    spreader.add(rows, np.array([True, False, False, True]))
    spreader.add(table([row("e")]))
    spreader.flush()
    file.close()
    ((at, parts),) = spreader.parts.items()
    (found,) = whole(LOCAL, [part.segment for part in parts])
    assert (at, [one[0] for one in values(found)]) == (("2024-02-29",), ["a", "d", "e"])


def test_few_rows_of_a_partition_wait_for_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spreading, "_FLUSH_BYTES", 2_000)
    monkeypatch.setattr(spreading, "_LEAST_SEGMENT_BYTES", 500)
    batch = [row(f"k{number}") for number in range(20)]
    parts = spread(tmp_path, 1, [table([*batch, row("late", day=OTHER)]) for _ in range(4)])
    assert [part.segment.rows for part in parts["2024-02-01",]] == [4]
    assert sum(part.segment.rows for part in parts["2024-02-29",]) == 80
    assert len({part.segment.offset for part in parts["2024-02-29",]}) > 1


def test_a_small_partition_is_one_part(tmp_path: Path) -> None:
    parts = spread(tmp_path, 1, [table([row("a")]), table([row("b")])])
    assert [(part.bits, part.number, part.segment.rows) for part in parts["2024-02-29",]] == [(0, 0, 2)]


def test_dictionaries_of_several_objects_become_one(tmp_path: Path) -> None:
    batches = [
        table([row("a")]).set_column(4, "source", pa.array([uri]).dictionary_encode()) for uri in ("u", "v")
    ]
    (part,) = spread(tmp_path, 1, batches)["2024-02-29",]
    (rows,) = whole(LOCAL, [part.segment])
    assert rows.column("source").to_pylist() == ["u", "v"]
