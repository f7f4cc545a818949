"""The comparison of the embedded EMR, small."""

import pytest
import typer
from typer.testing import CliRunner

from benchmarks import local_emr


def test_the_command_prints_speeds_and_the_ratio(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local_emr, "CALLS", 3)
    app = typer.Typer()
    app.command()(local_emr.main)
    result = CliRunner().invoke(app, ["--clusters", "2", "--rounds", "1"])
    assert result.exit_code == 0, result.output
    assert "2 busy clusters for a day" in result.stdout
    assert "times as fast as moto" in result.stdout


def test_the_day_is_busy() -> None:
    _, lines = local_emr.simulate(1)
    assert lines > 300
