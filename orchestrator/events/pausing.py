"""Pauses after batches that were given back: whoever has no capacity is not asked for it without end.

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


class Pause(msgspec.Struct, frozen=True):
    """How often in a row a batch was given back, and when the next one may be cut; in seconds of the Unix epoch."""

    count: int
    over_at: float
    nonce: str


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
        """Pause, each time twice as long as before."""
        found = self._store.get(self._key, until)
        count = 0 if found is None else decode(self._key, found.body, Pause).count
        length_s = min(FIRST_S * 2 ** min(count, _MOST_DOUBLINGS), LONGEST_S)
        self._put(Pause(count + 1, self._clock.now() + length_s, self._nonce()), until)

    def end(self, until: float) -> None:
        """Pause no more."""
        found = self._store.get(self._key, until)
        if found is not None and decode(self._key, found.body, Pause).count:
            self._put(Pause(0, 0.0, self._nonce()), until)

    def _put(self, pause: Pause, until: float) -> None:
        """Write it; where somebody else has written meanwhile, that stands: it says nearly the same."""
        found = self._store.get(self._key, until)
        if found is None:
            self._store.create(self._key, encode(pause), until)
        else:
            self._store.replace(self._key, encode(pause), found.version, until)
