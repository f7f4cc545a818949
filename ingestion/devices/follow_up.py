"""A second delivery that looks back on a synthetic one: late rows, corrections and repetitions of it.

The first delivery's plan makes its messages again, so nothing needs to be read but its truth file. Every kind
comes in an exact number, and the job must say the same: late ones are inserted, corrections update, exact
repetitions are duplicates.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Final

import msgspec
import numpy as np

from ingestion.devices.blocks import CORRECTION_TENTHS, PM2_5, Figures, make_figures
from ingestion.devices.curves import HOUR_MS, Devices, make_devices, readings
from ingestion.devices.delivery import Outlet
from ingestion.devices.errors import UsageError
from ingestion.devices.message import WIND_DIRECTIONS
from ingestion.devices.plan import BlockPlan, Plan, plan_blocks
from ingestion.devices.render import Batch, render
from ingestion.devices.synthetic import Progress
from ingestion.devices.truth import IntArray, MadeBy, Truth

DELAY_MS: Final = HOUR_MS
SPREAD_MS: Final = HOUR_MS
LATE_ID: Final = "-late"


@dataclass(frozen=True)
class FollowUp:
    """What looks back on the first delivery: how many late, corrected and repeated messages."""

    first: Plan
    late: int
    corrected: int
    repeated: int

    def __post_init__(self) -> None:
        """Refuse more than the first delivery can give.

        Raises:
            UsageError: a count is negative, or there are fewer messages to correct or repeat.
        """
        for name in ("late", "corrected", "repeated"):
            if getattr(self, name) < 0:
                raise UsageError(f"--{name}: expected 0 or more, got {getattr(self, name)}")
        if not self.late + self.corrected + self.repeated:
            raise UsageError("follow-up: expected --late, --corrected or --repeated above 0, got none")
        if self.late > self.first.messages:
            raise UsageError(f"--late: expected at most {self.first.messages}, got {self.late}")


def plan_of(truth: Truth) -> Plan:
    """Take the plan of a synthetic delivery out of its truth.

    Raises:
        UsageError: another command made the delivery, or the plan is no plan.
    """
    if truth.made_by.command != "synthetic":
        raise UsageError(f"--of: expected the truth of `synthetic`, got that of `{truth.made_by.command}`")
    try:
        return msgspec.convert(truth.made_by.parameters, Plan)
    except msgspec.ValidationError as error:
        raise UsageError(f"--of: made_by.parameters: expected a plan, got: {error}") from error


def look_back(follow_up: FollowUp, delivery: Outlet, progress: Progress = lambda _: None) -> Truth:
    """Deliver a second time, and return what it changes in a table that holds the first.

    Raises:
        UsageError: a block of the first delivery has too few messages to correct and repeat.
        SourceError: an object of the same name holds other bytes.
    """
    plan = follow_up.first
    truth = Truth(MadeBy("follow-up", asdict(follow_up)))
    devices = make_devices(plan.seed, plan.devices)
    for number, (block, rng) in enumerate(plan_blocks(plan)):
        figures = make_figures(plan, block, devices, rng)
        again = np.random.default_rng([plan.seed, 2, number])
        lines, arrivals = [], []
        for part in _parts(follow_up, _Block(block, figures, devices, truth), again):
            lines += [line + b"\n" for line in part.lines]
            arrivals += part.arrivals_ms.tolist()
        order = np.argsort(arrivals, kind="stable").tolist()
        delivery.add([lines[place] for place in order], [arrivals[place] for place in order])
        progress(len(lines))
    truth.delivered = delivery.close()
    return truth


@dataclass(frozen=True)
class _Block:
    """One block of the first delivery, and the tally to count into."""

    plan: BlockPlan
    figures: Figures
    devices: Devices
    truth: Truth


@dataclass(frozen=True)
class _Part:
    lines: list[bytes]
    arrivals_ms: IntArray


def _parts(follow_up: FollowUp, block: _Block, rng: np.random.Generator) -> Iterator[_Part]:
    first, end = block.plan.first, block.plan.first + block.plan.size
    late, corrected, repeated = (
        follow_up.first.share(total, first, end)
        for total in (follow_up.late, follow_up.corrected, follow_up.repeated)
    )
    known = np.setdiff1d(block.figures.keys, block.plan.rescued)  # so that a repetition is one to the byte
    places = rng.permutation(known)
    if corrected + repeated > len(places):
        raise UsageError(
            f"--corrected, --repeated: expected at most {len(places)} together of a block of "
            f"{block.plan.size} messages of the first delivery, got {corrected + repeated}; ask for fewer"
        )
    yield _late(follow_up.first, block, np.sort(rng.permutation(block.plan.size)[:late]), rng)
    yield _corrected(follow_up.first, block, np.sort(places[:corrected]), rng)
    yield _repeated(follow_up.first, block, np.sort(places[corrected : corrected + repeated]), rng)


def _late(plan: Plan, block: _Block, places: IntArray, rng: np.random.Generator) -> _Part:
    """Make readings that their devices held back: new keys on the dates of the first delivery."""
    device = (block.plan.first + places) % plan.devices
    event_ms = plan.slot_ms(block.plan.first + places)
    tenths = readings(block.devices, device, event_ms, rng)
    received_ms = _received(plan, len(places), rng)
    wind = rng.integers(0, len(WIND_DIRECTIONS), size=len(places))
    block.truth.add_inserted(event_ms, tenths[:, PM2_5])
    block.truth.add_kinds({"late": len(places)})
    batch = Batch(device, event_ms, event_ms, received_ms, tenths / 10.0, wind)
    return _Part(render(block.devices, batch, LATE_ID), received_ms)


def _corrected(plan: Plan, block: _Block, places: IntArray, rng: np.random.Generator) -> _Part:
    """Correct messages of the first delivery once more; those it corrected itself lose their correction."""
    figures = block.figures
    received_ms = _received(plan, len(places), rng)
    tenths = figures.tenths[places].copy()
    tenths[:, PM2_5] += rng.integers(*CORRECTION_TENTHS, size=len(places)) + CORRECTION_TENTHS[1]
    held = figures.pm2_5.copy()
    held[block.plan.corrected_of] = held[block.plan.corrected]
    block.truth.add_updated(figures.event_ms[places], tenths[:, PM2_5] - held[places])
    block.truth.add_kinds({"corrected": len(places)})
    batch = Batch(
        figures.device[places],
        figures.sequence_ms[places],
        figures.event_ms[places],
        received_ms,
        tenths / 10.0,
        figures.wind[places],
    )
    return _Part(render(block.devices, batch), received_ms)


def _repeated(plan: Plan, block: _Block, places: IntArray, rng: np.random.Generator) -> _Part:
    """Send messages of the first delivery again, byte by byte."""
    batch = block.figures.batch()
    chosen = Batch(*(column[places] for column in vars(batch).values()))
    block.truth.add_duplicates(len(places))
    block.truth.add_kinds({"duplicate": len(places)})
    return _Part(render(block.devices, chosen), _received(plan, len(places), rng))


def _received(plan: Plan, count: int, rng: np.random.Generator) -> IntArray:
    begin = plan.start_ms + plan.period_ms + DELAY_MS
    return np.sort(rng.integers(begin, begin + SPREAD_MS, size=count)).astype(np.int64)
