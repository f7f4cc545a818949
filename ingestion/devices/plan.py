"""Decide what becomes of each message before any is made: a pure function of the parameters.

The messages are numbered slots, evenly spaced in time and dealt to the devices in turn. Slots are cut into
blocks that are planned each by itself, so memory does not grow with their number and a later command can plan
the same block again.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

import numpy as np

from ingestion.devices.errors import UsageError
from ingestion.devices.reasons import REASONS
from ingestion.devices.truth import IntArray

BLOCK_SLOTS: Final = 32_768
SURVIVORS: Final = 3  # messages in a damaged object that can still be read
FIRST_START: Final = datetime(2000, 2, 1, tzinfo=UTC)  # late messages lie days before the start
LAST_END: Final = datetime(2099, 12, 1, tzinfo=UTC)  # faults and follow-ups lie after the end


@dataclass(frozen=True)
class Rates:
    """Shares of all messages, each from 0 to 1."""

    late: float = 0.0
    duplicate: float = 0.0
    correction: float = 0.0
    unknown_field: float = 0.0
    out_of_order: float = 0.0
    glue: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what is no share.

        Raises:
            UsageError: a rate is below 0 or above 1.
        """
        for name, rate in vars(self).items():
            if not 0 <= rate <= 1:
                raise UsageError(f"--{name.replace('_', '-')}-rate: expected 0 to 1, got {rate}")


@dataclass(frozen=True)
class Plan:
    """Everything that decides a synthetic delivery; the same plan gives the same bytes."""

    seed: int
    devices: int
    messages: int
    start: datetime
    hours: float
    rates: Rates = field(default_factory=Rates)
    faults: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse contradictions.

        Raises:
            UsageError: a figure is out of its range, or the rates leave too few messages to work on.
        """
        for name in ("devices", "messages"):
            if getattr(self, name) < 1:
                raise UsageError(f"--{name}: expected 1 or more, got {getattr(self, name)}")
        if self.seed < 0:
            raise UsageError(f"--seed: expected 0 or more, got {self.seed}")
        if unknown := [reason for reason in self.faults if reason not in REASONS]:
            raise UsageError(f"faults: expected reasons among {', '.join(REASONS)}, got {unknown[0]}")
        self._check_time()
        self._check_room()

    @property
    def start_ms(self) -> int:
        """The first slot's time in milliseconds of the epoch."""
        return round(self.start.timestamp() * 1000)

    @property
    def period_ms(self) -> int:
        """How long the delivery lasts."""
        return round(self.hours * 3_600_000)

    @property
    def faulty(self) -> int:
        """How many slots hold something faulty."""
        return sum(self.faults.values())

    def slot_ms(self, slot: IntArray) -> IntArray:
        """Tell when each slot is sent."""
        return self.start_ms + slot * self.period_ms // self.messages

    def whole(self, rate: float) -> int:
        """Tell how many messages a rate means."""
        return round(rate * self.messages)

    def share(self, total: int, first: int, end: int) -> int:
        """Tell how many of `total` fall to the slots from `first` to before `end`: all blocks get all."""
        return total * end // self.messages - total * first // self.messages

    def _check_time(self) -> None:
        if not (self.hours > 0 and self.start >= FIRST_START and self._end() <= LAST_END.timestamp()):
            raise UsageError(
                f"--start, --hours, --days: expected a period within {FIRST_START:%Y-%m-%d} and "
                f"{LAST_END:%Y-%m-%d}, got {self.hours} hours from {self.start.isoformat()}"
            )
        if self.period_ms * self.devices < self.messages:
            raise UsageError(
                f"--messages: expected at most one message per device and millisecond, "
                f"{self.period_ms * self.devices} here, got {self.messages}; ask for more hours or devices"
            )

    def _end(self) -> float:
        return self.start.timestamp() + self.hours * 3600

    def _check_room(self) -> None:
        rates = self.rates
        totals = [self.whole(rate) for rate in (rates.late, rates.unknown_field)]
        totals += [self.whole(rate) for rate in (rates.duplicate, rates.correction)] * 2
        totals += self.faults.values()
        for first, end in blocks(self.messages):
            taken = sum(self.share(total, first, end) for total in totals)
            if taken > end - first:
                raise UsageError(
                    "rates: expected 2 x (duplicate + correction) + late + unknown-field + faulty to be at "
                    f"most all messages, got {taken} of {end - first}: each duplicate and each correction "
                    "needs a message that it comes after; lower the rates"
                )


@dataclass(frozen=True)
class BlockPlan:
    """What becomes of the slots of one block; every array holds places within the block, all disjoint.

    `corrected[i]` comes after `corrected_of[i]`, `repeated[i]` after `repeated_of[i]`. `faulty` names for each
    reason its places and the running number of the first of them in the whole delivery.
    """

    first: int
    size: int
    corrected_of: IntArray
    corrected: IntArray
    repeated_of: IntArray
    repeated: IntArray
    late: IntArray
    rescued: IntArray
    faulty: dict[str, tuple[IntArray, int]]
    survivors: IntArray
    regular: IntArray


def blocks(messages: int) -> Iterator[tuple[int, int]]:
    """Cut the slots into blocks of nearly the same size: the first slot of each and the one after its last."""
    count = -(-messages // BLOCK_SLOTS)
    for block in range(count):
        yield messages * block // count, messages * (block + 1) // count


def plan_blocks(plan: Plan) -> Iterator[tuple[BlockPlan, np.random.Generator]]:
    """Plan one block after the other; the generator that comes along makes the block's readings."""
    for block, (first, end) in enumerate(blocks(plan.messages)):
        rng = np.random.default_rng([plan.seed, 1, block])
        yield _plan_block(plan, first, end, rng), rng


def _plan_block(plan: Plan, first: int, end: int, rng: np.random.Generator) -> BlockPlan:
    places = _Deal(rng.permutation(end - first).astype(np.int64))
    rates = plan.rates
    corrected_of, corrected = places.pairs(plan.share(plan.whole(rates.correction), first, end))
    repeated_of, repeated = places.pairs(plan.share(plan.whole(rates.duplicate), first, end))
    faulty = {
        reason: (places.take(plan.share(total, first, end)), total * first // plan.messages)
        for reason, total in plan.faults.items()
    }
    late = places.take(plan.share(plan.whole(rates.late), first, end))
    rescued = places.take(plan.share(plan.whole(rates.unknown_field), first, end))
    damaged = len(faulty["truncated_object"][0]) if "truncated_object" in faulty else 0
    survivors = places.take(min(SURVIVORS * damaged, places.left))
    return BlockPlan(
        first=first,
        size=end - first,
        corrected_of=corrected_of,
        corrected=corrected,
        repeated_of=repeated_of,
        repeated=repeated,
        late=late,
        rescued=rescued,
        faulty=faulty,
        survivors=survivors,
        regular=places.take(places.left),
    )


class _Deal:
    """Hands out shuffled places, each once."""

    def __init__(self, places: IntArray) -> None:
        self._places = places

    @property
    def left(self) -> int:
        return len(self._places)

    def take(self, count: int) -> IntArray:
        taken, self._places = self._places[:count], self._places[count:]
        return np.sort(taken)

    def pairs(self, count: int) -> tuple[IntArray, IntArray]:
        both = self.take(2 * count)
        return both[::2], both[1::2]
