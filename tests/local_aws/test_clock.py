"""Clocks."""

import pytest

from local_aws import clock as module
from local_aws.clock import clock


@pytest.mark.parametrize(("speed", "milliseconds"), [(1.0, 2500), (60.0, 150_000), (0.1, 250)])
def test_a_clock_begins_now_and_runs_at_its_speed(
    monkeypatch: pytest.MonkeyPatch, speed: float, milliseconds: int
) -> None:
    monkeypatch.setattr(module, "time", lambda: 1_700_000_000.0)
    instants = iter([10.0, 10.0, 12.5])
    monkeypatch.setattr(module, "monotonic", lambda: next(instants))
    made = clock(speed)
    assert made() == 1_700_000_000_000
    assert made() == 1_700_000_000_000 + milliseconds
