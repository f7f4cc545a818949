"""The machine's clock: it tells the time, and never sleeps for less than nothing."""

import time

import pytest

from orchestrator.aws.clock import SystemClock


def test_it_tells_the_time_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", lambda: 12.5)
    assert SystemClock().now() == 12.5


@pytest.mark.parametrize(("seconds", "slept"), [(1.5, 1.5), (0, 0.0), (-3, 0.0)])
def test_it_sleeps_as_long_as_it_is_told(
    monkeypatch: pytest.MonkeyPatch, seconds: float, slept: float
) -> None:
    found: list[float] = []
    monkeypatch.setattr(time, "sleep", found.append)
    SystemClock().sleep(seconds)
    assert found == [slept]
