"""A few real processes killed. Many of them: scripts/bench reliability processes."""

import secrets
from pathlib import Path

import pytest
from typer.testing import CliRunner

from benchmarks.emr_chaos.requests import launch_request
from benchmarks.orchestrator_chaos import processes
from benchmarks.orchestrator_chaos.processes import Shop, Tally, broken, series
from benchmarks.orchestrator_chaos.simulation import Simulation, planned_application
from benchmarks.reliability import app
from orchestrator.engine.documents import encode
from orchestrator.engine.leases import Lease
from orchestrator.identity import Token, named


def test_no_law_breaks_whatever_moment_processes_are_killed_at(tmp_path: Path) -> None:
    shop = Shop(tmp_path, secrets.token_hex(4))
    try:
        tally = series(shop, 6, 11)
    finally:
        shop.aws.close()
    assert tally.broken == []
    assert tally.stories["run application"] >= 1
    assert tally.kills.total() >= 6
    assert tally.processes > tally.kills.total()
    assert set(tally.ends) <= {"succeeded", "cancelled"}


def test_what_is_there_twice_or_not_given_back_is_told() -> None:
    simulation = Simulation()
    for _ in range(2):
        simulation.emr.call("RunJobFlow", launch_request(named("x", Token("a" * 20))))
    simulation.s3.objects["_state/leases/1.json"] = encode(Lease("s3://lake/a", "r1", 1, 1, 0, "1"))
    told = broken(processes.Account(simulation.emr, simulation.s3), Tally())
    assert f"2 times there: {named('x', Token('a' * 20))}" in told
    assert "s3://lake/a: its lease is still r1's" in told


@pytest.mark.parametrize("laws", [[], ["a law"]])
def test_counts_and_seed_are_printed(monkeypatch: pytest.MonkeyPatch, laws: list[str]) -> None:
    def played(_shop: Shop, kills: int, _seed: int) -> Tally:
        tally = Tally(processes=9, broken=laws)
        tally.kills["before RunJobFlow"] = kills
        return tally

    monkeypatch.setattr(processes, "series", played)
    result = CliRunner().invoke(app, ["processes", "--kills", "4", "--seed", "7"])
    assert result.exit_code == len(laws)
    assert f"killed {'before RunJobFlow':32}      4" in result.stdout
    assert f"4 kills, 9 processes: {len(laws)} broke a law" in result.stdout
    assert result.stdout.endswith("seed 7\n")


def test_an_application_that_is_there_twice_is_told() -> None:
    simulation = Simulation()
    simulation.open_serverless()
    assert simulation.serverless is not None
    request = dict(planned_application("app").request or {})
    for token in ("one", "two"):
        simulation.serverless.call("CreateApplication", {**request, "clientToken": token})
    account = processes.Account(simulation.emr, simulation.s3, simulation.serverless)
    assert f"2 times there: {request['name']}" in broken(account, Tally())
