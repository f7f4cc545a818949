"""One record: what kind of event it is, and what needs nothing done."""

from typing import Any

import pytest

from ingestion.s3_events.model import Kind, ObjectEvent
from ingestion.s3_events.records import of_bridge, of_notification
from tests.ingestion.s3_events.messages import ALLOWED, CREATED, MISSING, bridge, record

GONE = ObjectEvent(
    Kind.DELETED, "raw", "readings/a b.gz", None, "e1", "0055AED6DCD90281E5", 0, 1_700_000_000.5
)


def with_version(event: ObjectEvent, kind: Kind) -> ObjectEvent:
    sequencer = None if kind is Kind.RESTORED else event.sequencer
    return ObjectEvent(
        kind, event.bucket, event.key, "v1", event.etag, sequencer, event.size, event.event_time
    )


@pytest.mark.parametrize(
    ("name", "changed", "event"),
    [
        ("ObjectCreated:Put", {}, CREATED),
        ("s3:ObjectCreated:Post", {}, CREATED),
        ("ObjectCreated:Copy", {"s3__object__eTag": '"e1"'}, CREATED),
        ("ObjectCreated:CompleteMultipartUpload", {"eventVersion": "2.6"}, CREATED),
        ("ObjectCreated:Put", {"s3__object__versionId": "null"}, CREATED),
        ("ObjectCreated:Put", {"s3__object__size": 7.0}, CREATED),
        ("ObjectCreated:Put", {"s3__object__versionId": "v1"}, with_version(CREATED, Kind.CREATED)),
        ("ObjectRemoved:Delete", {"s3__object__size": MISSING}, GONE),
        ("ObjectRemoved:Delete", {"s3__object__versionId": "v1"}, with_version(GONE, Kind.ERASED)),
        (
            "ObjectRemoved:DeleteMarkerCreated",
            {"s3__object__versionId": "v1"},
            with_version(GONE, Kind.DELETED),
        ),
        ("LifecycleExpiration:Delete", {}, GONE),
        ("LifecycleExpiration:DeleteMarkerCreated", {}, GONE),
        ("ObjectRestore:Completed", {"s3__object__versionId": "v1"}, with_version(CREATED, Kind.RESTORED)),
        ("ObjectRestore:Post", {}, "ObjectRestore:Post"),
        ("ObjectTagging:Put", {}, "ObjectTagging:Put"),
        ("LifecycleTransition", {}, "LifecycleTransition"),
        ("Replication:OperationNotTracked", {}, "Replication:OperationNotTracked"),
        ("ObjectCreated:Put", {"s3__object__key": "readings/", "s3__object__size": 0}, "folder"),
    ],
)
def test_records_of_notifications_are_read(
    name: str, changed: dict[str, Any], event: ObjectEvent | str
) -> None:
    assert of_notification(record(name, **changed), ALLOWED) == event


@pytest.mark.parametrize(
    ("name", "changed", "event"),
    [
        ("Object Created", {"detail__event-version": "1.1"}, CREATED),
        ("Object Deleted", {}, GONE),
        ("Object Deleted", {"detail__object__version-id": "v1"}, with_version(GONE, Kind.ERASED)),
        (
            "Object Deleted",
            {"detail__object__version-id": "v1", "detail__deletion-type": "Delete Marker Created"},
            with_version(GONE, Kind.DELETED),
        ),
        (
            "Object Restore Completed",
            {"detail__object__version-id": "v1"},
            with_version(CREATED, Kind.RESTORED),
        ),
        ("Object Restore Expired", {}, "Object Restore Expired"),
    ],
)
def test_events_of_eventbridge_are_read(name: str, changed: dict[str, Any], event: ObjectEvent | str) -> None:
    assert of_bridge(bridge(name, **changed), ALLOWED) == event


@pytest.mark.parametrize("key", ["readings/a+b", "readings/100%25", "readings/%41", "readings/ä"])
def test_keys_of_eventbridge_are_not_decoded(key: str) -> None:
    found = of_bridge(bridge(detail__object__key=key), ALLOWED)
    assert isinstance(found, ObjectEvent)
    assert found.key == key


def test_what_has_no_sequencer_is_taken_without() -> None:
    found = of_notification(record(s3__object__sequencer=MISSING), ALLOWED)
    assert isinstance(found, ObjectEvent)
    assert found.sequencer is None
