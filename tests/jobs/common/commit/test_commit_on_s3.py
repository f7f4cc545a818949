"""The commit on s3://: what it asks of the store, and that it is made good from wherever it was cut off."""

from collections import Counter

import pytest
from pyspark.sql import SparkSession

from jobs.common.commit import carrying_out
from jobs.common.commit import recovery as recoveries
from jobs.common.commit.carrying_out import carry_out
from jobs.common.commit.journal import COMMIT_POINTS, Journal
from jobs.common.commit.layout import Layout, data_files
from jobs.common.commit.recovery import Attempt, put_journal, recover
from jobs.common.files import Files
from local_aws.s3_server import S3Server
from tests.jobs.common.commit.commits import (
    STAYS,
    TABLE_AFTER,
    TABLE_BEFORE,
    Stopped,
    lay_out,
    lay_table,
    stop_at,
)

ROOT = "suite/of [1]"
MANIFEST = f"{ROOT}/manifests/new.json"
DONE = {f"{ROOT}/table/{name}" for name in [*TABLE_AFTER, *STAYS]} | {
    f"{ROOT}/table/_runs/new.json",
    f"{ROOT}/q/run_id=new/kept.parquet",
    MANIFEST,
}


class Scene:
    """A table in a bucket, with a run that is staged."""

    def __init__(self, spark: SparkSession, s3: S3Server, bucket: str) -> None:
        self.files, self.s3, self.bucket = Files(spark), s3, bucket
        self.put(lay_table())
        self.layout: Layout
        self.attempt: Attempt
        self.journal: Journal
        self.layout, self.attempt, self.journal, staged = lay_out(self.files, f"s3://{bucket}/{ROOT}")
        self.put(staged)

    def put(self, places: dict[str, str]) -> None:
        for place, text in places.items():
            self.s3.client.put_object(Bucket=self.bucket, Key=f"{ROOT}/{place}", Body=text.encode())

    def start_upload(self, place: str) -> None:
        """Begin an upload that nobody will complete."""
        self.s3.client.create_multipart_upload(Bucket=self.bucket, Key=f"{ROOT}/{place}")

    def commit(self) -> None:
        put_journal(self.files, self.layout, self.attempt, self.journal)
        carry_out(self.files, self.layout, self.journal)

    def keys(self) -> set[str]:
        return set(self.s3.keys(self.bucket))

    def assert_done(self) -> None:
        """See that the table is as it should be, and that nothing else is left: no staging, no mark, no upload."""
        assert self.keys() == DONE
        assert self.s3.uploads(self.bucket) == []
        for name, text in {**TABLE_AFTER, **STAYS}.items():
            assert self.files.read(f"{self.layout.table}/{name}").decode() == text


@pytest.fixture
def scene(spark: SparkSession, s3: S3Server, bucket: str) -> Scene:
    return Scene(spark, s3, bucket)


def test_adding_copies_on_the_server_and_removing_deletes_many_at_once(scene: Scene) -> None:
    more = [f"day=4/00000001-old-{number:05d}.parquet" for number in range(10, 60)]
    scene.put({f"table/{name}": "old" for name in more})
    scene.journal.remove.extend(more)
    put_journal(scene.files, scene.layout, scene.attempt, scene.journal)
    with scene.s3.record(scene.bucket) as requests:
        carry_out(scene.files, scene.layout, scene.journal)
    copied = {request.key for request in requests if request.kind == "CopyObject"}
    assert copied == {f"{ROOT}/table/{name}" for name in [*TABLE_AFTER, "_runs/new.json"]}
    assert [request.key for request in requests if request.kind == "PutObject" and request.key in DONE] == [
        MANIFEST
    ]
    removed = {f"{ROOT}/table/{name}" for name in scene.journal.remove}
    one_by_one = [
        request.key for request in requests if request.kind == "DeleteObject" and request.key in removed
    ]
    # The first is removed alone: the commit point after it shows a commit that is cut off half-way.
    assert one_by_one in ([], [f"{ROOT}/table/{scene.journal.remove[0]}"])
    assert "DeleteObjects" in {request.kind for request in requests}
    scene.assert_done()


@pytest.mark.parametrize("point", COMMIT_POINTS[1:])
def test_a_commit_that_was_cut_off_is_carried_on_by_the_next_run(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    scene.start_upload(f"table/_staging/new/{scene.attempt.token}/merged/part.parquet")
    scene.start_upload(f"table/{scene.journal.add[0].final}")
    scene.start_upload("q/run_id=new/part.parquet")
    for module in (carrying_out, recoveries):
        monkeypatch.setattr(module, "reach", stop_at(point))
    with pytest.raises(Stopped):
        scene.commit()
    monkeypatch.undo()
    recover(scene.files, scene.layout)
    scene.assert_done()


def test_a_commit_that_was_cut_off_between_a_copy_and_the_deletion_of_its_source_is_carried_on(
    scene: Scene,
) -> None:
    put_journal(scene.files, scene.layout, scene.attempt, scene.journal)
    addition = scene.journal.add[0]
    scene.files.copy(f"{scene.layout.table}/{addition.staged}", f"{scene.layout.table}/{addition.final}")
    recover(scene.files, scene.layout)
    scene.assert_done()


def test_what_was_staged_without_a_journal_is_dropped_with_its_quarantine_and_its_uploads(
    scene: Scene,
) -> None:
    scene.put({f"table/_staging/new/{scene.attempt.token}/judged/_temporary/0/": ""})
    scene.start_upload(f"table/_staging/new/{scene.attempt.token}/merged/part.parquet")
    scene.start_upload("q/run_id=new/part.parquet")
    recover(scene.files, scene.layout)
    assert scene.keys() == {f"{ROOT}/table/{name}" for name in [*TABLE_BEFORE, *STAYS]}
    assert scene.s3.uploads(scene.bucket) == []


def test_an_empty_table_is_left_without_a_mark_when_its_first_run_is_dropped(scene: Scene) -> None:
    scene.files.delete_all([f"{scene.layout.table}/{name}" for name in [*TABLE_BEFORE, *STAYS]])
    recover(scene.files, scene.layout)
    assert scene.keys() == set()


def test_data_files_are_listed_by_partition_with_few_requests(scene: Scene) -> None:
    days = [f"day={day}" for day in range(10, 90)]
    scene.put({f"table/{day}/_bucket=0/00000003-new-00000.parquet": "x" for day in days})
    with scene.s3.record(scene.bucket) as requests:
        held = data_files(scene.files, scene.layout.table, 1)
    assert list(held) == sorted(["day=1", "day=2", "day=9", *days])
    assert Counter(request.kind for request in requests)["ListObjects"] <= 2
