"""Sends once more what was put aside: object by object, each marked when all of it is acknowledged."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from ingestion.devices.errors import SourceError
from ingestion.replaying.items import Item, Unread, of_firehose, of_quarantine
from ingestion.replaying.marks import FOLDER, Mark, Marks
from ingestion.sending.records import batches, records
from ingestion.sending.sender import Sender

Reader = Callable[[str, bytes], Iterator[Item | Unread]]
READERS: Final[dict[str, Reader]] = {"firehose": of_firehose, "quarantine": of_quarantine}


@dataclass
class Replayed:
    """What was found and done; `reasons` count messages, `unread` are lines that are none."""

    objects: int = 0
    marked_before: int = 0
    messages: int = 0
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
        for key, etag in self._objects():
            if marks.find(key) is not None:
                told.marked_before += 1
                continue
            try:
                found = list(READERS[self.kind](f"s3://{self.bucket}/{key}", self._body(key)))
            except SourceError as fault:
                told.damaged.append(str(fault))
                continue
            items = [each for each in found if isinstance(each, Item)]
            unread = [each for each in found if isinstance(each, Unread)]
            told.objects += 1
            told.messages += len(items)
            told.reasons.update(item.reason for item in items)
            told.unread += unread
            if sender is None:
                continue
            for batch in batches(records(item.data + b"\n" for item in items)):
                sender.send(batch)
            at = datetime.fromtimestamp(now(), UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
            marks.put(key, Mark(etag, len(items), len(unread), to, at))
            told.sent += len(items)
        return told

    def _objects(self) -> Iterator[tuple[str, str]]:
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=self.prefix)
        for page in pages:
            for each in page.get("Contents", []):
                if each["Size"] and not each["Key"].startswith(FOLDER):
                    yield each["Key"], each["ETag"].strip('"')

    def _body(self, key: str) -> bytes:
        body: bytes = self.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read()
        return body
