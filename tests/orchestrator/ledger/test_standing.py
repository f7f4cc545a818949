"""How a key stands: the same whatever order its events came in, however often."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingestion.s3_events.model import Kind, ObjectEvent
from orchestrator.ledger.standing import (
    Standing,
    Take,
    Taken,
    forgotten,
    retried,
    with_end,
    with_event,
    with_take,
)
from tests.orchestrator.ledger.entries import NOW, deleted, event


def standing_of(*events: ObjectEvent) -> Standing:
    standing = Standing()
    for number, each in enumerate(events):
        standing = with_event(standing, each, NOW + number)
    return standing


V1, V2 = event(sequencer="1", version="v1"), event(sequencer="2", version="v2")


def erased(version: str) -> ObjectEvent:
    return event(sequencer="9", kind=Kind.ERASED, version=version)


@pytest.mark.parametrize(
    ("events", "pending"),
    [
        ([V1], V1),
        ([V1, V1], V1),
        ([V1, V2], V2),
        ([V2, V1], V2),
        ([V1, deleted("2")], None),
        ([deleted("2"), V1], None),
        ([deleted("2"), event(sequencer="3")], event(sequencer="3")),
        # A lifecycle rule that deletes old versions does not delete the key.
        ([V2, erased("v1")], V2),
        ([V2, erased("v2")], None),
        ([erased("v2"), V2], None),
        ([erased("v1"), erased("v1")], None),
        # A restore is no new version; of a key that nobody knows it is the first that is heard.
        ([V1, event(sequencer=None, etag="e1", kind=Kind.RESTORED, at=NOW + 9)], V1),
        ([event(sequencer=None, kind=Kind.RESTORED)], event(sequencer=None, kind=Kind.RESTORED)),
        # Without sequencers time decides.
        ([event(sequencer=None, etag="b", at=NOW + 2), event(sequencer=None, etag="a")],
         event(sequencer=None, etag="b", at=NOW + 2)),
        ([event(sequencer=None, etag="b"), deleted(None, at=NOW + 1)], None),
    ],
)  # fmt: skip
def test_the_newest_version_is_pending_unless_it_is_gone(
    events: list[ObjectEvent], pending: ObjectEvent | None
) -> None:
    assert standing_of(*events).pending == pending


def taken(of: Standing, event_: ObjectEvent, batch: int = 1, state: Taken = Taken.RUNNING) -> Standing:
    running = with_take(of, Take(event_, batch, Taken.RUNNING, 0, NOW + 50))
    if state is Taken.RUNNING:
        return running
    return with_end(running, Take(event_, batch, state, 1, NOW + 60, part=0, reason="why"))


@pytest.mark.parametrize(
    ("state", "pending", "is_running", "is_dead", "is_again"),
    [
        (Taken.RUNNING, None, True, False, False),
        (Taken.DONE, None, False, False, False),
        (Taken.DEAD, None, False, True, False),
        (Taken.AGAIN, V1, False, False, True),
    ],
)
def test_what_a_batch_has_taken_is_not_pending_unless_it_failed(
    state: Taken, pending: ObjectEvent | None, is_running: bool, is_dead: bool, is_again: bool
) -> None:
    standing = taken(standing_of(V1), V1, state=state)
    assert (standing.pending, standing.is_running, standing.is_dead, standing.is_again) == (
        pending,
        is_running,
        is_dead,
        is_again,
    )
    late = with_event(standing, V1, NOW + 70)
    assert late == standing
    newer = with_event(standing, V2, NOW + 70)
    assert (newer.pending, newer.is_dead, newer.is_again) == (V2, False, False)


def test_a_version_that_a_listing_had_shown_is_known_by_its_event() -> None:
    listed = event(sequencer=None, etag="e1", at=NOW + 5)
    standing = taken(standing_of(listed), listed, state=Taken.DONE)
    assert with_event(standing, event(sequencer="1", at=NOW), NOW).pending is None
    assert with_event(standing, event(sequencer="2", at=NOW + 9), NOW).pending == event(
        sequencer="2", at=NOW + 9
    )


def test_a_batch_tells_of_its_version_before_the_segment_is_read() -> None:
    assert taken(Standing(), V2).pending is None
    assert with_event(taken(Standing(), V2), V1, NOW).pending is None


def test_an_earlier_batch_and_a_second_end_change_nothing() -> None:
    standing = taken(standing_of(V1), V1, batch=2, state=Taken.DONE)
    assert with_take(standing, Take(V1, 1, Taken.RUNNING, 0, NOW)) is standing
    assert with_end(standing, Take(V1, 2, Taken.DEAD, 3, NOW)) is standing
    assert with_end(standing, Take(V1, 1, Taken.DEAD, 3, NOW)) is standing


def test_a_retry_counts_once_and_for_the_batch_it_was_asked_of() -> None:
    dead = taken(standing_of(V1), V1, batch=3, state=Taken.DEAD)
    assert retried(dead, 2, NOW + 99) is dead
    again = retried(dead, 3, NOW + 99)
    assert (again.pending, again.is_again, again.since) == (V1, False, NOW + 99)
    assert again.take == Take(V1, 3, Taken.AGAIN, 0, NOW + 99, reason="why")
    dead_again = taken(again, V1, batch=4, state=Taken.DEAD)
    assert retried(dead_again, 3, NOW + 100) is dead_again


def test_what_is_forgotten_is_neither_pending_nor_dead_and_a_newer_version_is() -> None:
    assert forgotten(standing_of(V1), V1).pending is None
    dead = forgotten(taken(standing_of(V1), V1, state=Taken.DEAD), V1)
    assert not dead.is_dead
    assert with_event(dead, V2, NOW + 99).pending == V2
    assert forgotten(forgotten(dead, V2), V1).forgotten == V2


def test_who_waits_does_not_begin_anew_when_a_newer_version_comes() -> None:
    standing = standing_of(V1, V2)
    assert (standing.since, standing.arrived_at) == (NOW, NOW + 1)
    assert with_event(standing, V2, NOW - 5).since == NOW - 5
    after = taken(standing, V1)
    assert after.since == NOW + 1, "what came while the former version waited waits from its own coming on"


EVENTS = st.builds(
    event,
    key=st.just("a"),
    sequencer=st.sampled_from(["1", "10", "11", "2", "3", None]),
    etag=st.sampled_from(["x", "y"]),
    kind=st.sampled_from(Kind),
    version=st.sampled_from([None, "v1", "v2"]),
    at=st.integers(0, 3).map(float),
)


@given(st.lists(EVENTS, max_size=7), st.randoms(use_true_random=False))
@settings(max_examples=200)
def test_order_and_repetition_of_events_do_not_matter(events: list[ObjectEvent], draws: object) -> None:
    shuffled = [*events, *events[:3]]
    draws.shuffle(shuffled)  # type: ignore[attr-defined] # a Random, as hypothesis makes it
    one, other = standing_of(*events), standing_of(*shuffled)
    assert one.now == other.now
    assert set(one.erased) == set(other.erased)
    assert one.pending == other.pending


def test_a_standing_is_written_and_read() -> None:
    standing = forgotten(taken(standing_of(V1, erased("v1")), V1, state=Taken.AGAIN), V2)
    assert msgspec.json.decode(msgspec.json.encode(standing), type=Standing) == standing
