"""The ledger as consumers, launchers and people use it."""

import pytest

from ingestion.s3_events.model import Kind
from orchestrator.errors import UsageError
from orchestrator.ledger.acts import Selector
from orchestrator.ledger.counting import State
from orchestrator.ledger.cutting import Policy
from orchestrator.ledger.documents import Batch, Outcome
from orchestrator.ledger.ledger import Ledger
from orchestrator.ledger.missing import Listed, Listing
from tests.orchestrator.ledger.entries import DAY, NOW, UNTIL, Place, event

NOW_DUE = Policy(max_wait_minutes=0, max_attempts=2)
A, B = event("a"), event("b")


@pytest.fixture
def place() -> Place:
    """Give an account."""
    return Place()


def cut(ledger: Ledger) -> Batch:
    batch = ledger.cut(NOW_DUE, UNTIL)
    assert batch is not None
    return batch


def test_what_one_has_recorded_another_cuts_and_a_third_closes(place: Place) -> None:
    place.process().record([A, B], UNTIL)
    batch = cut(place.process())
    assert (batch.number, batch.objects) == (1, (A, B))
    assert place.process().cut(NOW_DUE, UNTIL) is None
    assert place.process().open_batches(UNTIL) == (batch,)
    closing = place.process().close(1, Outcome.DONE, UNTIL, run_id="r1")
    assert (closing.outcome, closing.run_id, closing.closed_at) == (Outcome.DONE, "r1", NOW)
    status = place.process().status(UNTIL)
    assert status.counts[State.DONE].objects == 2
    assert place.process().open_batches(UNTIL) == ()


def test_the_first_to_close_a_batch_is_believed(place: Place) -> None:
    place.process().record([A], UNTIL)
    cut(place.process())
    first = place.process().close(1, Outcome.FAILED, UNTIL, "why")
    assert place.process().close(1, Outcome.DONE, UNTIL) == first


def test_a_batch_that_nobody_has_cut_is_neither_closed_nor_read(place: Place) -> None:
    with pytest.raises(
        UsageError, match="batch 7 of p: expected one that was cut, found none; see them: orchestrator"
    ):
        place.process().close(7, Outcome.DONE, UNTIL)
    with pytest.raises(UsageError, match="batch 7 of p"):
        place.process().batch(7, UNTIL)


def test_who_loses_the_race_for_a_batch_looks_again(place: Place) -> None:
    place.process().record([A], UNTIL)
    one, other = place.process(), place.process()
    one.open_batches(UNTIL)
    cut(other)
    assert one.cut(NOW_DUE, UNTIL) is None, "the batch of the other is open"
    place.process().record([B], UNTIL)
    other.close(1, Outcome.DONE, UNTIL)
    assert cut(one).objects == (B,)


def test_events_that_come_again_change_nothing(place: Place) -> None:
    ledger = place.process()
    for _ in range(2):
        ledger.record([A, A], UNTIL)
    assert cut(ledger).objects == (A,)
    ledger.close(1, Outcome.DONE, UNTIL)
    ledger.record([A], UNTIL)
    assert ledger.cut(NOW_DUE, UNTIL) is None


def test_many_events_are_few_puts_and_none_is_none(place: Place) -> None:
    assert place.process().record([], UNTIL).segments == ()
    events = [event(str(number)) for number in range(12_000)]
    assert len(place.process().record(events, UNTIL).segments) == 3
    assert len(place.names("arrived")) == 3


def test_events_that_are_too_old_are_told_and_left_out(place: Place) -> None:
    old, new = event("old", at=NOW - 36 * DAY), event("new", at=NOW - 34 * DAY)
    recorded = place.process().record([old, new], UNTIL)
    assert recorded.too_old == (old,)
    assert cut(place.process()).objects == (new,)


def test_poison_ends_alone_and_dies_with_its_reason_and_the_others_are_done(place: Place) -> None:
    ledger = place.process()
    events = [event(name) for name in "abcdefgh"]
    ledger.record(events, UNTIL)
    sizes = []
    while (batch := ledger.cut(NOW_DUE, UNTIL)) is not None:
        sizes.append(len(batch.objects))
        is_bad = any(each.key == "c" for each in batch.objects)
        ledger.close(
            batch.number, Outcome.FAILED if is_bad else Outcome.DONE, UNTIL, "why" if is_bad else None
        )
    assert sizes == [8, 4, 4, 2, 2, 1, 1]
    status = ledger.status(UNTIL)
    assert (status.counts[State.DONE].objects, status.counts[State.DEAD].objects) == (7, 1)
    assert [(dead.event.key, dead.failures, dead.reason) for dead in status.dead] == [("c", 4, "why")]


def test_what_is_dead_is_retried_once_for_each_time_it_was_asked_for(place: Place) -> None:
    ledger = place.process()
    ledger.record([A], UNTIL)
    for _ in range(2):
        ledger.close(cut(ledger).number, Outcome.FAILED, UNTIL, "why")
    assert place.process().retry(Selector(prefix="b"), UNTIL) == ()
    assert place.process().retry(Selector(), UNTIL) == (A,)
    assert place.process().retry(Selector(), UNTIL) == ()
    assert cut(ledger).items[0].failures == 0


def test_what_is_forgotten_is_not_taken_until_it_is_written_anew(place: Place) -> None:
    ledger = place.process()
    ledger.record([A, B], UNTIL)
    assert ledger.forget(Selector(prefix="a"), UNTIL) == (A,)
    batch = cut(ledger)
    assert batch.objects == (B,)
    ledger.close(batch.number, Outcome.DONE, UNTIL)
    again = event("a", "2")
    ledger.record([again], UNTIL)
    assert cut(ledger).objects == (again,)


def test_a_backfill_brings_what_is_missing_and_not_what_was_done_and_forgotten(place: Place) -> None:
    ledger = place.process()
    ledger.record([A, B], UNTIL)
    ledger.close(cut(ledger).number, Outcome.DONE, UNTIL)
    place.clock.instant += 40 * DAY
    place.process().compact(UNTIL)
    assert place.process().status(UNTIL).counts[State.DONE].objects == 0, "they are forgotten by now"
    listed = [Listed(key, etag, 1, NOW) for key, etag in (("a", '"e1"'), ("b", '"new"'), ("c", '"e1"'))]
    found = place.process().missing(Listing("raw", place.clock.now(), listed), UNTIL)
    assert [gap.event.key for gap in found] == ["b", "c"]
    place.process().record([gap.event for gap in found], UNTIL)
    assert [each.key for each in cut(place.process()).objects] == ["b", "c"]


def test_an_event_follows_the_listing_that_showed_its_version(place: Place) -> None:
    ledger = place.process()
    gaps = ledger.missing(Listing("raw", NOW, [Listed("a", '"e1"', 1, NOW)]), UNTIL)
    ledger.record([gap.event for gap in gaps], UNTIL)
    ledger.close(cut(ledger).number, Outcome.DONE, UNTIL)
    ledger.record([A, event("a", None, etag="e1", kind=Kind.RESTORED)], UNTIL)
    assert ledger.cut(NOW_DUE, UNTIL) is None


def test_when_to_ask_again_is_known_after_a_look(place: Place) -> None:
    ledger = place.process()
    policy = Policy(max_wait_minutes=2)
    assert ledger.next_due(policy) is None
    ledger.record([A], UNTIL)
    assert ledger.cut(policy, UNTIL) is None
    assert ledger.next_due(policy) == NOW + 120
