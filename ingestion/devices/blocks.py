"""The figures behind one block of slots, and which of its messages make rows: all before any text."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from ingestion.devices.curves import Devices, Tenths, readings
from ingestion.devices.message import METRICS, WIND_DIRECTIONS
from ingestion.devices.plan import BlockPlan, Plan
from ingestion.devices.render import Batch
from ingestion.devices.truth import DAY_MS, IntArray

PM2_5: Final = METRICS.index("pm2_5")
LATENCY_MS: Final = (1_000, 9_000)
LATE_MS: Final = (DAY_MS, 3 * DAY_MS)
CORRECTION_TENTHS: Final = (1, 51)
GAP_ONE_IN: Final = 1_000  # readings of a metric that a sensor leaves out; never pm2_5, which is summed up


@dataclass(frozen=True)
class Figures:
    """Figures of every slot of a block; `keys` are the places of messages whose key is their own."""

    device: IntArray
    sequence_ms: IntArray
    event_ms: IntArray
    received_ms: IntArray
    arrival_ms: IntArray
    tenths: Tenths
    gaps: IntArray
    wind: IntArray
    keys: IntArray

    @property
    def pm2_5(self) -> IntArray:
        """The readings of pm2_5 in tenths."""
        column: IntArray = self.tenths[:, PM2_5]
        return column

    def batch(self) -> Batch:
        """Give the figures as they are rendered, gaps put in."""
        values = self.tenths / 10.0
        places = np.flatnonzero(self.gaps > PM2_5)
        values[places, self.gaps[places]] = np.nan
        return Batch(self.device, self.sequence_ms, self.event_ms, self.received_ms, values, self.wind)


def make_figures(plan: Plan, block: BlockPlan, devices: Devices, rng: np.random.Generator) -> Figures:
    """Draw the figures of a block; corrections take over what they correct, later and with other values."""
    slot = np.arange(block.first, block.first + block.size, dtype=np.int64)
    device = slot % plan.devices
    sent_ms = plan.slot_ms(slot)
    received_ms = sent_ms + rng.integers(*LATENCY_MS, size=block.size)
    arrival_ms = np.sort(received_ms)
    event_ms = sent_ms.copy()
    event_ms[block.late] -= rng.integers(*LATE_MS, size=len(block.late))
    tenths = readings(devices, device, event_ms, rng)
    drawn = rng.integers(0, GAP_ONE_IN, size=block.size)
    figures = Figures(
        device=device,
        sequence_ms=sent_ms.copy(),
        event_ms=event_ms,
        received_ms=received_ms,
        arrival_ms=arrival_ms,
        tenths=tenths,
        gaps=np.where(drawn < len(METRICS), drawn, -1),
        wind=rng.integers(0, len(WIND_DIRECTIONS), size=block.size),
        keys=_own_keys(block),
    )
    _take_over(figures, block.corrected_of, block.corrected)
    change = rng.integers(*CORRECTION_TENTHS, size=len(block.corrected))
    tenths[block.corrected, PM2_5] += change
    received_ms[block.corrected] = np.maximum(
        received_ms[block.corrected], received_ms[block.corrected_of] + 1
    )
    return figures


def _own_keys(block: BlockPlan) -> IntArray:
    parts = (block.regular, block.late, block.rescued, block.survivors, block.corrected_of, block.repeated_of)
    return np.sort(np.concatenate(parts))


def _take_over(figures: Figures, source: IntArray, target: IntArray) -> None:
    for column in (figures.device, figures.sequence_ms, figures.event_ms, figures.tenths):
        column[target] = column[source]
