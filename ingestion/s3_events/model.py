"""What a message says: events of objects, and what of it is refused, with its reason."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import msgspec


class Kind(StrEnum):
    """What has happened to an object.

    `ERASED` is one version that was deleted for good, which need not be the newest one: a lifecycle rule does it to old
    versions. `DELETED` is the key itself: without versions, or by a delete marker. `RESTORED` says that a version that
    was archived can be read again: it is no new version.
    """

    CREATED = "created"
    DELETED = "deleted"
    ERASED = "erased"
    RESTORED = "restored"


class ObjectEvent(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One event; `key` is decoded, `sequencer` upper case, `event_time` in seconds of the Unix epoch.

    `sequencer` is None where there is none: of restores, of listings, and of S3-compatible stores. `version_id` is None
    where the bucket keeps no versions, `etag` has no quotes.
    """

    kind: Kind
    bucket: str
    key: str
    version_id: str | None
    etag: str | None
    sequencer: str | None
    size: int
    event_time: float


class Reason(StrEnum):
    """Why something is refused; what stands beside the message in the dead-letter queue."""

    NOT_TEXT = "not_text"
    TOO_LARGE = "too_large"
    NOT_JSON = "not_json"
    NOT_AN_OBJECT = "not_an_object"
    TOO_DEEP = "too_deep"
    UNKNOWN_SHAPE = "unknown_shape"
    SQS_ENVELOPE = "sqs_envelope"
    NOT_A_NOTIFICATION = "not_a_notification"
    UNKNOWN_SOURCE = "unknown_source"
    UNKNOWN_VERSION = "unknown_version"
    UNKNOWN_EVENT = "unknown_event"
    FIELD_MISSING = "field_missing"
    BAD_TIME = "bad_time"
    BAD_SIZE = "bad_size"
    BAD_SEQUENCER = "bad_sequencer"
    BAD_VERSION_ID = "bad_version_id"
    BAD_ETAG = "bad_etag"
    KEY_NOT_UTF8 = "key_not_utf8"
    KEY_TOO_LONG = "key_too_long"
    KEY_CONTROL_CHARACTER = "key_control_character"
    KEY_GOES_UP = "key_goes_up"
    KEY_ENCODED_TWICE = "key_encoded_twice"
    BUCKET_NOT_ALLOWED = "bucket_not_allowed"
    PREFIX_NOT_ALLOWED = "prefix_not_allowed"


@dataclass(frozen=True)
class Refusal:
    """What is not taken: the reason for machines, the text for people, and where in the message it stands."""

    reason: Reason
    text: str
    position: str


@dataclass(frozen=True)
class Found:
    """All that a message has: `idle` names what is known and needs nothing done, such as `s3:TestEvent`.

    A message with refusals belongs into the dead-letter queue *after* its events are recorded: nothing of it is lost,
    and what is good of it is not held up.
    """

    events: tuple[ObjectEvent, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    idle: tuple[str, ...] = ()


@dataclass(frozen=True)
class AllowList:
    """Buckets, and for each the prefixes whose objects are taken; "" takes the whole bucket."""

    prefixes: Mapping[str, Sequence[str]]


class RefusedError(Exception):
    """Raised inside this package where something is refused; `read` turns it into a Refusal."""

    def __init__(self, reason: Reason, text: str) -> None:
        """Keep the reason beside the text."""
        super().__init__(text)
        self.reason, self.text = reason, text
