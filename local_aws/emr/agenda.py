"""What is to happen when: the clock of the state machine, which moves only from one thing to the next."""

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count


@dataclass
class Agenda:
    """Things to do, by their instants in milliseconds of the Unix epoch; of one instant, the first entered comes first.

    Time stands still while something is done, and never goes back.
    """

    now: int
    _entries: list[tuple[int, int, Callable[[], None]]] = field(default_factory=list)
    _numbers: "count[int]" = field(default_factory=count)

    def after(self, milliseconds: int, do: Callable[[], None]) -> None:
        """Enter a thing to do so long from now."""
        heapq.heappush(self._entries, (self.now + max(0, milliseconds), next(self._numbers), do))

    @property
    def next_at(self) -> int | None:
        """When the next thing is due; None where there is none."""
        return self._entries[0][0] if self._entries else None

    def advance(self, to: int) -> None:
        """Do all that is due up to an instant, in order, also what is entered meanwhile."""
        while self._entries and self._entries[0][0] <= to:
            at, _, do = heapq.heappop(self._entries)
            self.now = at
            do()
        self.now = max(self.now, to)
