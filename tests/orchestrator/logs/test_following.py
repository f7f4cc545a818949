"""Following ends when the step has ended and nothing has come for a while, and not before."""

from collections.abc import Iterator

import pytest

from local_aws.s3_server import S3Server
from orchestrator.errors import TimedOutError
from orchestrator.logs.following import Pace, follow, now
from orchestrator.logs.places import Folder, Place
from orchestrator.logs.reading import Line, Logs
from tests.orchestrator.logs.shelf import Shelf

PACE = Pace(15, 300)


class Scene:
    """A step that ends at an instant, and logs that come at theirs."""

    def __init__(self, server: S3Server, ends_at_s: float, puts: dict[float, str]) -> None:
        """Set it."""
        self.shelf = Shelf(server)
        self.began = self.shelf.clock.now()
        self.ends_at_s, self.puts = ends_at_s, puts
        place = Place(Folder(self.shelf.bucket, "emr"), self.shelf.cluster_id, self.shelf.step_id)
        self.logs = Logs(self.shelf.objects, place)

    def passed(self) -> float:
        """Tell how long it goes on."""
        return self.shelf.clock.now() - self.began

    def now(self) -> float:
        """Tell the time."""
        return self.shelf.clock.now()

    def sleep(self, seconds: float) -> None:
        """Let time pass, and logs come."""
        self.shelf.clock.sleep(seconds)
        for at in [each for each in self.puts if each <= self.passed()]:
            self.shelf.put("stderr.gz", self.puts.pop(at))

    def follow(self, pace: Pace = PACE, hours: float = 24) -> Iterator[Line]:
        """Follow it."""
        return follow(self.logs, lambda: self.passed() >= self.ends_at_s, self, self.shelf.until(hours), pace)


def test_each_line_is_told_once_as_it_comes_and_the_unfinished_last_one_at_the_end(server: S3Server) -> None:
    scene = Scene(server, 100, {30: "one\n", 300: "one\ntwo\n", 390: "one\ntwo\nthree"})
    told = [(line.text, scene.passed()) for line in scene.follow()]
    assert told == [("one", 30), ("two", 300), ("three", 690)]


@pytest.mark.parametrize(("comes_at", "ends_at"), [(100 + 290, 390 + 300), (None, 105 + 300)])
def test_it_ends_a_quiet_while_after_the_steps_end_or_the_last_news(
    server: S3Server, comes_at: float | None, ends_at: float
) -> None:
    scene = Scene(server, 100, {} if comes_at is None else {comes_at: "late\n"})
    assert len(list(scene.follow())) == (comes_at is not None)
    assert scene.passed() == ends_at


def test_as_long_as_the_step_runs_silence_ends_nothing(server: S3Server) -> None:
    scene = Scene(server, 1800, {1700: "at last\n"})
    assert [line.text for line in scene.follow()] == ["at last"]
    assert scene.passed() >= 1800


def test_the_deadline_is_kept_and_said(server: S3Server) -> None:
    scene = Scene(server, 1e9, {})
    with pytest.raises(TimedOutError, match="logs: the time is over, and more may come"):
        list(scene.follow(hours=0.2))
    assert scene.passed() < 720


def test_now_reads_what_there_is_with_its_last_words(server: S3Server) -> None:
    scene = Scene(server, 0, {})
    scene.shelf.put("stdout", "one\ntwo")
    assert [line.text for line in now(scene.logs, scene.shelf.until())] == ["one", "two"]
