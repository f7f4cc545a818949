"""Events, ledgers and stores for tests, with as little said as matters."""

import random
from collections.abc import Iterator
from itertools import count

from benchmarks.orchestrator_chaos.memory_s3 import MemoryS3
from ingestion.s3_events.model import Kind, ObjectEvent
from orchestrator.aws.store import S3Store
from orchestrator.ledger.ledger import Ledger

NOW = 1_800_000_000.0
UNTIL = NOW + 10**7
DAY = 86_400.0


def event(  # noqa: PLR0913, PLR0917 - an event has so many parts
    key: str = "a",
    sequencer: str | None = "1",
    etag: str | None = None,
    kind: Kind = Kind.CREATED,
    version: str | None = None,
    at: float = NOW,
    size: int = 1,
) -> ObjectEvent:
    """Make an event; its ETag follows from its sequencer where none is given, and a deletion has none."""
    if etag is None and kind is not Kind.DELETED:
        etag = f"e{sequencer}"
    return ObjectEvent(kind, "raw", key, version, etag, sequencer, size, at)


def deleted(sequencer: str | None, at: float = NOW, key: str = "a") -> ObjectEvent:
    """Make the deletion of a key."""
    return event(key, sequencer, kind=Kind.DELETED, at=at, size=0)


def draws(seed: int) -> random.Random:
    """Make what is drawn from."""
    return random.Random(seed)  # noqa: S311 - a seed that gives the same again


class Clock:
    """A clock that tests set."""

    def __init__(self) -> None:
        self.instant = NOW

    def now(self) -> float:
        return self.instant

    def sleep(self, seconds: float, /) -> None:
        self.instant += seconds


class Place:
    """An account with one ledger in it, and any number of processes that use it."""

    def __init__(self, remember_days: float = 35) -> None:
        self.s3, self.clock = MemoryS3(), Clock()
        self.store = S3Store(self.s3, "state", self.clock)
        self._numbers: Iterator[int] = count(1)
        self._remember_days = remember_days

    def process(self) -> Ledger:
        """Make what a new process has of the ledger."""
        return Ledger(self.store, "p", self.clock, self.nonce, self._remember_days)

    def nonce(self) -> str:
        return f"n{next(self._numbers)}"

    def names(self, folder: str) -> list[str]:
        """List the objects of a folder of the ledger."""
        prefix = f"_state/ledger/p/{folder}/"
        return sorted(key.removeprefix(prefix) for key in self.s3.objects if key.startswith(prefix))
