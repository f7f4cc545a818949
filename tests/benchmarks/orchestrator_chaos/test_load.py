"""Days of many jobs: all of them succeed, below EMR's rates."""

import pytest

from benchmarks.orchestrator_chaos.load import Load, day


@pytest.mark.parametrize("is_one_process", [True, False])
def test_a_day_of_jobs_ends_well_below_the_rates(is_one_process: bool) -> None:
    load = day(60, 20, 1, is_one_process=is_one_process)
    assert (load.succeeded, load.throttled, load.broken) == (60, 0, [])
    assert load.calls["add_job_flow_steps"] == 60
    # Pages instead of calls: far less than a look at each step every half minute would be.
    assert load.calls["list_steps"] < 60 * 20
    assert load.lines()[0].startswith("60 jobs on 20 clusters, ")


def test_a_burst_is_served_by_one_process_without_a_throttle() -> None:
    load: Load = day(100, 10, 2, is_one_process=True, span_s=600)
    assert (load.succeeded, load.throttled, load.broken) == (100, 0, [])
