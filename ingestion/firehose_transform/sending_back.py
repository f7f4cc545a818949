"""Send back to the stream what does not fit into the answer: in pieces, each acknowledged or told to be not.

Pieces hold messages as they are written, not the record as it came: opened and normalised, a piece comes out of the
transform as it goes in, grows no more, and so fits. It bears a mark beside (see `records.MARK`).
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from ingestion.firehose_transform.errors import PutRefusedError
from ingestion.firehose_transform.records import MARK

MOST_PIECE_BYTES: Final = 1_000_000
"""A record of Firehose is at most 1,000 KB, one of Kinesis 1 MiB with its key."""

MOST_PIECE_MESSAGES: Final = 500
"""As many as Firehose takes apart of a record where multi-record de-aggregation is on."""

LAST_PUT_BEFORE_END_MS: Final = 10_000
"""No put begins later: an answer must still be given after one that hangs."""

FIRST_PAUSE_S: Final = 0.1
LONGEST_PAUSE_S: Final = 5.0


@dataclass(frozen=True)
class Piece:
    """Messages that are sent back as one record; `place` is the record of the event that they came with."""

    place: int
    messages: tuple[bytes, ...]
    partition_key: str

    @property
    def data(self) -> bytes:
        """The record's bytes."""
        return MARK + b"\n".join(self.messages) + b"\n"

    @property
    def size(self) -> int:
        """How long the record is, its key included."""
        return (
            len(MARK) + sum(map(len, self.messages)) + len(self.messages) + len(self.partition_key.encode())
        )


class Target(Protocol):
    """A stream that takes pieces, and how many at once."""

    most_records: int
    most_bytes: int

    def put(self, pieces: Sequence[Piece]) -> list[Piece]:
        """Put pieces in one call; return those that were not acknowledged and may be tried again.

        Raises:
            PutRefusedError: none was taken, and trying again would not mend that.
        """
        ...


@dataclass(frozen=True)
class Time:
    """How much of it is left, and how to let some pass."""

    remaining_ms: Callable[[], float]
    sleep: Callable[[float], object]

    def allows(self, pause_s: float = 0.0) -> bool:
        """Tell whether a put may begin after a pause."""
        return self.remaining_ms() - pause_s * 1000 > LAST_PUT_BEFORE_END_MS


def cut(place: int, messages: Iterable[bytes], partition_key: str) -> list[Piece] | None:
    """Cut messages into pieces; None where one is too long for any record."""
    most = MOST_PIECE_BYTES - len(partition_key.encode())
    pieces: list[Piece] = []
    taken: list[bytes] = []
    size = len(MARK)
    for message in messages:
        longer = len(message) + 1
        if len(MARK) + longer > most:
            return None
        if taken and (size + longer > most or len(taken) == MOST_PIECE_MESSAGES):
            pieces.append(Piece(place, tuple(taken), partition_key))
            taken, size = [], len(MARK)
        taken.append(message)
        size += longer
    return [*pieces, Piece(place, tuple(taken), partition_key)] if taken else pieces


def put_all(pieces: Sequence[Piece], target: Target, time: Time) -> tuple[list[Piece], str]:
    """Put pieces until all are acknowledged or time is over; only what failed is put again, after a pause.

    A call whose outcome is unknown counts as failed: its messages may come twice, with the same `event_id`.

    Returns:
        The pieces that were not acknowledged, and why.
    """
    waiting, pause = list(pieces), FIRST_PAUSE_S
    while True:
        failed: list[Piece] = []
        batches = list(_batches(waiting, target))
        for number, batch in enumerate(batches):
            rest = [piece for later in batches[number:] for piece in later]
            if not time.allows():
                return [*failed, *rest], "no time was left to send it back"
            try:
                failed += target.put(batch)
            except PutRefusedError as error:
                return [*failed, *rest], str(error)
        if not failed:
            return [], ""
        if not time.allows(pause):
            return failed, "the stream took it in none of the tries there was time for"
        time.sleep(pause)
        waiting, pause = failed, min(2 * pause, LONGEST_PAUSE_S)


def _batches(pieces: Sequence[Piece], target: Target) -> Iterator[list[Piece]]:
    batch: list[Piece] = []
    size = 0
    for piece in pieces:
        if batch and (len(batch) == target.most_records or size + piece.size > target.most_bytes):
            yield batch
            batch, size = [], 0
        batch.append(piece)
        size += piece.size
    if batch:
        yield batch
