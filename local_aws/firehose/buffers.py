"""What waits to be delivered, by partition."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from local_aws.firehose.records import Record
from local_aws.firehose.settings import Buffering

# More partitions at a time go to the error prefix: https://docs.aws.amazon.com/firehose/latest/dev/limits.html
MOST_PARTITIONS = 500


@dataclass
class Buffer:
    """Bytes that become one object, and the records that they come from."""

    opened_at: int
    parts: list[bytes] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)
    size: int = 0

    def add(self, record: Record, data: bytes) -> None:
        """Take what a record has become."""
        self.parts.append(data)
        self.records.append(record)
        self.size += len(data)

    @property
    def arrived_at(self) -> int:
        """Tell when the oldest of its records came."""
        return min(record.arrived_at for record in self.records)


class Buffers:
    """Buffers by a name: of the partition, or of what delivers it."""

    def __init__(self, buffering: Buffering) -> None:
        """Begin with none."""
        self._buffering = buffering
        self._open: dict[str, Buffer] = {}

    def add(self, name: str, record: Record, data: bytes, now: int) -> None:
        """Put a record into the buffer of a name."""
        self._open.setdefault(name, Buffer(now)).add(record, data)

    def overflows(self, name: str, data: bytes) -> bool:
        """Tell whether it would be more than a buffer should hold."""
        held = self._open[name].size if name in self._open else 0
        return held > 0 and held + len(data) > self._buffering.size_bytes

    def is_refused(self, name: str) -> bool:
        """Tell whether it would be one partition too many."""
        return name not in self._open and len(self._open) >= MOST_PARTITIONS

    def take_due(self, now: int, *, all_of_them: bool = False) -> Iterator[tuple[str, Buffer]]:
        """Take out what is full, or old enough."""
        for name, buffer in list(self._open.items()):
            is_old = now >= buffer.opened_at + self._buffering.interval_ms
            if all_of_them or is_old or buffer.size >= self._buffering.size_bytes:
                yield name, self._open.pop(name)

    def next_at(self) -> int | None:
        """Tell when the next of them will be old enough."""
        return min(
            (buffer.opened_at + self._buffering.interval_ms for buffer in self._open.values()), default=None
        )

    @property
    def size(self) -> int:
        """Tell how many bytes wait."""
        return sum(buffer.size for buffer in self._open.values())
