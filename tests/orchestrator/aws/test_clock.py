"""The machine's clock, as the orchestrator takes it."""

import time

import pytest

from orchestrator.aws.clock import SystemClock


def test_it_is_the_machines(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr(time, "time", lambda: 12.5)
    monkeypatch.setattr(time, "sleep", slept.append)
    clock = SystemClock()
    clock.sleep(3)
    clock.sleep(-1)
    assert (clock.now(), slept) == (12.5, [3, 0.0])
