"""Works by their names."""

import gzip
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from local_aws.emr.agenda import Agenda
from local_aws.emr.world import Outcome
from local_aws.running.logs import LogStore
from local_aws.running.memory import Memory
from local_aws.running.work import Work
from local_aws.running.works import Works
from local_aws.running.workshop import Workshop
from local_aws.s3_server import S3Server


@pytest.fixture(scope="module")
def server() -> Iterator[S3Server]:
    made = S3Server()
    yield made
    made.close()


class Bench:
    """Works of a test, one thing at a time."""

    def __init__(self, server: S3Server, folder: Path) -> None:
        """Begin without work."""
        self.bucket, self.s3, self.folder = server.new_bucket(), server.client, folder
        self.agenda, self.lock = Agenda(0), threading.RLock()
        self.told: list[Outcome] = []
        shop = Workshop(folder, "http://e", self.s3, {}, self.perform, 10, 100, Memory(1000))
        self.works = Works(self.agenda, shop, LogStore(self.s3))

    def perform(self, do: Callable[[], None]) -> None:
        with self.lock:
            do()

    def begin(self, name: str, do: Callable[[Work], Outcome]) -> None:
        def logs(work: Work) -> list[tuple[str, dict[str, Path]]]:
            return [(f"s3://{self.bucket}/{name}", {"stdout": work.folder / "stdout", "none": Path("/none")})]

        self.perform(lambda: self.works.begin(name, self.folder / name, do, self.told.append, logs))

    def logs(self) -> dict[str, str]:
        found = self.s3.list_objects_v2(Bucket=self.bucket).get("Contents", [])
        bodies = {one["Key"]: self.s3.get_object(Bucket=self.bucket, Key=one["Key"])["Body"] for one in found}
        return {key: gzip.decompress(body.read()).decode() for key, body in bodies.items()}


def test_logs_are_put_while_it_runs_and_after_its_end(server: S3Server, tmp_path: Path) -> None:
    bench, goes_on, wrote = Bench(server, tmp_path), threading.Event(), threading.Event()

    def do(work: Work) -> Outcome:
        (work.folder / "stdout").write_text("one\n")
        wrote.set()
        goes_on.wait()
        (work.folder / "stdout").write_text("one\ntwo\n")
        return Outcome(4)

    bench.begin("w", do)
    assert ("w" in bench.works, len(bench.works)) == (True, 1)
    wrote.wait()
    bench.perform(lambda: bench.agenda.advance(100))
    bench.works.log_store.put("s3://x/y", {})  # what is put is put in order: wait for the last
    last = bench.works.log_store._last
    assert last is not None
    last.result()
    assert bench.logs() == {"w/stdout.gz": "one\n"}
    goes_on.set()
    bench.works.close()
    assert bench.logs() == {"w/stdout.gz": "one\ntwo\n"}
    assert bench.told == [Outcome(4)]
    assert "w" not in bench.works


def test_what_is_stopped_is_asked_to(server: S3Server, tmp_path: Path) -> None:
    bench = Bench(server, tmp_path)

    def do(work: Work) -> Outcome:
        work.is_stopped.wait()
        return Outcome(143)

    bench.begin("w", do)
    bench.works.stop("w", is_forced=False)
    bench.works.stop("unknown", is_forced=True)
    bench.works.close()
    assert bench.told == [Outcome(143)]


def test_after_the_end_nothing_is_begun_or_told(server: S3Server, tmp_path: Path) -> None:
    bench = Bench(server, tmp_path)

    def do(work: Work) -> Outcome:
        work.is_stopped.wait()
        return Outcome(143)

    bench.begin("w", do)
    bench.works.begin_nothing()
    bench.begin("late", do)
    assert "late" not in bench.works
    bench.works.close()
    assert bench.told == []
    assert list(bench.logs()) == ["w/stdout.gz"]


def test_work_without_a_folder_fails(server: S3Server, tmp_path: Path) -> None:
    bench = Bench(server, tmp_path)
    (tmp_path / "w").write_text("no folder")
    bench.begin("w", lambda _: Outcome())
    bench.agenda.advance(1)
    assert bench.told[0].exit_code == 1
    assert bench.told[0].failure is not None
    assert bench.told[0].failure["Reason"] == "The local engine failed."
    bench.works.close()
