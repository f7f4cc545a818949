"""The command: figures, seeds that broke a law, and the exit code."""

import pytest
from typer.testing import CliRunner

from benchmarks import reliability
from benchmarks.ledger_chaos import command
from benchmarks.ledger_chaos.search import Tally


def test_figures_are_told_and_no_law_is_broken() -> None:
    told = CliRunner().invoke(reliability.app, ["ledger", "--events", "100", "--seeds", "2", "--seed", "5"])
    assert told.exit_code == 0, told.output
    assert told.output.splitlines()[-1].startswith("2 seeds, ")


def test_a_broken_law_is_told_with_its_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(seed: str, _events: int, tally: Tally, consumers: int) -> None:
        tally.broken.append((seed, [f"lost with {consumers}"]))

    monkeypatch.setattr(command, "play", broken)
    told = CliRunner().invoke(reliability.app, ["ledger", "--seeds", "1", "--seed", "9", "--consumers", "3"])
    assert (told.exit_code, told.output.splitlines()[-1]) == (1, "seed 9: lost with 3")
