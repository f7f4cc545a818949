"""Messages go into a stream as they are made; those that were acknowledged before are left out."""

from collections.abc import Iterator, Sequence

from ingestion.devices.errors import UsageError
from ingestion.devices.truth import Delivered
from ingestion.sending.journal import Journal
from ingestion.sending.records import MOST_BYTES, Record, batches, records
from ingestion.sending.sender import Sender


class StreamOutlet:
    """Takes what would go into objects, and sends it; the same delivery gives the same records in the same order."""

    def __init__(self, sender: Sender, journal: Journal) -> None:
        """Go on where the journal ends."""
        self._sender, self._journal, self._most = sender, journal, sender.most_records
        self._to_skip = journal.progress.acknowledged
        self._lines: list[bytes] = []
        self._waiting: list[Record] = []
        self._size = 0
        self._delivered = Delivered()

    def add(self, lines: Sequence[bytes], arrivals_ms: Sequence[int], /) -> None:
        """Take messages, and send what fills calls."""
        del arrivals_ms
        self._lines += lines
        # What bears no end of line goes with the next one.
        whole = max((at for at, line in enumerate(self._lines, start=1) if line.endswith(b"\n")), default=0)
        self._take(records(self._lines[:whole]))
        del self._lines[:whole]
        while len(self._waiting) >= self._most or self._size > MOST_BYTES:
            self._send(next(batches(self._waiting, self._most)))

    def add_damaged(self, content: bytes, arrival_ms: int, /) -> None:
        """Refuse what cannot be: an object is damaged where it lies, not where devices send.

        Raises:
            UsageError: Always.
        """
        del content, arrival_ms
        raise UsageError("--stream: damaged objects cannot be sent; expected --heavy-faults 0")

    def close(self) -> Delivered:
        """Send what is left."""
        self._take(records(self._lines))
        self._lines = []
        while self._waiting:
            self._send(next(batches(self._waiting, self._most)))
        return self._delivered

    def _take(self, made: Iterator[Record]) -> None:
        for record in made:
            self._delivered.bytes += len(record.data)
            if self._to_skip:
                self._to_skip -= 1
                continue
            self._waiting.append(record)
            self._size += record.size

    def _send(self, batch: list[Record]) -> None:
        again = self._sender.send(batch)
        self._journal.acknowledge(len(batch), again)
        del self._waiting[: len(batch)]
        self._size -= sum(record.size for record in batch)
