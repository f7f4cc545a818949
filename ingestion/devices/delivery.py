"""Lay messages down as Firehose does: gzip objects under the hour in which their oldest message arrived."""

import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Protocol

from isal import isal_zlib

from ingestion.devices.errors import SourceError, UsageError
from ingestion.devices.truth import Delivered

GZIP_LEVEL: Final = 1  # isal's level 2 and 3 are slower here and save less than 3 % of the bytes
GZIP_WBITS: Final = 31  # a gzip member; isal writes mtime 0, so the same messages give the same bytes


@dataclass(frozen=True)
class Layout:
    """Where objects go, how many messages each holds, and the digest that their names are derived from."""

    output: Path
    messages_per_object: int
    digest: bytes
    stream: str = "device-readings"

    def __post_init__(self) -> None:
        """Refuse a size that makes no objects.

        Raises:
            UsageError: messages_per_object is below 1, or the output is a file.
        """
        if self.messages_per_object < 1:
            raise UsageError(f"--messages-per-object: expected 1 or more, got {self.messages_per_object}")
        if self.output.exists() and not self.output.is_dir():
            raise UsageError(f"--output: expected a folder, got the file {self.output}")


class Outlet(Protocol):
    """Where messages go: into objects, as Firehose delivers them, or into a stream, as devices send them."""

    def add(self, lines: Sequence[bytes], arrivals_ms: Sequence[int], /) -> None:
        """Take messages, ends of line included, in the order of their arrival."""

    def add_damaged(self, content: bytes, arrival_ms: int, /) -> None:
        """Take what an object holds whose bytes are damaged."""

    def close(self) -> Delivered:
        """See that all has gone, and return what was delivered."""


@dataclass
class Delivery:
    """Gathers messages until an object is full; memory is bounded by one object and what is handed in."""

    layout: Layout
    delivered: Delivered = field(default_factory=Delivered)
    _lines: list[bytes] = field(default_factory=list)
    _arrivals: list[int] = field(default_factory=list)

    def add(self, lines: Sequence[bytes], arrivals_ms: Sequence[int]) -> None:
        """Take messages, ends of line included, in the order of their arrival."""
        self._lines.extend(lines)
        self._arrivals.extend(arrivals_ms)
        size = self.layout.messages_per_object
        whole = len(self._lines) - len(self._lines) % size
        for begin in range(0, whole, size):
            self._put_messages(self._lines[begin : begin + size], self._arrivals[begin])
        del self._lines[:whole], self._arrivals[:whole]

    def add_damaged(self, content: bytes, arrival_ms: int) -> None:
        """Lay down an object as it is, its damage included."""
        self._put(content, arrival_ms)
        self.delivered.damaged_objects += 1

    def close(self) -> Delivered:
        """Lay down what is left and return what was delivered."""
        if self._lines:
            self._put_messages(self._lines, self._arrivals[0])
            self._lines, self._arrivals = [], []
        return self.delivered

    def _put_messages(self, lines: Sequence[bytes], arrival_ms: int) -> None:
        self._put(isal_zlib.compress(b"".join(lines), GZIP_LEVEL, wbits=GZIP_WBITS), arrival_ms)

    def _put(self, content: bytes, arrival_ms: int) -> None:
        write_once(self.layout.output / self.name_next(arrival_ms), content)
        self.delivered.objects += 1
        self.delivered.bytes += len(content)

    def name_next(self, arrival_ms: int) -> str:
        """Name the next object below the output, by its oldest message's arrival."""
        arrival = datetime.fromtimestamp(arrival_ms // 1000, UTC)
        seed = self.layout.digest + self.delivered.objects.to_bytes(8, "big")
        unique = uuid.UUID(bytes=hashlib.blake2b(seed, digest_size=16).digest(), version=4)
        return f"{arrival:%Y/%m/%d/%H}/{self.layout.stream}-1-{arrival:%Y-%m-%d-%H-%M-%S}-{unique}.gz"


def write_once(path: Path, content: bytes) -> None:
    """Write an object all at once; one that is there with the same bytes is left alone.

    Raises:
        SourceError: an object of that name holds other bytes.
    """
    if path.exists():
        if path.read_bytes() == content:
            return
        raise SourceError(
            f"{path}: expected no object of that name or one with the same bytes, found other bytes; "
            "nothing was overwritten: choose another --output or remove the object"
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.tmp")
    beside.write_bytes(content)
    beside.replace(path)
