"""The commands; what is killed is in kills/, and that kills leave no trace in tests/jobs/test_kills.py."""

import shlex
from contextlib import nullcontext

import pytest
import typer
from typer.testing import CliRunner

from benchmarks import reliability
from benchmarks.emr_chaos.chaos import Chaos
from benchmarks.emr_chaos.laws import BrokenLawError
from benchmarks.kills.workshop import Kill
from benchmarks.reliability import draw_kills
from jobs.common.commit.journal import COMMIT_POINTS, DELTA_POINTS


def test_kills_are_every_commit_point_then_moments_that_the_seed_gives_again() -> None:
    for points in (COMMIT_POINTS, DELTA_POINTS):
        kills = draw_kills(points, 60, 7, 400, 0.5)
        assert [kill.kind for kill in kills[: len(points) + 3]] == [
            *points,
            *("staged on nothing", "journaled on nothing", "added on nothing"),
        ]
        assert kills == draw_kills(points, 60, 7, 400, 0.5)
        assert kills != draw_kills(points, 60, 8, 400, 0.5)
        moments = kills[len(points) + 3 :]
        assert len(kills) == 60
        assert {kill.kind for kill in moments} == {"random", "random on nothing"}
        assert all(1 <= kill.line <= 500 and 0 <= kill.delay_s <= 0.5 for kill in moments)


class FakeWorkshop:
    """Stands for runs and kills, and differs after each kill at `added`."""

    log_lines, missed = 100, 2

    def survive(self, kill: Kill) -> list[tuple[str, list[str]]]:
        return [("the same run", []), ("another", ["table"] if kill.point == self.differs_at else [])]

    differs_at = ""


@pytest.mark.parametrize(("differs_at", "code", "total"), [("", 0, 0), ("added", 1, 2)])
def test_the_command_prints_counts_and_seed_and_fails_on_any_difference(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    differs_at: str,
    code: int,
    total: int,
) -> None:
    monkeypatch.setattr(FakeWorkshop, "differs_at", differs_at)
    monkeypatch.setattr(reliability, "workshop", lambda *_: nullcontext(FakeWorkshop()))
    with pytest.raises(typer.Exit) as ended:
        reliability.kill_jobs(kills=12, seed=3)
    assert ended.value.exit_code == code
    lines = capsys.readouterr().out.splitlines()
    told = f"parquet on local, 12 kills, 24 recoveries, seed 3: {total} differ"
    assert lines[-1] == f"{told} (2 random kills came after the end of their run)"
    assert ["added", "on", "nothing", "another", "1", str(total // 2)] in [line.split() for line in lines]


@pytest.mark.parametrize(
    ("name", "call"), [("emr", "launch SWITCH_TO_ON_DEMAND "), ("serverless", "run good ")]
)
def test_sequences_against_an_embedded_service_are_counted_by_calls_and_transitions(
    name: str, call: str
) -> None:
    told = CliRunner().invoke(reliability.app, [name, "--sequences", "20", "--seed", "7"])
    assert told.exit_code == 0, told.output
    lines = told.output.splitlines()
    assert lines[-1].startswith("20 sequences, ")
    assert lines[-1].endswith(" calls and faults, seed 7: no law broken")
    assert any(line.startswith(call) for line in lines)
    again = CliRunner().invoke(reliability.app, [name, "--sequences", "20", "--seed", "7"])
    assert again.output == told.output


def test_a_broken_law_ends_with_the_seed_and_what_plays_it_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_chaos: Chaos, number: int) -> None:
        raise BrokenLawError(f"terminated {number}")

    monkeypatch.setattr(Chaos, "_terminate", fail)
    told = CliRunner().invoke(reliability.app, ["emr", "--sequences", "300", "--seed", "7"])
    assert told.exit_code == 1
    *_, problem, blank, seed, command = told.output.splitlines()
    assert (problem.rpartition(".")[2], blank) == ("BrokenLawError: terminated 0", "")
    assert seed.startswith("seed 7, after ")
    arguments = shlex.split(command)
    assert arguments == ["scripts/bench", "reliability", "emr", "--replay", '["", [["terminate", 0]]]']
    again = CliRunner().invoke(reliability.app, arguments[2:])
    assert (again.exit_code, problem in again.output) == (1, True)
    monkeypatch.undo()
    assert CliRunner().invoke(reliability.app, arguments[2:]).exit_code == 0
