import json
import re
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from jobs.common.commit import carrying_out
from jobs.common.commit.carrying_out import carry_out, publish_manifest
from jobs.common.commit.journal import Journal, read_journal
from jobs.common.commit.recovery import put_journal
from jobs.common.errors import JobFailed
from jobs.common.files import Files
from tests.jobs.common.commit.commits import (
    STAYS,
    TABLE_AFTER,
    TABLE_BEFORE,
    Scene,
    Stopped,
    set_scene,
    stop_at,
)


@pytest.fixture
def scene(spark: SparkSession, tmp_path: Path) -> Scene:
    """Make a table with a run whose journal stands."""
    made = set_scene(Files(spark), tmp_path)
    put_journal(made.files, made.layout, made.attempt, made.journal)
    return made


def assert_done(scene: Scene) -> None:
    assert scene.data() == {**TABLE_AFTER, **STAYS}
    assert scene.quarantine() == ["kept.parquet"]
    assert json.loads((scene.root / "manifests/new.json").read_text()) == {"run_id": "new"}
    assert read_journal(scene.files, scene.layout.journal) is None
    assert read_journal(scene.files, scene.layout.record("new")) == scene.journal
    assert list((scene.table / "_staging").iterdir()) == []


def test_a_journal_is_carried_out(scene: Scene) -> None:
    carry_out(scene.files, scene.layout, scene.journal)
    assert_done(scene)


