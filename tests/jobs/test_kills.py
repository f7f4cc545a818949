"""A run that is killed at any commit point, or anywhere, is made good by the next one: nothing tells it was killed."""

import os

import pytest
from pyspark.sql import SparkSession

from benchmarks.reliability import FOLLOW_UPS, Kill, Workshop, draw_kills
from jobs.common.commit.journal import COMMIT_POINTS

RANDOM_KILLS = 3
SEED = 20130301


@pytest.fixture(scope="module")
def workshop(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    """Make the table on which runs are killed, and learn what they leave otherwise."""
    return Workshop(tmp_path_factory.mktemp("kills"), spark)


def assert_survived(workshop: Workshop, kill: Kill) -> None:
    assert dict(workshop.survive(kill)) == {follow_up: [] for follow_up in FOLLOW_UPS}


@pytest.mark.parametrize("point", COMMIT_POINTS)
def test_a_kill_at_a_commit_point_leaves_no_trace(workshop: Workshop, point: str) -> None:
    assert_survived(workshop, Kill(point))


@pytest.mark.parametrize("number", range(RANDOM_KILLS))
def test_a_kill_of_everything_at_any_moment_leaves_no_trace(workshop: Workshop, number: int) -> None:
    seed = SEED if os.environ.get("CI") else int.from_bytes(os.urandom(4))
    kill = draw_kills(len(COMMIT_POINTS) + RANDOM_KILLS, seed, workshop.log_lines)[-1 - number]
    assert_survived(workshop, kill)
