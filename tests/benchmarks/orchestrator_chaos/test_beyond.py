"""Beyond the bounds: what is there twice ends, by whoever was overtaken or else by the reaper.

More of it: scripts/bench reliability orchestrator --beyond.
"""

from collections.abc import Iterator
from typing import Any

import pytest

from benchmarks.orchestrator_chaos import laws
from benchmarks.orchestrator_chaos.beyond import Schedule, Tally, drawn, play
from benchmarks.orchestrator_chaos.calls import Fault, Script
from benchmarks.orchestrator_chaos.scenarios import SCENARIOS
from benchmarks.orchestrator_chaos.simulation import Circumstances, Simulation
from orchestrator.engine import leases, once
from orchestrator.engine.deeds import ENDED
from orchestrator.engine.drive import Drive
from orchestrator.verbs.reap import Reaper

OVERTAKEN: Script = {("user 0", "run_job_flow#0"): Fault.PAUSED}
DEAD: Script = {("user 0", "run_job_flow#0"): Fault.PAUSED_TO_DEATH}
LAUNCH = Schedule("paused", "launch", 2, "0", 0, DEAD)
# The step of whoever has taken the table goes on for long enough to meet the one that is late.
RIVALS = Schedule("paused", "rivals", 2, "0", 0, OVERTAKEN, (10.0, 30.0))


def test_what_is_there_twice_ends_and_runs_end_in_schedules_that_are_drawn() -> None:
    tally = Tally()
    for schedule in drawn(150, seed=3):
        play(schedule, tally)
    assert tally.broken == []
    assert set(tally.schedules) == {"paused", "behind", "both"}
    assert min(tally.clusters, tally.steps, tally.together_s, tally.of_one_run) > 0
    assert set(tally.ends) <= {"succeeded", "failed", "cancelled", "running"}


@pytest.mark.parametrize(
    ("scenario", "operation", "undone"),
    [
        ("launch", "run_job_flow", "terminate_job_flows"),
        ("own", "run_job_flow", "terminate_job_flows"),
        ("given", "add_job_flow_steps", "cancel_steps"),
    ],
)
def test_who_is_overtaken_undoes_its_own(scenario: str, operation: str, undone: str) -> None:
    script: Script = {("user 0", f"{operation}#0"): Fault.PAUSED}
    simulation = Simulation(Circumstances("0"), script)
    scene = SCENARIOS[scenario](simulation, 2)
    simulation.play(scene.actors)
    simulation.emr.advance(600)
    assert [*laws.errors(scene.actors), *laws.orphans(simulation)] == []
    assert any("2 times there" in law for law in laws.broken(simulation, scene.actors))
    assert undone in simulation.wires["user 0"].calls


def test_where_nobody_undoes_it_the_reaper_does() -> None:
    tally = Tally()
    simulation = play(LAUNCH, tally)
    assert (tally.broken, tally.clusters) == ([], 1)
    assert 0 < tally.together_s <= 120 + 300 + 60
    assert "terminate_job_flows" in simulation.wires["reaper"].calls
    states = [cluster.status.state for cluster in simulation.emr.world.clusters.values()]
    assert set(states) <= ENDED


def test_without_a_reaper_a_cluster_too_many_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Reaper, "reap", lambda *_args, **_how: None)
    tally = Tally()
    play(LAUNCH, tally)
    [(_, broken)] = tally.broken
    assert any("lives, and nobody knows" in law for law in broken)
    assert any("lived beside each other for" in law for law in broken)


def test_who_has_lost_its_table_while_it_slept_ends_what_it_has_begun_before_it_writes() -> None:
    tally = Tally()
    simulation = play(RIVALS, tally)
    assert (tally.broken, tally.of_two_runs) == ([], 0)
    assert "terminate_job_flows" in simulation.wires["user 0"].calls


def test_without_looking_at_the_lease_after_the_call_two_runs_write_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Drive, "begin", lambda drive, deed: once.do_once(drive.edge, deed, drive.until))
    tally = Tally()
    play(RIVALS, tally)
    assert any("written at once" in law for _, broken in tally.broken for law in broken)


def test_a_run_that_has_no_end_or_a_failure_without_a_name_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_end(*_args: Any, **_how: Any) -> Iterator[str]:
        raise leases.LostLeaseError("always")

    monkeypatch.setattr(leases, "acquire", no_end)
    tally = Tally()
    play(RIVALS, tally)
    [(_, broken)] = tally.broken
    assert any("had no end" in law for law in broken)


def test_the_same_seed_gives_the_same_schedules_told_so_that_they_can_be_played_again() -> None:
    assert [str(each) for each in drawn(20, 1)] == [str(each) for each in drawn(20, 1)]
    assert (
        str(RIVALS)
        == "paused: rivals actors=2 seed=0 lag=0 minutes=(10.0, 30.0) ['user 0:run_job_flow#0:paused']"
    )
