"""Sends once more what was put aside: object by object, each marked when all of it is acknowledged."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from ingestion.devices.errors import SourceError
from ingestion.replaying.items import Item, Unread, of_firehose, of_quarantine
from ingestion.replaying.marks import FOLDER, Mark, Marks, name_of
from ingestion.sending.records import batches, records
from ingestion.sending.sender import Sender

Reader = Callable[[str, bytes], Iterator[Item | Unread]]
READERS: Final[dict[str, Reader]] = {"firehose": of_firehose, "quarantine": of_quarantine}


@dataclass
class Replayed:
    """What was found and done; `reasons` count messages, `unread` are lines that are none.

    `sent_before` are messages that an earlier replay has sent from another object.
    """

    objects: int = 0
    marked_before: int = 0
    messages: int = 0
    sent_before: int = 0
    sent: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    unread: list[Unread] = field(default_factory=list)
    damaged: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Replay:
    """What is to be replayed: objects of a bucket below a prefix, as one of READERS reads them."""

    s3: Any
    bucket: str
    prefix: str
    kind: str

    def run(self, sender: Sender | None, to: str, now: Callable[[], float]) -> Replayed:
        """Send all that was not replayed; without a sender only look.

        Raises:
            SendingError: The stream does not take it; objects that were sent before are marked.
        """
        told, marks = Replayed(), Marks(self.s3, self.bucket)
        # Another run of the same table may have refused the same message.
        known = dict(marks.below(self.prefix.partition("run_id=")[0]))
        done = {
            (uri, at) for mark in known.values() for uri, places in mark.positions.items() for at in places
        }
        for key, etag in self._objects():
            if name_of(key, etag) in known:
                told.marked_before += 1
                continue
            try:
                found = list(READERS[self.kind](f"s3://{self.bucket}/{key}", self._body(key)))
            except SourceError as fault:
                told.damaged.append(str(fault))
                continue
            there = [each for each in found if isinstance(each, Item)]
            items = [item for item in there if (item.source_object, item.position) not in done]
            told.sent_before += len(there) - len(items)
            unread = [each for each in found if isinstance(each, Unread)]
            told.objects += 1
            told.messages += len(items)
            told.reasons.update(item.reason for item in items)
            told.unread += unread
            done |= {(item.source_object, item.position) for item in items}
            if sender is None:
                continue
            for batch in batches(records(item.data + b"\n" for item in items)):
                sender.send(batch)
            at = datetime.fromtimestamp(now(), UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
            marks.put(key, Mark(etag, len(items), len(unread), to, at, self._positions(items)))
            told.sent += len(items)
        return told

    def _positions(self, items: Sequence[Item]) -> dict[str, list[int]]:
        """Return where messages come from, if that is not the object that holds them."""
        places: dict[str, list[int]] = {}
        if self.kind != "firehose":
            for item in items:
                places.setdefault(item.source_object, []).append(item.position)
        return places

    def _objects(self) -> Iterator[tuple[str, str]]:
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=self.prefix)
        for page in pages:
            for each in page.get("Contents", []):
                if each["Size"] and not each["Key"].startswith(FOLDER):
                    yield each["Key"], each["ETag"].strip('"')

    def _body(self, key: str) -> bytes:
        body: bytes = self.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read()
        return body
