"""Versions of one key: which of two is newer, and whether two of them are the same.

An event with a sequencer is compared by it, right-padded with zeros to one length, and only within its key
(https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html). What has none is a
*sighting*: of a listing, of a restore, or of an S3-compatible store. It is compared by its time.
"""

from ingestion.s3_events.model import Kind, ObjectEvent


def order(event: ObjectEvent) -> tuple[str, float, str, str, str]:
    """Return what the events with sequencers of a key are sorted by.

    Without the zeros at their ends, sequencers are in the order in which they are when padded with them. Equal ones are
    one event on AWS; where a store gives the same to all, time tells them apart.
    """
    return ((event.sequencer or "").rstrip("0"), event.event_time, *_last(event))


def sighting_order(event: ObjectEvent) -> tuple[bool, float, str, str, str]:
    """Return what the sightings of a key are sorted by; a restore does not say that its version is the newest."""
    return (event.kind is not Kind.RESTORED, event.event_time, *_last(event))


def _last(event: ObjectEvent) -> tuple[str, str, str]:
    """Return what decides in the end, so that everybody decides the same."""
    return (event.version_id or "", event.etag or "", event.kind)


def is_same(one: ObjectEvent, other: ObjectEvent) -> bool:
    """Tell whether two events of a key are about the same version of it; a deletion is never a version's."""
    if (one.kind is Kind.DELETED) is not (other.kind is Kind.DELETED):
        return False
    if (
        one.sequencer != other.sequencer
        and one.sequencer is not None
        and other.sequencer is not None
        and order(one)[0] != order(other)[0]
    ):
        return False
    if one.version_id is not None and other.version_id is not None:
        return one.version_id == other.version_id
    return one.etag is not None and one.etag == other.etag


def newest(latest: ObjectEvent | None, sighted: ObjectEvent | None) -> ObjectEvent | None:
    """Return what a key is at now, by its newest event with a sequencer and its newest sighting.

    The sighting counts where it is later, and another version: a listing says what was there at its time.
    """
    if latest is None or sighted is None:
        return sighted if latest is None else latest
    if sighted.kind is Kind.RESTORED or is_same(latest, sighted):
        return latest
    return sighted if sighted.event_time > latest.event_time else latest


def newer(one: ObjectEvent | None, other: ObjectEvent) -> ObjectEvent:
    """Return the newer one of two with sequencers; of equal ones the first."""
    return other if one is None or order(other) > order(one) else one


def newer_sighting(one: ObjectEvent | None, other: ObjectEvent) -> ObjectEvent:
    """Return the newer one of two sightings; of equal ones the first."""
    return other if one is None or sighting_order(other) > sighting_order(one) else one
