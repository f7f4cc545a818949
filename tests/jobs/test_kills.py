"""A run that is killed at any commit point, or anywhere, is made good by the next one: nothing tells it was killed."""

import os
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from benchmarks import reliability
from benchmarks.kills.places import LocalScene, S3Scene, Scene
from benchmarks.kills.workshop import FOLLOW_UPS, Kill, Workshop
from benchmarks.reliability import draw_kills, locked_jars
from jobs.common.arguments import Format
from jobs.common.commit.journal import ADDED_ONE, JOURNALED
from local_aws.s3_server import S3Server

pytestmark = pytest.mark.usefixtures("interpreted")
SEED = 20130301
# A share of the long series, which takes hours: `scripts/bench reliability kills`. Each point is passed in process by
# tests/jobs/common/commit/test_commit_points.py, and on s3:// by test_commit_on_s3.py beside it.
AT_POINTS: tuple[tuple[Format, str, Kill], ...] = (
    ("parquet", "local", Kill(ADDED_ONE)),
    ("delta", "s3", Kill(JOURNALED)),
)
# The one that every release is put to: a Delta merge that another process finds journaled.
ON_EVERY_RELEASE = AT_POINTS[1]


class Workshops:
    """A workshop for each format and place, made when first asked for."""

    def __init__(self, spark: SparkSession, s3: S3Server, folder: Path) -> None:
        """Take the session and a folder."""
        self._spark, self._s3, self._folder = spark, s3, folder
        self._made: dict[tuple[Format, str], Workshop] = {}

    def get(self, format_: Format, store: str) -> Workshop:
        """Make the table on which runs are killed, and learn what they leave otherwise."""
        if (format_, store) not in self._made:
            folder = self._folder / f"{format_}-{store}"
            scene: Scene = S3Scene(self._s3, folder) if store == "s3" else LocalScene(folder)
            properties = locked_jars({**os.environ, **scene.environment()})
            self._made[format_, store] = Workshop(folder, self._spark, format_, scene, properties)
        return self._made[format_, store]


@pytest.fixture(scope="module")
def workshops(delta: SparkSession, s3: S3Server, tmp_path_factory: pytest.TempPathFactory) -> Workshops:
    return Workshops(delta, s3, tmp_path_factory.mktemp("kills"))


def assert_survived(workshop: Workshop, kill: Kill) -> None:
    assert dict(workshop.survive(kill)) == {follow_up: [] for follow_up in FOLLOW_UPS}


@pytest.mark.parametrize(
    ("format_", "store", "kill"),
    [
        pytest.param(*each, marks=() if each is ON_EVERY_RELEASE else pytest.mark.one_release)
        for each in AT_POINTS
    ],
    ids=lambda part: part.kind if isinstance(part, Kill) else part,
)
def test_a_kill_at_a_commit_point_leaves_no_trace(
    workshops: Workshops, format_: Format, store: str, kill: Kill
) -> None:
    assert_survived(workshops.get(format_, store), kill)


@pytest.mark.one_release
def test_a_kill_of_everything_at_any_moment_leaves_no_trace(workshops: Workshops) -> None:
    workshop = workshops.get("parquet", "local")
    seed = SEED if os.environ.get("CI") else int.from_bytes(os.urandom(4))
    # Within the first half of its log, no run has ended.
    kill = draw_kills((), 1 + len(reliability.ON_NOTHING), seed, workshop.log_lines // 2)[-1]
    assert_survived(workshop, kill)
    assert workshop.landed
