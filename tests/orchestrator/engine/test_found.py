"""Schedules that the drawn search has found to break a law, once."""

import pytest

from benchmarks.orchestrator_chaos.calls import Fault
from benchmarks.orchestrator_chaos.search import Schedule, Tally, play

# Told that a run was cancelled and begun again by another user, one runs the command again.
OVERTAKEN = Schedule(
    "cancelled",
    actors=3,
    seed="1/36504",
    list_lag_s=60,
    faults={
        ("user 0", "get_object#2"): Fault.REFUSED,
        ("user 0", 8): Fault.CRASH_AFTER,
        ("user 1", "put_object#10"): Fault.CRASH_AFTER,
        ("user 1", 0): Fault.SLOW,
    },
)
# Two see a cancelled run to its end, a third opens it again in between: the slower one ended the new life.
ENDED_BY_A_FORMER_CANCEL = Schedule(
    "cancelled",
    actors=3,
    seed="1/42597",
    list_lag_s=56,
    faults={
        ("user 0", 15): Fault.CRASH_AFTER,
        ("canceller", 4): Fault.THROTTLED,
        ("user 1", 2): Fault.THROTTLED,
        ("user 1", 0): Fault.SLOW,
    },
)


@pytest.mark.parametrize("schedule", [OVERTAKEN, ENDED_BY_A_FORMER_CANCEL], ids=lambda each: each.seed)
def test_what_was_found_stays_mended(schedule: Schedule) -> None:
    tally = Tally()
    play(schedule, tally)
    assert tally.broken == []
