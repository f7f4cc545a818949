"""One row a key stays, the same as by Spark's window, whatever is old and whatever is new."""

from datetime import timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.common.native import unique
from jobs.common.native.unique import settle
from tests.jobs.common.native.arrow import table, values
from tests.jobs.common.tables import FIVE, TABLE, at, row

Row = tuple[Any, ...]
rows = st.lists(
    st.builds(
        row,
        key=st.sampled_from(["a", "b", "c", "é", ""]),
        time=st.sampled_from([FIVE, at(6), FIVE + timedelta(microseconds=1), None]),
        value=st.sampled_from([None, -1.5, 0.0, 2.0]),
        note=st.sampled_from([None, "", "x", "é"]),
        source=st.sampled_from(["s", "t", None]),
    ),
    max_size=12,
)


def comparable(one: Row) -> list[tuple[bool, Any]]:
    """Order rows as the table says: newest, then the other columns, nulls first."""
    _, time, value, note, _, _ = one
    parts = (time, value, None if note is None else note.encode())
    return [(part is not None, part if part is not None else 0) for part in parts]


def by_hand(old: list[Row], new: list[Row]) -> tuple[dict[str, Row], int, int, set[int]]:
    """Settle rows one by one: winners by key, how many are inserted and updated, the hours that change."""
    kept = {one[0]: one for one in old}
    hours = set()
    arrived: dict[str, Row] = {}
    for one in sorted(new, key=lambda one: (one[4] is not None, one[4] or "")):
        there = arrived.get(one[0])
        if there is None or comparable(one) > comparable(there):
            arrived[one[0]] = one
    inserted = updated = 0
    for key, one in arrived.items():
        if key not in kept:
            inserted += 1
            hours.add(one[1])
        elif comparable(one) > comparable(kept[key]):
            updated += 1
            hours |= {one[1], kept[key][1]}
        else:
            continue
        kept[key] = one
    return kept, inserted, updated, {time.hour for time in hours if time is not None}


@given(rows, rows)
def test_rows_are_settled_as_one_by_one(old: list[Row], new: list[Row]) -> None:
    held = list({one[0]: one for one in old if one[1] is not None}.values())
    new = [one for one in new if one[1] is not None]
    settled = settle(table(held, without=["day"]), table(new, without=["day"]), TABLE)
    kept, inserted, updated, hours = by_hand(held, new)
    assert (settled.inserted, settled.updated, set(settled.hours)) == (inserted, updated, hours)
    assert settled.keys == len({one[0] for one in new})
    expected = sorted((one[:5] for one in kept.values()), key=lambda one: (one[0].encode(), one[1]))
    assert values(settled.rows) == values(table([(*one, None) for one in expected], without=["day"]))
    assert settled.is_change == bool(inserted or updated)


def test_keys_that_only_share_a_hash_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unique, "hashes", lambda rows, _: np.zeros(rows.num_rows, np.uint64))
    old, new = [row("a"), row("b")], [row("b", value=1.0), row("c"), row("c", source="r"), row("d")]
    settled = settle(table(old, without=["day"]), table(new, without=["day"]), TABLE)
    assert [one[0] for one in values(settled.rows)] == ["a", "b", "c", "d"]
    assert (settled.inserted, settled.updated, settled.keys) == (2, 1, 3)


def test_of_equal_rows_the_one_that_is_there_stays_and_among_new_ones_the_least_source() -> None:
    old, new = [row("a", source="z")], [row("a", source="b"), row("n", source="y"), row("n", source="c")]
    settled = settle(table(old, without=["day"]), table(new, without=["day"]), TABLE)
    assert [(one[0], one[4]) for one in values(settled.rows)] == [("a", "z"), ("n", "c")]
    assert (settled.inserted, settled.updated, settled.is_change) == (1, 0, True)


def test_dictionaries_compare_by_their_values() -> None:
    new = table([row("a", note="x"), row("a", note="b"), row("b", note="x")], without=["day"])
    coded = new.set_column(3, "note", pa.DictionaryArray.from_arrays([0, 1, 0], ["x", "b"]))
    old = table([row("b", note="c")], without=["day"])
    settled = settle(old, coded, TABLE)
    assert [one[3] for one in values(settled.rows)] == ["x", "x"]
    assert (settled.inserted, settled.updated) == (1, 1)


def test_nothing_settles_as_nothing() -> None:
    nothing = table([], without=["day"])
    settled = settle(nothing, nothing, TABLE)
    assert (settled.rows.num_rows, settled.keys, settled.is_change) == (0, 0, False)
