"""A share of the long series: faults at every call, schedules at random.

All of it: scripts/bench reliability orchestrator.
"""

from collections import Counter

import pytest

from benchmarks.orchestrator_chaos.calls import Fault
from benchmarks.orchestrator_chaos.scenarios import SCENARIOS
from benchmarks.orchestrator_chaos.search import MOST_FAULTS, Schedule, Tally, drawn, exhaustive, play


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_no_law_breaks_whatever_strikes_any_call(scenario: str) -> None:
    tally = Tally()
    exhaustive(scenario, 1, tally)
    assert tally.broken == []
    assert {fault for _, fault in tally.struck} == {"crash before", "crash after", "lost answer", "throttled"}


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_no_law_breaks_whatever_strikes_any_two_calls(scenario: str) -> None:
    tally = Tally()
    exhaustive(scenario, 2, tally, stride=211)
    assert tally.broken == []
    assert tally.schedules[f"{scenario}, depth 2"] > 0


def test_no_law_breaks_in_schedules_that_are_drawn() -> None:
    tally = Tally()
    for schedule in drawn(600, seed=7):
        play(schedule, tally)
    assert tally.broken == []
    assert {operation for operation, _ in tally.struck} >= {
        "run_job_flow",
        "add_job_flow_steps",
        "put_object",
    }


def test_schedules_are_of_all_kinds_and_the_same_from_the_same_seed() -> None:
    schedules = list(drawn(500, seed=1))
    assert [str(each) for each in schedules] == [str(each) for each in drawn(500, seed=1)]
    assert {each.scenario for each in schedules} == set(SCENARIOS)
    assert {each.actors for each in schedules} == {1, 2, 3, 4}
    assert max(len(each.faults) for each in schedules) == MOST_FAULTS
    assert {0, 60} < {each.list_lag_s for each in schedules}
    assert {each.strangers > 0 for each in schedules} == {True, False}


def test_the_same_schedule_is_the_same_simulation() -> None:
    schedule = Schedule("rivals", 3, "5", faults={("user 1", "put_object#2"): Fault.LOST})
    first, second = (play(schedule, Tally()) for _ in range(2))
    assert first.emr.world.trace == second.emr.world.trace
    assert first.s3.objects == second.s3.objects


def test_what_broke_is_told_with_what_plays_it_again() -> None:
    schedule = Schedule("own", 2, "3", faults={("user 0", 4): Fault.LOST})
    assert str(schedule) == "own actors=2 seed=3 lag=60 strangers=0 ['user 0:4:lost answer']"
    tally = Tally(Counter({"drawn": 2}), calls=10, broken=[(schedule, ["a law"])])
    assert list(tally.lines())[-1] == "2 schedules, 10 calls, 0 faults: 1 broke a law"
