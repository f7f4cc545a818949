"""The policy: when a batch is due, and what goes into it."""

import pytest

from ingestion.s3_events.model import ObjectEvent
from orchestrator.ledger.cutting import GIB, Policy, choose, next_due
from orchestrator.ledger.documents import Batch, Closing, Item, Outcome, Segment
from orchestrator.ledger.folding import Picture, fold
from tests.orchestrator.ledger.entries import NOW, event

POLICY = Policy(max_batch_gib=2, max_objects=3, max_wait_minutes=1)


def picture_of(*arrivals: tuple[float, ObjectEvent]) -> Picture:
    picture = Picture()
    fold(picture, [Segment(at, "s", (each,)) for at, each in arrivals])
    return picture


def keys(items: tuple[Item, ...] | None) -> str | None:
    return None if items is None else "".join(item.event.key for item in items)


def small(key: str, at: float = 0) -> tuple[float, ObjectEvent]:
    return NOW + at, event(key)


def large(key: str, gib: float, at: float = 0) -> tuple[float, ObjectEvent]:
    return NOW + at, event(key, size=int(gib * GIB))


@pytest.mark.parametrize(
    ("arrivals", "after_s", "chosen"),
    [
        ([], 999, None),
        ([small("a")], 59, None),
        ([small("a")], 60, "a"),
        ([small("a"), small("b", 50)], 60, "ab"),
        ([small("b"), small("a", 1), small("c", 2)], 2, "bac"),
        ([small("a", 1), small("b"), small("c", 2), small("d", 3)], 3, "bac"),
        ([large("a", 1.5), small("b")], 1, None),
        ([large("a", 1.5), large("b", 0.6)], 0, "a"),
        ([large("a", 1), large("b", 1)], 0, "ab"),
        ([large("a", 9)], 0, "a"),
        ([small("a"), large("b", 9, 1)], 1, "a"),
    ],
)
def test_a_batch_is_due_when_it_is_full_or_one_has_waited_long_enough(
    arrivals: list[tuple[float, ObjectEvent]], after_s: float, chosen: str | None
) -> None:
    assert keys(choose(picture_of(*arrivals), POLICY, NOW + after_s)) == chosen


def failed(*names: str, at: float) -> tuple[Batch, Closing]:
    items = tuple(Item(event(name), NOW) for name in names)
    return Batch(1, NOW, "b", items), Closing(Outcome.FAILED, at, "c")


@pytest.mark.parametrize(
    ("fresh_at", "after_s", "chosen"),
    [
        (None, 0, "ab"),
        (10.0, 30, "ab"),  # nothing else is due yet
        (10.0, 80, "f"),  # due, and waiting for longer
        (40.0, 100, "ab"),  # due, but what failed waits for longer
    ],
)
def test_what_failed_takes_its_turn_with_those_it_failed_with(
    fresh_at: float | None, after_s: float, chosen: str
) -> None:
    batch, closing = failed("a", "b", "c", at=NOW + 30)
    picture = picture_of(*([] if fresh_at is None else [small("f", fresh_at)]))
    fold(picture, batches=[batch], closings=[(1, closing)])
    items = choose(picture, POLICY, NOW + after_s)
    assert keys(items) == chosen
    assert items is not None
    assert {item.failures for item in items} == {0 if chosen == "f" else 1}


def test_one_batch_at_a_time_unless_the_policy_says_more_and_no_key_in_two() -> None:
    picture = picture_of(small("a"), small("b"))
    fold(picture, batches=[Batch(1, NOW, "b", (Item(event("a"), NOW),))])
    fold(picture, [Segment(NOW, "s", (event("a", "2"),))])
    assert choose(picture, POLICY, NOW + 99) is None
    assert keys(choose(picture, Policy(max_wait_minutes=1, max_open=2), NOW + 99)) == "b"


def test_when_the_next_batch_is_due_is_known() -> None:
    assert next_due(Picture(), POLICY) is None
    picture = picture_of(small("a", 7), small("b", 9))
    assert next_due(picture, POLICY) == NOW + 67
    batch, closing = failed("c", "d", at=NOW + 30)
    fold(picture, batches=[batch], closings=[(1, closing)])
    assert next_due(picture, POLICY) == NOW + 30
