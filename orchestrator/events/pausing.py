"""Pauses after batches that came to nothing: whoever has no capacity is not asked for it without end.

Batches that fail one after the other pause too: what one object spoils is found by halves, most of which succeed; where
all fail, it is the job, and each try costs a cluster.

They are kept in the state, as those who take turns may live for one turn only.
"""

from collections.abc import Callable
from typing import Final

import msgspec

from orchestrator.aws.clock import Clock
from orchestrator.aws.store import Store
from orchestrator.engine.documents import decode, encode

FIRST_S: Final = 60.0
LONGEST_S: Final = 1800.0
# Enough for the longest one: after weeks of pauses the power would be too large for a float.
_MOST_DOUBLINGS: Final = 10
# Where one object among thousands is bad, so many halves in a row fail one time in eight.
PATIENCE: Final = 3


class Pause(msgspec.Struct, frozen=True):
    """How often in a row a batch was given back, or failed, and when the next may be cut; seconds since the epoch."""

    count: int
    over_at: float
    nonce: str
    failures: int = 0


class Pauses:
    """The pauses of one pipeline."""

    def __init__(self, store: Store, pipeline: str, clock: Clock, nonce: Callable[[], str]) -> None:
        """Make it for a pipeline."""
        self._store, self._clock, self._nonce = store, clock, nonce
        self._key = f"events/{pipeline}/pause.json"

    def over_at(self, until: float) -> float:
        """Tell when the next batch may be cut."""
        found = self._store.get(self._key, until)
        return 0.0 if found is None else decode(self._key, found.body, Pause).over_at

    def lengthen(self, until: float) -> None:
        """Pause as a batch was given back, each time twice as long as before."""
        count, failures = self._counts(until)
        self._put(Pause(count + 1, self._after(count), self._nonce(), failures), until)

    def fail(self, until: float) -> None:
        """Note that a batch has failed; after some in a row pause, each time twice as long as before."""
        _, failures = self._counts(until)
        over_at = 0.0 if failures < PATIENCE else self._after(failures - PATIENCE)
        self._put(Pause(0, over_at, self._nonce(), failures + 1), until)

    def end(self, until: float) -> None:
        """Pause no more."""
        if any(self._counts(until)):
            self._put(Pause(0, 0.0, self._nonce()), until)

    def _counts(self, until: float) -> tuple[int, int]:
        found = self._store.get(self._key, until)
        if found is None:
            return 0, 0
        pause = decode(self._key, found.body, Pause)
        return pause.count, pause.failures

    def _after(self, times: int) -> float:
        length_s: float = min(FIRST_S * 2 ** min(times, _MOST_DOUBLINGS), LONGEST_S)
        return self._clock.now() + length_s

    def _put(self, pause: Pause, until: float) -> None:
        """Write it; where somebody else has written meanwhile, that stands: it says nearly the same."""
        found = self._store.get(self._key, until)
        if found is None:
            self._store.create(self._key, encode(pause), until)
        else:
            self._store.replace(self._key, encode(pause), found.version, until)
