"""The command: figures, seeds that broke a law, and the exit code."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from benchmarks import reliability
from benchmarks.road_chaos import command
from benchmarks.road_chaos.series import Plan, Tally


@pytest.mark.parametrize("laws", [[], ["lost"]])
def test_counts_and_seeds_are_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, laws: list[str]) -> None:
    def played(plan: Plan, folder: Path, tally: Tally) -> None:
        assert folder.is_dir()
        tally.runs += 1
        tally.messages += plan.messages
        tally.struck["driver after PUT _runs 1"] += 1
        tally.missed.append(f"consumer before RunJobFlow 1 (seed {plan.seed})")
        tally.broken += [(plan.seed, law) for law in laws]

    monkeypatch.setattr(command, "packed", lambda folder: folder / "transform.zip")
    monkeypatch.setattr(command, "play", played)
    arguments = ["road", "--source", str(tmp_path), "--runs", "2", "--seed", "5", "--messages", "1000"]
    told = CliRunner().invoke(reliability.app, arguments)
    assert told.exit_code == len(laws), told.output
    lines = told.stdout.splitlines()
    assert f"killed {'driver after PUT _runs 1':44}    2" in lines
    assert (
        "never came to: consumer before RunJobFlow 1 (seed 5), consumer before RunJobFlow 1 (seed 6)" in lines
    )
    broken = [f"seed {seed}: {law}" for seed in (5, 6) for law in laws]
    assert lines[-1 - len(broken)].endswith(f"2 kills: {len(broken)} broke a law")
    assert lines[len(lines) - len(broken) :] == broken
