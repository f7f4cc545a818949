"""Invent a delivery from a plan: any number of devices, with every trouble that a delivery can have."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Final

import numpy as np

from ingestion.devices import damage
from ingestion.devices.blocks import Figures, make_figures
from ingestion.devices.curves import make_devices
from ingestion.devices.delivery import Outlet
from ingestion.devices.faults import Line, Sound, break_message, cut_message
from ingestion.devices.plan import BlockPlan, Plan, plan_blocks
from ingestion.devices.render import render, with_unknown_fields
from ingestion.devices.truth import IntArray, MadeBy, Truth

Progress = Callable[[int], None]
"""Called with the number of messages made since the last call."""

DISPLACED_BY: Final = 4  # a message out of order moves by up to a quarter of its block
TRUNCATED: Final = "truncated_object"
MALFORMED: Final = "malformed_json"


@dataclass(frozen=True)
class Made:
    """One block as text: a line for each place (none where an object is damaged), damaged objects apart."""

    lines: list[Line | None]
    damaged: list[tuple[int, bytes]]


def simulate(plan: Plan, delivery: Outlet, progress: Progress = lambda _: None) -> Truth:
    """Deliver what a plan says and return what was put into it.

    Raises:
        SourceError: an object of the same name holds other bytes.
    """
    truth = Truth(MadeBy("synthetic", asdict(plan)))
    devices = make_devices(plan.seed, plan.devices)
    for block, rng in plan_blocks(plan):
        figures = make_figures(plan, block, devices, rng)
        made = _make_lines(block, figures, render(devices, figures.batch()))
        order, displaced = _order(plan, block, rng)
        lines = [line for place in order if (line := made.lines[place]) is not None]
        glued = _glued(
            lines, plan.share(plan.whole(plan.rates.glue), block.first, block.first + block.size), rng
        )
        delivery.add(_end_lines(lines, glued), figures.arrival_ms.tolist()[: len(lines)])
        for place, content in made.damaged:
            delivery.add_damaged(content, int(figures.arrival_ms[place]))
        _count(truth, block, figures)
        truth.add_kinds({"out_of_order": displaced, "glued": len(glued)})
        progress(block.size)
    truth.delivered = delivery.close()
    return truth


def _make_lines(block: BlockPlan, figures: Figures, texts: list[bytes]) -> Made:
    for place, source in zip(block.repeated.tolist(), block.repeated_of.tolist(), strict=True):
        texts[place] = texts[source]
    for number, place in enumerate(block.rescued.tolist(), start=block.first):
        texts[place] = with_unknown_fields(texts[place], number)
    lines: list[Line | None] = [*map(Line, texts)]
    for place, reason, number in _faulty_places(block):
        if reason != TRUNCATED:
            lines[place] = break_message(reason, number, Sound(texts[place], int(figures.received_ms[place])))
    damaged = _damage_objects(block, texts, lines)
    return Made(lines, damaged)


def _faulty_places(block: BlockPlan) -> Iterator[tuple[int, str, int]]:
    for reason, (places, first_number) in block.faulty.items():
        for number, place in enumerate(places.tolist(), start=first_number):
            yield place, reason, number


def _damage_objects(
    block: BlockPlan, texts: list[bytes], lines: list[Line | None]
) -> list[tuple[int, bytes]]:
    """Make the damaged objects out of their survivors; their places give no line of their own.

    Ways alternate: lines that stay whole, no bytes at all, a cut within a line. The last takes the place of
    one malformed message, for its partial line is one.
    """
    places, first_number = block.faulty.get(TRUNCATED, (np.empty(0, np.int64), 0))
    malformed = block.faulty.get(MALFORMED, (np.empty(0, np.int64), 0))[0].tolist()
    ways = len(damage.WAYS) + 2
    damaged = []
    shares = np.array_split(block.survivors, max(len(places), 1))
    for number, (place, share) in enumerate(zip(places.tolist(), shares, strict=False), start=first_number):
        way = number % ways
        if way == len(damage.WAYS):
            damaged.append((place, b""))
        else:
            kept = b"".join(texts[survivor] + b"\n" for survivor in share.tolist())
            if way > len(damage.WAYS) and malformed:
                broken = malformed.pop()
                content = damage.cut_in_line(kept, cut_message(texts[broken]))
                lines[broken] = None
            else:
                content = damage.WAYS[way % len(damage.WAYS)](kept)
            damaged.append((place, content))
            for survivor in share.tolist():
                lines[survivor] = None
        lines[place] = None
    return damaged


def _order(plan: Plan, block: BlockPlan, rng: np.random.Generator) -> tuple[list[int], int]:
    """Put the places in the order of their delivery; tell how many were displaced."""
    count = plan.share(plan.whole(plan.rates.out_of_order), block.first, block.first + block.size)
    rank = np.arange(block.size, dtype=np.int64)
    if not count:
        return rank.tolist(), 0
    chosen = rng.permutation(block.size)[:count]
    reach = max(block.size // DISPLACED_BY, 1)
    rank[chosen] += rng.integers(1, reach + 1, size=count)
    order: list[int] = np.argsort(rank, kind="stable").tolist()
    return order, count


def _glued(lines: Sequence[Line], count: int, rng: np.random.Generator) -> set[int]:
    """Choose lines that lose their end; only where both sides still read as what they are."""
    if not count:
        return set()
    chosen = np.sort(rng.permutation(len(lines) - 1)[:count]).tolist() if len(lines) > 1 else []
    return {
        place
        for place in chosen
        if not lines[place].loses_rest
        and lines[place].data.endswith(b"}")
        and lines[place + 1].data.startswith(b"{")
    }


def _end_lines(lines: Sequence[Line], glued: set[int]) -> list[bytes]:
    ended = [line.data + b"\n" for line in lines]
    for place in glued:
        ended[place] = lines[place].data
    for place, line in enumerate(lines):
        if line.follows and place and not lines[place - 1].loses_rest:
            ended[place - 1] = lines[place - 1].data
    return ended


def _count(truth: Truth, block: BlockPlan, figures: Figures) -> None:
    keys: IntArray = figures.keys
    truth.add_inserted(figures.event_ms[keys], figures.pm2_5[keys])
    truth.add_duplicates(len(block.repeated))
    change = figures.pm2_5[block.corrected] - figures.pm2_5[block.corrected_of]
    truth.add_corrected(figures.event_ms[block.corrected], change)
    quarantined = {reason: len(places) for reason, (places, _) in block.faulty.items() if len(places)}
    truth.add_quarantined(quarantined)
    truth.add_kinds(
        {
            "regular": len(keys) - len(block.late) - len(block.rescued),
            "late": len(block.late),
            "duplicate": len(block.repeated),
            "corrected": len(block.corrected),
            "rescued": len(block.rescued),
            "faulty": sum(quarantined.values()),
        }
    )
