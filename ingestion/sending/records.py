"""Lines become records of a stream, and records the batches that one call may carry."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from ingestion.devices.errors import SourceError

# https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecords.html: the partition keys count too.
MOST_RECORDS: Final = 500
MOST_BYTES: Final = 10 * 1024 * 1024
_LONGEST_KEY: Final = 256


class _Sender(msgspec.Struct):
    device_id: str


_decode: Final = msgspec.json.Decoder(_Sender).decode


@dataclass(frozen=True)
class Record:
    """What a device sends at once: one message, or several on one line."""

    data: bytes
    key: str

    @property
    def size(self) -> int:
        """Tell what it counts in a call."""
        return len(self.data) + len(self.key.encode())


def records(lines: Iterable[bytes]) -> Iterator[Record]:
    """Make a record of each line; what bears no end of line goes with what follows.

    Raises:
        SourceError: A line is larger than a record may be.
    """
    pending: list[bytes] = []
    for line in lines:
        pending.append(line)
        if line.endswith(b"\n"):
            yield _record(b"".join(pending)[:-1])
            pending = []
    if pending:
        yield _record(b"".join(pending))


def batches(made: Iterable[Record], most: int = MOST_RECORDS) -> Iterator[list[Record]]:
    """Gather records, in their order, into as few calls as the limits allow, with so many in each at most."""
    batch: list[Record] = []
    size = 0
    for record in made:
        if batch and (len(batch) == most or size + record.size > MOST_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(record)
        size += record.size
    if batch:
        yield batch


def entries(batch: Sequence[Record]) -> list[dict[str, bytes | str]]:
    """Write records as PutRecords takes them."""
    return [{"Data": record.data, "PartitionKey": record.key} for record in batch]


def _record(data: bytes) -> Record:
    record = Record(data, _key(data))
    if record.size > MOST_BYTES:
        raise SourceError(
            f"a message of {len(data)} bytes: expected at most {MOST_BYTES} with its key, as a call to a stream takes "
            "no more; leave such messages out (--heavy-faults 0)"
        )
    return record


def _key(data: bytes) -> str:
    """Return the device's id, so that its messages keep their order; of what bears none, a digest."""
    try:
        device = _decode(data).device_id
    except (msgspec.MsgspecError, UnicodeDecodeError):
        device = ""
    if 0 < len(device) <= _LONGEST_KEY:
        return device
    return hashlib.blake2b(data, digest_size=8).hexdigest()
