"""Each guard of the engine is needed: without it a law breaks that holds with it."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from benchmarks.orchestrator_chaos import search
from benchmarks.orchestrator_chaos.calls import Fault, Script
from benchmarks.orchestrator_chaos.memory_s3 import MemoryS3
from benchmarks.orchestrator_chaos.search import Schedule, Tally, play
from benchmarks.orchestrator_chaos.simulation import BOUNDS
from orchestrator.aws.emr import Emr
from orchestrator.aws.retrying import Retrying
from orchestrator.engine import ending, leases, once, shared
from orchestrator.engine.edge import Bounds
from orchestrator.plans import remaining

LOST_LAUNCH: Script = {("user 0", "run_job_flow#0"): Fault.LOST}
LOST_STEP: Script = {("user 0", "add_job_flow_steps#0"): Fault.LOST}
CRASHED_LAUNCH: Script = {("user 0", "run_job_flow#0"): Fault.CRASH_AFTER}
Patch = Callable[[pytest.MonkeyPatch], None]


def bounds(monkeypatch: pytest.MonkeyPatch, **changed: float) -> None:
    monkeypatch.setattr(search, "BOUNDS", replace(BOUNDS, **changed))


def no_settling(monkeypatch: pytest.MonkeyPatch) -> None:
    bounds(monkeypatch, list_lag_s=0, call_s=0)


def no_second_page(monkeypatch: pytest.MonkeyPatch) -> None:
    def first_page(self: Emr, operation: str, member: str, asked: Any, until: float) -> list[Any]:
        method = getattr(
            self._reading, {"ListClusters": "list_clusters", "ListSteps": "list_steps"}[operation]
        )
        answer = self._retrying.read(operation, lambda: method(**asked), until)
        return list(answer[member])

    monkeypatch.setattr(Emr, "_pages", first_page)


def no_waiting_for_another_claim(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Bounds, "takeover_s", property(lambda _self: 0.0))


def no_conditions_on_puts(monkeypatch: pytest.MonkeyPatch) -> None:
    put = MemoryS3.put_object

    def put_always(self: MemoryS3, **asked: Any) -> dict[str, Any]:
        return put(self, Key=asked["Key"], Body=asked["Body"])

    monkeypatch.setattr(MemoryS3, "put_object", put_always)


def writes_repeated_like_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Retrying, "write", Retrying.read)


def record_before_the_call(monkeypatch: pytest.MonkeyPatch) -> None:
    act = once._act

    def record_first(edge: Any, deed: Any, turn: Any, mine: set[str], until: float) -> Any:
        once._record(edge, deed, turn, "j-UNKNOWN", until)
        return act(edge, deed, turn, mine, until)

    monkeypatch.setattr(once, "_act", record_first)


def no_looking_for_the_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(once, "_seen", lambda *_args: False)
    monkeypatch.setattr("orchestrator.engine.deeds.ClusterDeed.find", lambda *_args: [])


def no_lease(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leases, "_is_ours_to_take", lambda *_args: True)
    monkeypatch.setattr(leases, "hold", lambda *_args: None)


def leases_taken_from_runs_that_still_write(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orchestrator.engine.activity.is_active", lambda *_args: False)
    bounds(monkeypatch, lease_s=1)


def nothing_closed_when_cancelled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ending, "close", lambda edge, deed, until: once.done(edge, deed.token, until))


def no_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared, "ready", remaining)


GUARDS: list[tuple[Patch, Sequence[Schedule]]] = [
    (no_settling, [Schedule("launch", faults=LOST_LAUNCH)]),
    (
        no_second_page,
        [Schedule("launch", seed=str(seed), strangers=80, faults=LOST_LAUNCH) for seed in range(5)],
    ),
    (no_waiting_for_another_claim, [Schedule("launch", 2)]),
    (no_conditions_on_puts, [Schedule("launch", 4, seed=str(seed)) for seed in range(5)]),
    (writes_repeated_like_reads, [Schedule("given", faults=LOST_STEP)]),
    (record_before_the_call, [Schedule("own", faults={("user 0", "run_job_flow#0"): Fault.CRASH_BEFORE})]),
    (no_looking_for_the_token, [Schedule("launch", faults=CRASHED_LAUNCH)]),
    (no_lease, [Schedule("rivals", 2)]),
    (leases_taken_from_runs_that_still_write, [Schedule("rivals", 3, seed=str(seed)) for seed in range(5)]),
    (no_order, [Schedule("given")]),
]


def broken(schedules: Sequence[Schedule]) -> list[str]:
    tally = Tally()
    for schedule in schedules:
        play(schedule, tally)
    return [law for _, found in tally.broken for law in found]


@pytest.mark.parametrize(("remove", "schedules"), GUARDS, ids=[guard.__name__ for guard, _ in GUARDS])
def test_a_guard_that_is_removed_breaks_a_law_that_holds_with_it(
    remove: Patch, schedules: Sequence[Schedule], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert broken(schedules) == []
    remove(monkeypatch)
    assert broken(schedules) != []
