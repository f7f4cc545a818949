"""The command of the long series, with short ones."""

import pytest
from typer.testing import CliRunner

from benchmarks.orchestrator_chaos import command
from benchmarks.orchestrator_chaos.load import day
from benchmarks.reliability import app

SHORT = [
    "orchestrator",
    "--schedules",
    "5",
    "--depth",
    "0",
    "--half",
    "2",
    "--misfortunes",
    "2",
    "--beyond",
    "3",
    "--no-loads",
]


def test_counts_and_seed_are_printed() -> None:
    result = CliRunner().invoke(app, [*SHORT, "--seed", "9"])
    assert result.exit_code == 0, result.output
    assert "5 schedules, " in result.stdout
    assert "4 runs, " in result.stdout
    assert "3 schedules beyond the bounds: 0 broke a law" in result.stdout
    assert result.stdout.endswith("seed 9: 0 broke a law\n")


def test_what_broke_is_printed_and_fails_the_series(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.orchestrator_chaos.laws.broken", lambda *_args: ["a law"])
    result = CliRunner().invoke(app, SHORT)
    assert result.exit_code == 1
    assert "['a law']" in result.stdout
    assert result.stdout.endswith("seed 1: 9 broke a law\n")


def test_days_of_many_jobs_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "day", lambda jobs, *rest, **how: day(jobs // 50, *rest, **how))
    result = CliRunner().invoke(
        app,
        [
            *("orchestrator", "--schedules", "0", "--depth", "0", "--half", "0", "--misfortunes", "0"),
            *("--beyond", "0"),
        ],
    )
    assert (
        "4 jobs on 50 clusters, one process: 4 succeeded, 0 calls throttled, 0 laws broken" in result.stdout
    )
    assert "20 jobs on 50 clusters, a process each" in result.stdout
    # Fewer succeed than were asked for, as fewer were begun.
    assert result.exit_code == 1
