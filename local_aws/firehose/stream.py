"""One delivery stream: reads its source, lets a function transform, buffers, delivers, and remembers how far it is.

It does nothing by itself: `advance` does what is due. When the process ends at any moment and another one takes up
the same folder, everything that was acknowledged is delivered, some of it twice, as Firehose promises no more.
"""

import gzip
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, Protocol

from local_aws.firehose.buffers import Buffer, Buffers
from local_aws.firehose.prefixes import PROCESSING_FAILED, MissingKeyError, Prefix
from local_aws.firehose.records import Record, Watermark
from local_aws.firehose.settings import Destination
from local_aws.firehose.transform import Context, Failed, Invoke, Written, transform

_CHECKPOINT: Final = "checkpoint.json"
_ERRORS: Final = "\0errors"
_AGAIN_MS: Final = 5000
# How much may wait before the source is left alone.
_MOST_WAITING: Final = 256 * 1024 * 1024
_NO_PARTITION: Final = "DynamicPartitioning.MetadataExtractionFailed"
_TOO_MANY: Final = (
    "DynamicPartitioning.ActivePartitionsLimitExceeded",
    "More than 500 partitions are active.",
)


def delivered(folder: Path) -> dict[str, str]:
    """Tell how far the stream of a folder has delivered each shard."""
    checkpoint = folder / _CHECKPOINT
    return dict(json.loads(checkpoint.read_bytes())) if checkpoint.exists() else {}


class Source(Protocol):
    """Where records come from."""

    def read(self, delivered: dict[str, str], /) -> list[Record]:
        """Return what has come since the last time, and, the first time, since what is delivered."""

    def forget(self, delivered: dict[str, str], /) -> None:
        """Learn how far all is delivered."""

    def close(self) -> None:
        """Give back what it holds."""


@dataclass(frozen=True)
class Identity:
    """What a delivery stream is called."""

    name: str
    arn: str
    version: int
    region: str
    source_arn: str | None = None


@dataclass(frozen=True)
class World:
    """What a stream needs: its folder, the instant in milliseconds, random texts, a function, a bucket.

    `put` takes a bucket, a key and a body, and fails as it likes: it is tried again.
    """

    folder: Path
    now: Callable[[], int]
    draw: Callable[[], str]
    invoke: Invoke
    put: Callable[[str, str, bytes], None]


@dataclass(frozen=True)
class _Object:
    key: str
    body: bytes
    records: Sequence[Record]


