"""Documents made one picture: in any order that readers may meet them, any number of times."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingestion.s3_events.model import ObjectEvent
from orchestrator.ledger.documents import Act, Batch, Closing, Deed, Item, Outcome, Segment
from orchestrator.ledger.folding import Picture, end_of, fold, prune
from orchestrator.ledger.standing import Take, Taken
from tests.orchestrator.ledger.entries import DAY, NOW, deleted, event

A, B, C, D = (event(key) for key in "abcd")


def batch_of(*events: ObjectEvent, number: int = 1, failures: int = 0) -> Batch:
    items = tuple(Item(each, NOW, failures) for each in events)
    return Batch(number, NOW + 60, f"b{number}", items, max_attempts=2)


def closing(outcome: Outcome, reason: str | None = None) -> Closing:
    return Closing(outcome, NOW + 90, "c", reason)


def segment(*events: ObjectEvent, at: float = NOW) -> Segment:
    return Segment(at, "s", events)


@pytest.mark.parametrize(
    ("count", "failures", "outcome", "ends"),
    [
        (3, 0, Outcome.DONE, [(Taken.DONE, 0, None)] * 3),
        (3, 1, Outcome.RETURNED, [(Taken.AGAIN, 1, 0)] * 3),
        (3, 0, Outcome.FAILED, [(Taken.AGAIN, 1, 0), (Taken.AGAIN, 1, 0), (Taken.AGAIN, 1, 1)]),
        (2, 7, Outcome.FAILED, [(Taken.AGAIN, 8, 0), (Taken.AGAIN, 8, 1)]),
        (1, 0, Outcome.FAILED, [(Taken.AGAIN, 1, 0)]),
        (1, 1, Outcome.FAILED, [(Taken.DEAD, 2, None)]),
    ],
)
def test_what_fails_is_halved_and_dies_only_alone(
    count: int, failures: int, outcome: Outcome, ends: list[tuple[Taken, int, int | None]]
) -> None:
    batch = batch_of(*(A, B, C)[:count], failures=failures)
    found = [end_of(batch, index, closing(outcome, "why")) for index in range(count)]
    assert [(take.state, take.failures, take.part) for take in found] == ends
    assert {take.reason for take in found} == {None if outcome is Outcome.DONE else "why"}


def test_a_picture_tells_what_is_pending_and_what_is_open() -> None:
    picture = Picture()
    fold(picture, [segment(A, B, C)], [batch_of(A, B)])
    assert list(picture.pending) == [("raw", "c")]
    assert (list(picture.open), picture.next_batch) == ([1], 2)
    fold(picture, closings=[(1, closing(Outcome.DONE))])
    assert (list(picture.pending), picture.open) == ([("raw", "c")], {})


def test_a_newer_version_waits_until_the_batch_with_the_older_one_is_closed() -> None:
    picture = Picture()
    newer = event("a", "2")
    fold(picture, [segment(A)], [batch_of(A)])
    fold(picture, [segment(newer)])
    assert list(picture.pending_items()) == []
    fold(picture, closings=[(1, closing(Outcome.FAILED))])
    assert [each for _, _, each in picture.pending_items()] == [newer]


def test_a_deletion_takes_away_what_is_pending_and_not_what_runs() -> None:
    picture = Picture()
    fold(picture, [segment(A, B)], [batch_of(A)])
    fold(picture, [segment(deleted("2", key="a"), deleted("2", key="b"))])
    assert list(picture.pending) == []
    assert picture.standings["raw", "a"].is_running
    fold(picture, closings=[(1, closing(Outcome.FAILED))])
    assert list(picture.pending) == []


def test_deeds_are_read_after_the_batches_that_they_name() -> None:
    picture = Picture()
    dead = batch_of(A, failures=1)
    acts = (Act(Deed.RETRY, A, 1), Act(Deed.FORGET, B))
    fold(picture, [Segment(NOW, "s", acts=acts), segment(A, B)], [dead], [(1, closing(Outcome.FAILED))])
    assert list(picture.pending) == [("raw", "a")]


def test_events_from_before_the_horizon_are_counted_and_left_out() -> None:
    picture = Picture(horizon=NOW)
    fold(picture, [segment(event("old", at=NOW - 1), event("new", at=NOW))])
    assert (list(picture.pending), picture.refused) == ([("raw", "new")], 1)


def test_what_is_over_and_old_is_forgotten_and_what_was_done_of_it_told() -> None:
    picture = Picture()
    fold(picture, [segment(A, B, C, D, deleted("2", key="d"))], [batch_of(A)], [(1, closing(Outcome.DONE))])
    fold(picture, batches=[batch_of(B, number=2, failures=1)], closings=[(2, closing(Outcome.FAILED))])
    assert prune(picture, NOW + 90) == []
    assert prune(picture, NOW + DAY) == [A]
    assert set(picture.standings) == {("raw", "b"), ("raw", "c")}, "dead and pending ones are kept"
    assert picture.horizon == NOW + DAY


EVENTS = st.builds(
    event,
    key=st.sampled_from("abc"),
    sequencer=st.sampled_from(["1", "2", "3"]),
    etag=st.none(),
    at=st.just(NOW),
)


@given(
    st.lists(st.lists(EVENTS, min_size=1, max_size=4), max_size=5),
    st.lists(st.sampled_from(Outcome), max_size=3),
    st.randoms(use_true_random=False),
)
@settings(max_examples=100)
def test_readers_have_the_same_picture_however_they_came_to_it(
    rounds: list[list[ObjectEvent]], outcomes: list[Outcome], draws: random.Random
) -> None:
    segments = [segment(*events, at=NOW + number) for number, events in enumerate(rounds)]
    batches: list[Batch] = []
    closings: list[tuple[int, Closing]] = []
    whole = Picture()
    fold(whole, segments)
    for number, outcome in enumerate(outcomes, start=1):
        pending = [each for _, _, each in whole.pending_items()]
        if not pending:
            break
        batches.append(batch_of(*pending[:2], number=number))
        closings.append((number, closing(outcome)))
        fold(whole, batches=batches[-1:], closings=closings[-1:])
    other = Picture()
    shuffled = draws.sample(segments, len(segments))
    half = draws.randint(0, len(shuffled))
    fold(other, shuffled[:half], batches[:1])
    fold(other, shuffled, batches, closings)
    fold(other, shuffled[half:], batches, closings)
    assert _told(other) == _told(whole)


def _told(
    picture: Picture,
) -> dict[tuple[str, str], tuple[ObjectEvent | None, ObjectEvent | None, Take | None]]:
    return {place: (each.now, each.pending, each.take) for place, each in picture.standings.items()}
