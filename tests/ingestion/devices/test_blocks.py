from dataclasses import replace

import numpy as np

from ingestion.devices.blocks import PM2_5, Figures, make_figures
from ingestion.devices.curves import make_devices
from ingestion.devices.plan import BlockPlan, plan_blocks
from tests.ingestion.deliveries import small_plan

DAY_MS = 86_400_000


def _block(hours: float = 48.0) -> tuple[BlockPlan, Figures]:
    plan = replace(small_plan(2_000, faults={"bad_encoding": 30}), hours=hours)
    ((block, rng),) = plan_blocks(plan)
    return block, make_figures(plan, block, make_devices(plan.seed, plan.devices), rng)


def test_keys_are_the_places_with_an_event_of_their_own() -> None:
    block, figures = _block()
    others = [*block.corrected.tolist(), *block.repeated.tolist(), *block.faulty["bad_encoding"][0].tolist()]
    assert sorted([*figures.keys.tolist(), *others]) == list(range(2_000))
    keys = zip(figures.device[figures.keys].tolist(), figures.sequence_ms[figures.keys].tolist(), strict=True)
    assert len(set(keys)) == len(figures.keys)


def test_a_correction_has_the_key_and_the_time_of_its_original_and_is_received_later() -> None:
    block, figures = _block(hours=0.001)  # so dense that a correction may be sent before its original arrives
    for column in (figures.device, figures.sequence_ms, figures.event_ms):
        assert (column[block.corrected] == column[block.corrected_of]).all()
    assert (figures.received_ms[block.corrected] > figures.received_ms[block.corrected_of]).all()
    assert (figures.pm2_5[block.corrected] > figures.pm2_5[block.corrected_of]).all()


def test_late_messages_lie_one_to_three_days_before_they_are_received() -> None:
    block, figures = _block()
    delay = figures.received_ms - figures.event_ms
    assert ((delay[block.late] >= DAY_MS) & (delay[block.late] <= 3 * DAY_MS + 9_000)).all()
    assert (delay[block.regular] <= 9_000).all()


def test_arrivals_never_go_back() -> None:
    _, figures = _block(hours=0.001)
    assert (np.diff(figures.arrival_ms) >= 0).all()


def test_sensors_leave_out_a_reading_now_and_then_but_never_what_is_summed_up() -> None:
    _, figures = _block()
    gaps = np.isnan(figures.batch().values)
    assert gaps.sum() > 0
    assert not gaps[:, PM2_5].any()
