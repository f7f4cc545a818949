"""What of a listing the ledger lacks."""

import pytest

from ingestion.s3_events.model import Kind, ObjectEvent
from orchestrator.ledger.documents import Batch, Closing, Item, Outcome, Segment
from orchestrator.ledger.folding import Picture, fold
from orchestrator.ledger.missing import Gap, Lack, Listed, Listing, missing, sighting
from tests.orchestrator.ledger.entries import NOW, deleted, event

LISTED = Listed("a", '"e2"', 5, NOW - 100)


def listing(*objects: Listed) -> Listing:
    return Listing("raw", NOW + 10, objects)


SEEN = ObjectEvent(Kind.CREATED, "raw", "a", None, "e2", None, 5, NOW)


def picture_of(*events: ObjectEvent, done: ObjectEvent | None = None) -> Picture:
    picture = Picture()
    fold(picture, [Segment(NOW, "s", events)])
    if done is not None:
        batch = Batch(1, NOW, "b", (Item(done, NOW),))
        fold(picture, batches=[batch], closings=[(1, Closing(Outcome.DONE, NOW, "c"))])
    return picture


@pytest.mark.parametrize(
    ("picture", "lack"),
    [
        (picture_of(), Lack.MISSING),
        (picture_of(event(sequencer="2")), None),
        (picture_of(done=event(sequencer="2")), None),
        (picture_of(event(sequencer="1", at=NOW - 1)), Lack.STALE),
        (picture_of(event(sequencer="3", at=NOW + 1)), None),  # later than the listing
        (picture_of(deleted("1", at=NOW - 1)), Lack.MISSING),
        (picture_of(deleted("3", at=NOW + 1)), None),
        (picture_of(event(kind=Kind.ERASED, version="v")), Lack.MISSING),
        # What came after it was erased, and it is the newest again: it was done.
        (picture_of(event(sequencer="3", at=NOW - 1), done=event(sequencer="2", at=NOW - 2)), None),
    ],
)
def test_what_is_unknown_is_missing_and_what_is_known_otherwise_stale(
    picture: Picture, lack: Lack | None
) -> None:
    found = list(missing(picture, listing(LISTED), lambda _event: False))
    assert found == ([] if lack is None else [Gap(lack, SEEN)])
    fold(picture, [Segment(NOW + 1, "s", tuple(gap.event for gap in found))])
    assert (("raw", "a") in picture.pending) is (lack is not None or ("raw", "a") in picture.pending)
    assert list(missing(picture, listing(LISTED), lambda _event: False)) == []


def test_what_was_done_long_ago_and_folders_are_not_missing() -> None:
    objects = listing(LISTED, Listed("folder/", '"e"', 0, NOW))
    assert list(missing(Picture(), objects, lambda event_: event_ == SEEN)) == []


def test_a_sighting_is_as_of_the_listing_or_of_the_object_where_that_is_later() -> None:
    assert sighting(listing(), LISTED) == SEEN
    assert sighting(listing(), Listed("a", "e", 1, NOW + 5)).event_time == NOW + 5
