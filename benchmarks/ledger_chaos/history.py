"""What happens in a bucket, and the messages that tell of it: repeated, shuffled, late, and with poison among them."""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import quote_plus

from ingestion.s3_events.model import AllowList, Kind, ObjectEvent
from orchestrator.ledger.missing import Listed

BUCKET: Final = "raw"
ALLOWED: Final = AllowList({BUCKET: ("in/",)})
SPAN_S: Final = 3600.0
LATEST_S: Final = 7200.0
_MOST_VERSIONS: Final = 6
_SHARE_LATE: Final = 0.1
_SHARE_REPEATED: Final = 0.25
_SHARE_POISON: Final = 0.0008
_SHARE_JUNK: Final = 0.004
_SHARE_NEVER_TOLD: Final = 0.01
_SHARE_DELETED: Final = 0.15
_SHARE_BRIDGE: Final = 0.3
_JUNK: Final = ("", "{}", "[1]", '{"Records": [{"eventSource": "aws:ec2"}]}', '{"Records": [', "\x00")


@dataclass(frozen=True)
class Message:
    """A message, and when it comes; `refused` says that it is junk."""

    body: str
    comes_at: float
    refused: bool = False


@dataclass
class History:
    """All that happened: events by key, oldest first; which versions break a run; which keys no message tells of."""

    events: dict[str, list[ObjectEvent]] = field(default_factory=dict)
    poison: set[tuple[str, str]] = field(default_factory=set)
    silent: set[str] = field(default_factory=set)
    messages: list[Message] = field(default_factory=list)
    told: int = 0

    def listing(self) -> Iterator[Listed]:
        """List the bucket as it is in the end."""
        for key in sorted(self.events):
            last = final(self.events[key])
            if last is not None:
                yield Listed(key, f'"{last.etag}"', last.size, last.event_time // 1)


def final(events: list[ObjectEvent]) -> ObjectEvent | None:
    """Return the version that is there in the end, None where the key is deleted."""
    last = [event for event in events if event.kind in {Kind.CREATED, Kind.DELETED}][-1]
    return last if last.kind is Kind.CREATED else None


def draw(draws: random.Random, events: int, begins_at: float) -> History:
    """Draw a history with so many events in its messages, repetitions among them."""
    history = History()
    number = 0
    while history.told < events:
        number += 1
        key = f"in/{number % 7}/a b+{number}.gz"
        history.events[key] = list(_of_key(draws, key, begins_at))
        # The first key is poison, so that no history is without.
        _spoil(draws, history, key, 1.0 if number == 1 else _SHARE_POISON)
        if number > 1 and draws.random() < _SHARE_NEVER_TOLD:
            history.silent.add(key)
            continue
        for event in history.events[key]:
            copies = 1 + (draws.random() < _SHARE_REPEATED) + (draws.random() < _SHARE_REPEATED / 4)
            for _ in range(copies):
                history.messages.append(Message(_told(draws, event), _comes_at(draws, event)))
                history.told += 1
        if draws.random() < _SHARE_JUNK:
            at = begins_at + draws.uniform(0, SPAN_S)
            history.messages.append(Message(draws.choice(_JUNK), at, refused=True))
    draws.shuffle(history.messages)
    return history


def _spoil(draws: random.Random, history: History, key: str, share: float) -> None:
    for event in history.events[key]:
        if event.kind is Kind.CREATED and draws.random() < share:
            history.poison.add((key, str(event.etag)))


def _comes_at(draws: random.Random, event: ObjectEvent) -> float:
    late = draws.uniform(0, LATEST_S) if draws.random() < _SHARE_LATE else draws.expovariate(1 / 20)
    return event.event_time + late


def _of_key(draws: random.Random, key: str, begins_at: float) -> Iterator[ObjectEvent]:
    """Draw what happens to a key: sequencers rise, and their trailing zeros are not written, as S3 may do."""
    is_versioned = draws.random() < 0.5  # noqa: PLR2004 - every other one
    count = 1 if draws.random() < 0.7 else draws.randint(2, _MOST_VERSIONS)  # noqa: PLR2004 - most are written once
    times = sorted(begins_at + draws.uniform(0, SPAN_S) for _ in range(count))
    rank = draws.randrange(2**20)
    versions: list[ObjectEvent] = []
    for number, at in enumerate(times):
        rank += draws.randint(1, 2**12)
        is_gone = number > 0 and draws.random() < _SHARE_DELETED
        event = ObjectEvent(
            kind=Kind.DELETED if is_gone else Kind.CREATED,
            bucket=BUCKET,
            key=key,
            version_id=f"v{rank}" if is_versioned else None,
            etag=None if is_gone else f"e{rank:x}",
            sequencer=_sequencer(rank),
            size=0 if is_gone else draws.randint(1, 2**27),
            event_time=round(at, 3),
        )
        yield event
        if is_versioned and versions and draws.random() < _SHARE_DELETED:
            yield _erased(versions[0], rank := rank + 1, event.event_time)
        versions.append(event)


def _sequencer(rank: int) -> str:
    return f"{rank << 16:016X}".rstrip("0")


def _erased(event: ObjectEvent, rank: int, at: float) -> ObjectEvent:
    """Let a lifecycle rule delete an old version."""
    return ObjectEvent(Kind.ERASED, BUCKET, event.key, event.version_id, None, _sequencer(rank), 0, at)


def _told(draws: random.Random, event: ObjectEvent) -> str:
    is_bridge = draws.random() < _SHARE_BRIDGE
    body = json.dumps(_by_bridge(event) if is_bridge else _by_notification(event))
    if draws.random() < _SHARE_BRIDGE:
        return json.dumps({"Type": "Notification", "TopicArn": "arn", "Message": body})
    return body


_NAMES: Final = {
    Kind.CREATED: ("ObjectCreated:Put", "Object Created", None),
    Kind.DELETED: ("ObjectRemoved:DeleteMarkerCreated", "Object Deleted", "Delete Marker Created"),
    Kind.ERASED: ("LifecycleExpiration:Delete", "Object Deleted", "Permanently Deleted"),
}


def _by_notification(event: ObjectEvent) -> dict[str, Any]:
    thing = {
        "key": quote_plus(event.key, safe="/"),
        "size": event.size,
        "eTag": event.etag,
        "versionId": event.version_id,
        "sequencer": event.sequencer,
    }
    return {
        "Records": [
            {
                "eventVersion": "2.1",
                "eventSource": "aws:s3",
                "eventTime": _time(event.event_time),
                "eventName": _NAMES[event.kind][0],
                "s3": {"bucket": {"name": BUCKET}, "object": thing},
            }
        ]
    }


def _by_bridge(event: ObjectEvent) -> dict[str, Any]:
    _, name, deletion = _NAMES[event.kind]
    thing = {
        "key": event.key,
        "size": event.size,
        "etag": event.etag,
        "version-id": event.version_id,
        "sequencer": str(event.sequencer).lower(),
    }
    detail = {"bucket": {"name": BUCKET}, "object": thing, "deletion-type": deletion}
    return {
        "version": "0",
        "source": "aws.s3",
        "detail-type": name,
        "time": _time(event.event_time),
        "detail": detail,
    }


def _time(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{round(at * 1000) % 1000:03}Z"
