from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.devices.errors import UsageError
from ingestion.devices.plan import BLOCK_SLOTS, BlockPlan, Rates, blocks, plan_blocks
from tests.ingestion.deliveries import small_plan


@given(messages=st.integers(1, 10 * BLOCK_SLOTS))
def test_blocks_hold_every_slot_once_and_none_is_too_large(messages: int) -> None:
    cut = list(blocks(messages))
    assert [first for first, _ in cut] == [0, *(end for _, end in cut[:-1])]
    assert cut[-1][1] == messages
    assert max(end - first for first, end in cut) <= BLOCK_SLOTS


@given(total=st.integers(0, 10**6), messages=st.integers(1, 10 * BLOCK_SLOTS))
def test_the_shares_of_all_blocks_add_up(total: int, messages: int) -> None:
    plan = small_plan(messages, rates=Rates())
    assert sum(plan.share(total, first, end) for first, end in blocks(messages)) == total


def test_every_place_of_a_block_is_planned_once() -> None:
    ((block, _),) = plan_blocks(small_plan(500, faults={"truncated_object": 3, "bad_encoding": 9}))
    assert sorted(_places(block)) == list(range(500))
    assert len(block.survivors) == 9


def test_what_repeats_or_corrects_comes_after_its_original() -> None:
    ((block, _),) = plan_blocks(small_plan(500))
    assert (block.corrected > block.corrected_of).all()
    assert (block.repeated > block.repeated_of).all()


def test_a_block_is_planned_the_same_again() -> None:
    one, two = (list(plan_blocks(small_plan(500))) for _ in range(2))
    assert _places(one[0][0]) == _places(two[0][0])
    assert one[0][1].integers(1 << 60) == two[0][1].integers(1 << 60)


def test_slots_are_spread_evenly_from_the_start() -> None:
    plan = small_plan(48)
    times = plan.slot_ms(np.arange(48))
    assert times[0] == 1_709_251_200_000
    assert set(np.diff(times).tolist()) == {3_600_000}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"devices": 0}, "--devices: expected 1 or more, got 0"),
        ({"messages": 0}, "--messages: expected 1 or more, got 0"),
        ({"seed": -1}, "--seed: expected 0 or more, got -1"),
        ({"hours": 0.0}, "expected a period within 2000-02-01 and 2099-12-01, got 0.0 hours"),
        ({"start": datetime(1999, 1, 1, tzinfo=UTC)}, "expected a period within"),
        ({"start": datetime(2099, 12, 1, tzinfo=UTC)}, "expected a period within"),
        ({"hours": 0.001}, "expected at most one message per device and millisecond, 39600 here, got 40000"),
        ({"faults": {"late": 1}}, "faults: expected reasons among truncated_object, .*, got late"),
        ({"rates": Rates(duplicate=0.6)}, r"got 48000 of 40000: each|got 24000 of 20000: each"),
        ({"faults": {"bad_encoding": 40_001}}, "expected 2 x .* to be at most all messages"),
    ],
)
def test_a_plan_that_cannot_be_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        replace(small_plan(40_000), **changes)


@pytest.mark.parametrize("rate", [-0.1, 1.1, float("nan")])
def test_a_rate_is_a_share(rate: float) -> None:
    with pytest.raises(UsageError, match="--out-of-order-rate: expected 0 to 1, got"):
        Rates(out_of_order=rate)


def _places(block: BlockPlan) -> list[int]:
    parts = [
        block.corrected_of,
        block.corrected,
        block.repeated_of,
        block.repeated,
        block.late,
        block.rescued,
    ]
    parts += [places for places, _ in block.faulty.values()]
    return [int(place) for part in (*parts, block.survivors, block.regular) for place in part]
