"""One record of a notification, or one event of EventBridge, made an event of ours.

What creates, deletes and restores is taken, all else that S3 tells is known and needs nothing done
(https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html,
https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-mapping-troubleshooting.html).
"""

from dataclasses import dataclass
from typing import Any, Final

from ingestion.s3_events import fields
from ingestion.s3_events.keys import check, check_allowed, decoded, shown
from ingestion.s3_events.model import AllowList, Kind, ObjectEvent, Reason, RefusedError

_KINDS: Final = {
    "ObjectCreated:Put": Kind.CREATED,
    "ObjectCreated:Post": Kind.CREATED,
    "ObjectCreated:Copy": Kind.CREATED,
    "ObjectCreated:CompleteMultipartUpload": Kind.CREATED,
    "ObjectRemoved:Delete": Kind.ERASED,
    "ObjectRemoved:DeleteMarkerCreated": Kind.DELETED,
    "LifecycleExpiration:Delete": Kind.ERASED,
    "LifecycleExpiration:DeleteMarkerCreated": Kind.DELETED,
    "ObjectRestore:Completed": Kind.RESTORED,
}
_IDLE: Final = (
    "ObjectRestore:Post",
    "ObjectRestore:Delete",
    "ObjectTagging:",
    "ObjectAcl:",
    "ObjectAnnotation:",
    "LifecycleTransition",
    "IntelligentTiering",
    "ReducedRedundancyLostObject",
    "Replication:",
)
_BRIDGE_KINDS: Final = {
    "Object Created": Kind.CREATED,
    "Object Deleted": Kind.ERASED,
    "Object Restore Completed": Kind.RESTORED,
}
_BRIDGE_IDLE: Final = frozenset(
    {
        "Object Restore Initiated",
        "Object Restore Expired",
        "Object Storage Class Changed",
        "Object Access Tier Changed",
        "Object ACL Updated",
        "Object Tags Added",
        "Object Tags Deleted",
        "Object Annotation Created",
        "Object Annotation Deleted",
    }
)
_MARKER: Final = "Delete Marker Created"


@dataclass(frozen=True)
class _Names:
    """How the two shapes call the same fields of an object."""

    etag: str
    version_id: str


_NOTIFICATION: Final = _Names("eTag", "versionId")
_BRIDGE: Final = _Names("etag", "version-id")


def of_notification(record: object, allowed: AllowList) -> ObjectEvent | str:
    """Read a record of a notification; a text names what needs nothing done.

    Raises:
        RefusedError: It is not taken.
    """
    if not isinstance(record, dict):
        raise RefusedError(Reason.FIELD_MISSING, f"record: expected an object, got {shown(record)}")
    if record.get("eventSource") != "aws:s3":
        found = shown(record.get("eventSource"))
        raise RefusedError(Reason.UNKNOWN_SOURCE, f"eventSource: expected 'aws:s3', got {found}")
    fields.check_major(record, "eventVersion", "2")
    name = fields.text(record, "eventName").removeprefix("s3:")
    kind = _KINDS.get(name)
    if kind is None:
        if name.startswith(_IDLE):
            return name
        raise RefusedError(Reason.UNKNOWN_EVENT, f"eventName: expected one of S3's, got {shown(name)}")
    s3 = fields.mapping(record, "s3")
    bucket = fields.text(fields.mapping(s3, "bucket"), "name")
    thing = fields.mapping(s3, "object")
    key = decoded(fields.text(thing, "key"))
    event = _event(kind, bucket, key, thing, _NOTIFICATION, fields.instant(record, "eventTime"))
    return _taken(event, allowed)


def of_bridge(event: dict[str, Any], allowed: AllowList) -> ObjectEvent | str:
    """Read an event of EventBridge; a text names what needs nothing done. Its key is not encoded.

    Raises:
        RefusedError: It is not taken.
    """
    if event.get("source") != "aws.s3":
        found = shown(event.get("source"))
        raise RefusedError(Reason.UNKNOWN_SOURCE, f"source: expected 'aws.s3', got {found}")
    fields.check_major(event, "version", "0")
    name = fields.text(event, "detail-type")
    kind = _BRIDGE_KINDS.get(name)
    if kind is None:
        if name in _BRIDGE_IDLE:
            return name
        raise RefusedError(Reason.UNKNOWN_EVENT, f"detail-type: expected one of S3's, got {shown(name)}")
    detail = fields.mapping(event, "detail")
    if "event-version" in detail:
        fields.check_major(detail, "event-version", "1")
    if kind is Kind.ERASED and detail.get("deletion-type") == _MARKER:
        kind = Kind.DELETED
    bucket = fields.text(fields.mapping(detail, "bucket"), "name")
    thing = fields.mapping(detail, "object")
    read = _event(kind, bucket, fields.text(thing, "key"), thing, _BRIDGE, fields.instant(event, "time"))
    return _taken(read, allowed)


def _event(
    kind: Kind, bucket: str, key: str, thing: dict[str, Any], names: _Names, event_time: float
) -> ObjectEvent:
    version_id = fields.version_id(thing, names.version_id)
    if kind is Kind.ERASED and version_id is None:
        kind = Kind.DELETED  # no versions: what is deleted is the key
    etag = fields.etag(thing, names.etag)
    is_there = kind in {Kind.CREATED, Kind.RESTORED}
    if is_there and etag is None and version_id is None:
        raise RefusedError(Reason.BAD_ETAG, f"{names.etag}: expected an ETag or a version, got neither")
    # Restores tell no size in older versions of the message.
    has_size = kind is Kind.CREATED or (kind is Kind.RESTORED and "size" in thing)
    size = fields.size(thing) if has_size else 0
    # A restore is no new version, so it has no place among those of its key.
    sequencer = None if kind is Kind.RESTORED else fields.sequencer(thing)
    return ObjectEvent(kind, bucket, key, version_id, etag, sequencer, size, event_time)


def _taken(event: ObjectEvent, allowed: AllowList) -> ObjectEvent | str:
    check(event.key)
    check_allowed(event.bucket, event.key, allowed)
    if event.key.endswith("/") and not event.size and event.kind in {Kind.CREATED, Kind.RESTORED}:
        return "folder"  # what the console makes, so that a folder is seen
    return event
