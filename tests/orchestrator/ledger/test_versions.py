"""Versions of a key: newer or not, the same or not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.s3_events.model import Kind, ObjectEvent
from orchestrator.ledger.versions import (
    is_same,
    newer,
    newer_sighting,
    newest,
    order,
    sighting_order,
)
from tests.orchestrator.ledger.entries import NOW, deleted, event

HEX = st.text(alphabet="0123456789ABCDEF", min_size=1, max_size=20)


@given(HEX, HEX)
def test_sequencers_are_in_the_order_of_their_padded_forms(one: str, other: str) -> None:
    length = max(len(one), len(other))
    padded = one.ljust(length, "0"), other.ljust(length, "0")
    ours = order(event(sequencer=one))[0], order(event(sequencer=other))[0]
    assert (ours[0] < ours[1], ours[0] == ours[1]) == (padded[0] < padded[1], padded[0] == padded[1])


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (event(sequencer="12", etag="e"), event(sequencer="1200", etag="e"), True),
        (event(sequencer="12", etag="e"), event(sequencer="1201", etag="e"), False),
        (event(sequencer="1", etag="e"), event(sequencer="1", etag="f"), False),
        (event(sequencer="1", etag="e"), event(sequencer=None, etag="e"), True),
        (event(sequencer=None, etag="e"), event(sequencer=None, etag="f"), False),
        (event(sequencer=None, etag="e", version="v"), event(sequencer="1", etag="e", version="w"), False),
        (event(sequencer=None, etag="f", version="v"), event(sequencer="1", etag="e", version="v"), True),
        (event(sequencer="1", etag="e", version="v"), event(sequencer=None, etag="e"), True),
        (event(sequencer="1", etag="e"), event(sequencer="1", etag="e", kind=Kind.DELETED), False),
        (deleted("1"), deleted("1"), False),
    ],
)
def test_versions_are_the_same_by_sequencer_then_by_id_or_etag(
    one: ObjectEvent, other: ObjectEvent, same: bool
) -> None:
    assert is_same(one, other) is same
    assert is_same(other, one) is same


SIGHTED_LATER = event(sequencer=None, etag="s", at=NOW + 1)


@pytest.mark.parametrize(
    ("latest", "sighted", "now"),
    [
        (None, None, None),
        (event(), None, event()),
        (None, SIGHTED_LATER, SIGHTED_LATER),
        (event(), SIGHTED_LATER, SIGHTED_LATER),
        (event(at=NOW + 1), SIGHTED_LATER, event(at=NOW + 1)),
        (event(etag="s"), SIGHTED_LATER, event(etag="s")),
        (deleted("1"), SIGHTED_LATER, SIGHTED_LATER),
        (event(), event(sequencer=None, etag="r", at=NOW + 9, kind=Kind.RESTORED), event()),
    ],
)
def test_a_sighting_counts_where_it_is_later_and_another_version(
    latest: ObjectEvent | None, sighted: ObjectEvent | None, now: ObjectEvent | None
) -> None:
    assert newest(latest, sighted) == now


def test_of_two_the_newer_one_is_kept_and_of_equal_ones_the_first() -> None:
    first, again = event(sequencer="A"), event(sequencer="A")
    assert newer(None, first) is first
    assert newer(first, again) is first
    assert newer(first, event(sequencer="B")).sequencer == "B"
    assert newer(event(sequencer="B"), first).sequencer == "B"


def test_stores_that_give_all_the_same_sequencer_are_told_apart_by_time() -> None:
    old, new = event(etag="old"), event(etag="new", at=NOW + 1)
    assert newer(old, new) is new
    assert newer(new, old) is new
    assert not is_same(old, new)


def test_a_restore_is_older_than_any_other_sighting() -> None:
    restored = event(sequencer=None, kind=Kind.RESTORED, at=NOW + 9)
    listed = event(sequencer=None, at=NOW)
    assert newer_sighting(restored, listed) is listed
    assert newer_sighting(listed, restored) is listed
    assert sighting_order(restored) < sighting_order(listed)