@pytest.mark.parametrize("point", ["added_one", "added", "removed_one", "removed"])
def test_a_journal_is_carried_out_from_wherever_it_stopped(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    monkeypatch.setattr(carrying_out, "reach", stop_at(point))
    with pytest.raises(Stopped):
        carry_out(scene.files, scene.layout, scene.journal)
    monkeypatch.undo()
    journal = read_journal(scene.files, scene.layout.journal)
    assert journal == scene.journal
    carry_out(scene.files, scene.layout, scene.journal)
    assert_done(scene)


@pytest.mark.parametrize("call", range(1, 24))
def test_a_journal_is_carried_out_after_a_stop_at_any_call_to_the_file_system(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, call: int
) -> None:
    done: list[str] = []
    for name in ("find", "move", "delete", "delete_all", "write"):
        monkeypatch.setattr(Files, name, stopping(getattr(Files, name), done, call))
    try:
        carry_out(scene.files, scene.layout, scene.journal)
    except Stopped:
        monkeypatch.undo()
        if journal := read_journal(scene.files, scene.layout.journal):
            carry_out(scene.files, scene.layout, journal)
        scene.files.delete(scene.layout.staging("new"))
    monkeypatch.undo()
    assert_done(scene)


def stopping(do: Any, done: list[str], call: int) -> Any:
    """Stop after the call of this number."""

    def counted(*arguments: Any) -> Any:
        answer = do(*arguments)
        done.append(do.__name__)
        if len(done) == call:
            raise Stopped
        return answer

    return counted


def test_what_is_to_be_removed_is_removed_only_when_all_is_added(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(carrying_out, "reach", stop_at("added"))
    with pytest.raises(Stopped):
        carry_out(scene.files, scene.layout, scene.journal)
    assert scene.data() == {**TABLE_AFTER, **TABLE_BEFORE, **STAYS}
    assert scene.quarantine() == ["earlier.parquet", "kept.parquet"]


def test_a_torn_file_at_its_place_is_moved_again(scene: Scene) -> None:
    torn = scene.table / scene.journal.add[0].final
    torn.parent.mkdir(exist_ok=True)
    torn.write_text("to")
    carry_out(scene.files, scene.layout, scene.journal)
    assert_done(scene)


def test_a_file_that_is_neither_staged_nor_in_the_table_stops_the_commit(scene: Scene) -> None:
    lost = scene.journal.add[1]
    (scene.table / lost.staged).unlink()
    expected = (
        f"{scene.layout.table}/{lost.final}: expected it, or {scene.layout.table}/{lost.staged} to be moved there, "
        "found neither: somebody has removed staged files; "
        f"restore them, or give up the commit in {scene.layout.journal} by hand"
    )
    with pytest.raises(JobFailed, match=re.escape(expected)):
        carry_out(scene.files, scene.layout, scene.journal)
    assert (scene.table / "_journal.json").is_file()
    assert set(TABLE_BEFORE) <= set(scene.data())


def test_a_folder_that_cannot_be_made_stops_the_commit(scene: Scene) -> None:
    (scene.table / "day=3").write_text("a file where the partition's folder should be")
    with pytest.raises(Exception, match="day=3"):
        carry_out(scene.files, scene.layout, scene.journal)
    assert read_journal(scene.files, scene.layout.journal) == scene.journal
    assert set(TABLE_BEFORE) <= set(scene.data())


class Refusing:
    """A file system that answers every rename with false, as HDFS does where a folder is missing."""

    def __init__(self, system: Any) -> None:
        self._system = system

    def __getattr__(self, name: str) -> Any:
        return getattr(self._system, name)

    def rename(self, *_: object) -> bool:
        return False


def test_a_rename_that_answers_false_is_a_failure(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    system = Files._system
    monkeypatch.setattr(Files, "_system", lambda files, uri: Refusing(system(files, uri)))
    with pytest.raises(JobFailed, match=r"expected to move \S+ there, the file system refused"):
        carry_out(scene.files, scene.layout, scene.journal)
    monkeypatch.undo()
    assert scene.data() == {**TABLE_BEFORE, **STAYS}
    carry_out(scene.files, scene.layout, scene.journal)
    assert_done(scene)


def test_the_folders_of_all_files_are_made_before_the_first_is_moved(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[bool] = []
    move = Files.move

    def moved(files: Files, source: str, target: str) -> None:
        seen.append((scene.table / "day=3").is_dir())
        move(files, source, target)

    monkeypatch.setattr(Files, "move", moved)
    carry_out(scene.files, scene.layout, scene.journal)
    assert all(seen)


def test_a_replaced_file_that_cannot_be_deleted_stops_the_commit(scene: Scene) -> None:
    replaced = scene.table / scene.journal.remove[0]
    replaced.unlink()
    (replaced / "held").mkdir(parents=True)
    with pytest.raises(
        JobFailed, match=r"00000001-old-00000\.parquet \(.*not empty.*expected to delete these files"
    ):
        carry_out(scene.files, scene.layout, scene.journal)
    assert not (scene.root / "manifests/new.json").exists()


@pytest.mark.parametrize("attempt", ["another", None])
def test_a_journal_that_is_not_its_own_stops_a_run_before_it_touches_the_table(
    scene: Scene, attempt: str | None
) -> None:
    own = scene.table / "_journal.json"
    text = own.read_text().replace(scene.attempt.token, attempt or "")
    scene.files.delete(scene.layout.journal)
    if attempt:
        scene.files.write(scene.layout.journal, text)
    with pytest.raises(JobFailed, match="expected the journal of run new, found another's or none"):
        carry_out(scene.files, scene.layout, scene.journal)
    assert scene.data() == {**TABLE_BEFORE, **STAYS}
    assert scene.quarantine() == ["earlier.parquet", "kept.parquet"]
    assert not (scene.root / "manifests/new.json").exists()


@pytest.mark.parametrize(
    ("point", "quarantine"),
    [("added", ["earlier.parquet", "kept.parquet"]), ("removed", ["kept.parquet"])],
)
def test_a_try_that_another_has_overtaken_clears_nothing_away_and_publishes_nothing(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, point: str, quarantine: list[str]
) -> None:
    other = (scene.table / "_journal.json").read_text().replace(scene.attempt.token, "another")

    def overtaken(reached: str) -> None:
        if reached == point:
            scene.files.write(scene.layout.journal, other)

    monkeypatch.setattr(carrying_out, "reach", overtaken)
    with pytest.raises(JobFailed, match="another process has carried it on; run the same command again"):
        carry_out(scene.files, scene.layout, scene.journal)
    assert (scene.table / "_journal.json").read_text() == other
    assert not (scene.table / "_runs").exists()
    assert not (scene.root / "manifests/new.json").exists()
    assert scene.quarantine() == quarantine


def test_a_journal_without_changes_is_carried_out(scene: Scene) -> None:
    empty = Journal("new", scene.attempt.token, "p", scene.journal.manifest_uri, {}, scene.journal.quarantine)
    scene.files.write(scene.layout.journal, empty.to_json())
    carry_out(scene.files, scene.layout, empty)
    assert scene.data() == {**TABLE_BEFORE, **STAYS}
    assert scene.quarantine() == []


def test_a_manifest_is_published_in_place_of_an_older_one(scene: Scene) -> None:
    target = scene.root / "deep/er/manifest.json"
    for text in ("old", "new"):
        journal = Journal("r", "t", "p", "", {"text": text}, "")
        publish_manifest(scene.files, journal, scene.files.qualified(str(target)))
        assert json.loads(target.read_text()) == {"text": text}
    assert [path.name for path in target.parent.iterdir() if not path.name.startswith(".")] == [
        "manifest.json"
    ]


@pytest.mark.parametrize("is_own", [True, False])
def test_a_manifest_that_cannot_be_written_holds_up_its_own_run_but_not_the_table(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, is_own: bool
) -> None:
    def refuse(*_: object) -> None:
        raise JobFailed("no such bucket")

    monkeypatch.setattr(carrying_out, "publish_manifest", refuse)
    if is_own:
        with pytest.raises(JobFailed, match="no such bucket"):
            carry_out(scene.files, scene.layout, scene.journal)
        assert read_journal(scene.files, scene.layout.journal) == scene.journal
    else:
        carry_out(scene.files, scene.layout, scene.journal, is_own=False)
        record = scene.layout.record("new")
        assert read_journal(scene.files, record) == scene.journal
        assert f"manifest of run new not written; {record} keeps it: no such bucket" in caplog.text
    assert scene.data() == {**TABLE_AFTER, **STAYS}
