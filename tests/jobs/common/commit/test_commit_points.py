"""The points at which a run can be told to kill itself."""

import os
import signal
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from jobs.common.commit import carrying_out
from jobs.common.commit.carrying_out import carry_out
from jobs.common.commit.journal import COMMIT_POINTS, check_kill_point, reach
from jobs.common.commit.recovery import put_journal
from jobs.common.errors import UsageError
from jobs.common.files import Files
from tests.jobs.common.commit.commits import set_scene


@pytest.mark.parametrize("point", COMMIT_POINTS)
@pytest.mark.parametrize("kill_at", [*COMMIT_POINTS, None, ""])
def test_a_run_ends_itself_at_the_commit_point_that_the_environment_names(
    monkeypatch: pytest.MonkeyPatch, point: str, kill_at: str | None
) -> None:
    killed: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "kill", lambda *arguments: killed.append(arguments))
    if kill_at is None:
        monkeypatch.delenv("JOB_KILL_AT", raising=False)
    else:
        monkeypatch.setenv("JOB_KILL_AT", kill_at)
    reach(point)
    assert killed == ([(os.getpid(), signal.SIGKILL)] if kill_at == point else [])


def test_the_commit_points_are_passed_in_their_order(
    spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    passed: list[str] = []
    scene = set_scene(Files(spark), tmp_path)
    monkeypatch.setattr(carrying_out, "reach", passed.append)
    monkeypatch.setattr("jobs.common.commit.recovery.reach", passed.append)
    put_journal(scene.files, scene.layout, scene.attempt, scene.journal)
    carry_out(scene.files, scene.layout, scene.journal)
    assert passed == list(COMMIT_POINTS[1:])


@pytest.mark.parametrize("point", [*COMMIT_POINTS, "", None])
def test_a_commit_point_or_none_may_be_named_for_a_kill(
    monkeypatch: pytest.MonkeyPatch, point: str | None
) -> None:
    monkeypatch.delenv("JOB_KILL_AT", raising=False)
    if point is not None:
        monkeypatch.setenv("JOB_KILL_AT", point)
    check_kill_point()


def test_a_kill_at_a_point_that_there_is_not_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JOB_KILL_AT", "Added")
    words = f"JOB_KILL_AT: expected a commit point, got 'Added'; accepted: {', '.join(COMMIT_POINTS)}"
    with pytest.raises(UsageError, match=words):
        check_kill_point()