class Stream:
    """A delivery stream with its source."""

    def __init__(self, identity: Identity, to: Destination, source: Source, world: World) -> None:
        """Take up what a former one has left in the folder."""
        self.identity, self.to = identity, to
        self._source, self._world = source, world
        self._checkpoint = world.folder / _CHECKPOINT
        self._watermark = Watermark(delivered(world.folder))
        self._raw = Buffers(to.function.buffering) if to.function else None
        self._buffers = Buffers(to.buffering)
        self._keys: dict[str, dict[str, str]] = {}
        self._ready: list[_Object] = []
        self._not_before = 0
        self.counts = {"read": 0, "written": 0, "dropped": 0, "failed": 0, "objects": 0}

    def advance(self, *, all_of_it: bool = False) -> bool:
        """Do what is due; with `all_of_it` whatever waits is due. Tells whether anything was read or delivered."""
        records = self._read()
        now = self._world.now()
        if self._raw is None:
            self._write([Written(record, record.data) for record in records])
        else:
            for record in records:
                if self._raw.overflows("", record.data):
                    self._transform_due(self._raw, now, all_of_it=True)
                self._raw.add("", record, record.data, now)
            self._transform_due(self._raw, now, all_of_it=all_of_it)
        for name, buffer in self._buffers.take_due(self._world.now(), all_of_them=all_of_it):
            self._ready.append(self._object(name, buffer))
        return self._deliver() or bool(records)

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing that was read waits."""
        return not self._ready and self._buffers.size == 0 and (self._raw is None or self._raw.size == 0)

    def close(self) -> None:
        """Give back what it holds; what waits is in the source."""
        self._source.close()

    def _read(self) -> list[Record]:
        waiting = self._buffers.size + (self._raw.size if self._raw else 0)
        if waiting + sum(len(each.body) for each in self._ready) > _MOST_WAITING:
            return []
        records = self._source.read(self._watermark.delivered)
        self._watermark.take(records)
        self.counts["read"] += len(records)
        return records

    def _transform_due(self, raw: Buffers, now: int, *, all_of_it: bool) -> None:
        for _, batch in raw.take_due(now, all_of_them=all_of_it):
            self._transform(batch.records)

    def _transform(self, records: Sequence[Record]) -> None:
        function = self.to.function
        assert function is not None  # noqa: S101 - who has a raw buffer has a function
        identity, world = self.identity, self._world
        context = Context(
            identity.arn,
            identity.source_arn,
            identity.region,
            function.arn,
            function.retries,
            world.now,
            world.draw,
        )
        outcome = transform(records, world.invoke, context)
        self._write(outcome.written)
        self._fail(outcome.failed)
        self.counts["dropped"] += len(outcome.dropped)
        self._done(outcome.dropped)

    def _write(self, written: Sequence[Written]) -> None:
        now = self._world.now()
        for each in written:
            name = self._partition(each)
            if name is not None:
                data = each.data + b"\n" if self.to.has_delimiter else each.data
                self._buffers.add(name, each.record, data, now)

    def _partition(self, each: Written) -> str | None:
        """Name the buffer of a record; one that belongs to none fails."""
        if not self.to.is_partitioned:
            return ""
        keys = dict(each.keys)
        name = json.dumps(each.keys)
        why = _TOO_MANY if self._buffers.is_refused(name) else None
        try:
            self._prefix(self.to.prefix, each.record.arrived_at, keys)
        except MissingKeyError as fault:
            why = (_NO_PARTITION, str(fault))
        if why is not None:
            self._fail([Failed(each.record, 1, *why, ended_at=self._world.now())])
            return None
        self._keys[name] = keys
        return name

    def _fail(self, failed: Sequence[Failed]) -> None:
        for each in failed:
            self._buffers.add(_ERRORS, each.record, each.envelope(), self._world.now())

    def _object(self, name: str, buffer: Buffer) -> _Object:
        """Name an object as Firehose does: https://docs.aws.amazon.com/firehose/latest/dev/s3-object-name.html."""
        at = datetime.fromtimestamp(buffer.arrived_at / 1000, self.to.zone)
        is_error = name == _ERRORS
        self.counts["failed" if is_error else "written"] += len(buffer.records)
        prefix = self._prefix(
            self.to.error_prefix if is_error else self.to.prefix, buffer.arrived_at, self._keys.pop(name, {})
        )
        suffix = f"{self.identity.name}-{self.identity.version}-{at:%Y-%m-%d-%H-%M-%S}-{self._world.draw()}"
        body = b"".join(buffer.parts)
        if self.to.is_gzip:
            body = gzip.compress(body, 6, mtime=0)
        return _Object(f"{prefix}{suffix}{self.to.extension}", body, buffer.records)

    def _prefix(self, prefix: Prefix, arrived_at: int, keys: Mapping[str, str]) -> str:
        at = datetime.fromtimestamp(arrived_at / 1000, self.to.zone)
        return prefix.evaluate(at, lambda: self._world.draw()[:11], keys, PROCESSING_FAILED)

    def _deliver(self) -> bool:
        """Put what is ready; what fails stays ready, and is tried again some seconds later."""
        has_delivered = False
        while self._ready and self._world.now() >= self._not_before:
            first = self._ready[0]
            try:
                self._world.put(self.to.bucket, first.key, first.body)
            except Exception:  # noqa: BLE001 - Firehose tries again for 24 hours, whatever it is
                self._not_before = self._world.now() + _AGAIN_MS
                break
            self._ready.pop(0)
            self.counts["objects"] += 1
            self._done(first.records)
            has_delivered = True
        return has_delivered

    def _done(self, records: Sequence[Record]) -> None:
        if self._watermark.done(records):
            part = self._checkpoint.with_suffix(".part")
            part.write_text(json.dumps(self._watermark.delivered), encoding="utf-8")
            part.replace(self._checkpoint)
            self._source.forget(self._watermark.delivered)
