import json
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from jobs.common.commit import recovery
from jobs.common.commit.carrying_out import carry_out
from jobs.common.commit.journal import read_journal
from jobs.common.commit.recovery import begin, put_journal, recover, refuse_dropped, undo
from jobs.common.errors import JobFailed
from jobs.common.files import Files
from tests.jobs.common.commit.commits import STAYS, TABLE_AFTER, TABLE_BEFORE, Scene, Stopped, put, set_scene

DROPPED = "another run on this table has started since, and dropped what this one staged; nothing was written"


@pytest.fixture
def scene(spark: SparkSession, tmp_path: Path) -> Scene:
    """Make a table with a run that is staged."""
    return set_scene(Files(spark), tmp_path)


def staged(scene: Scene) -> list[str]:
    return sorted(path.name for path in (scene.table / "_staging").glob("*/*"))


def test_an_untouched_table_needs_no_recovery(scene: Scene) -> None:
    scene.files.delete(scene.layout.all_staging)
    assert recover(scene.files, scene.layout) is None
    assert scene.data() == {**TABLE_BEFORE, **STAYS}


def test_an_unfinished_journal_is_rolled_forward(scene: Scene) -> None:
    put_journal(scene.files, scene.layout, scene.attempt, scene.journal)
    assert recover(scene.files, scene.layout) == "new"
    assert scene.data() == {**TABLE_AFTER, **STAYS}
    assert scene.quarantine() == ["kept.parquet"]
    assert (scene.root / "manifests/new.json").is_file()
    assert recover(scene.files, scene.layout) is None


def test_staging_without_a_journal_is_dropped_and_the_quarantine_of_that_run_with_it(scene: Scene) -> None:
    put(scene.root / "q/run_id=old", {"other.parquet": "bad"})
    assert recover(scene.files, scene.layout) is None
    assert scene.data() == {**TABLE_BEFORE, **STAYS}
    assert staged(scene) == []
    assert scene.quarantine() == []
    assert (scene.root / "q/run_id=old/other.parquet").is_file()


def test_the_quarantine_of_a_committed_run_is_kept_when_its_staging_is_dropped(scene: Scene) -> None:
    put_journal(scene.files, scene.layout, scene.attempt, scene.journal)
    carry_out(scene.files, scene.layout, scene.journal)
    left = scene.table / "_staging/new" / scene.attempt.token
    put(left, {"attempt.json": json.dumps({"quarantine": scene.attempt.quarantine}), "x.parquet": ""})
    recover(scene.files, scene.layout)
    assert staged(scene) == []
    assert scene.quarantine() == ["kept.parquet"]


def test_staging_that_a_dropped_try_has_written_to_again_is_dropped_without_a_marker(scene: Scene) -> None:
    scene.files.delete(scene.layout.all_staging)
    put(scene.table / "_staging/new/zombie", {"unique/part.parquet": ""})
    recover(scene.files, scene.layout)
    assert staged(scene) == []
    assert scene.quarantine() == ["earlier.parquet", "kept.parquet"]


def test_a_try_begins_with_an_empty_quarantine_of_its_own(scene: Scene) -> None:
    recover(scene.files, scene.layout)
    put(scene.root / "q/run_id=new", {"left.parquet": "of a try whose staging is gone"})
    attempt = begin(scene.files, scene.layout, "new", f"file:{scene.root}/q")
    assert scene.quarantine() == []
    assert attempt.token != scene.attempt.token
    assert staged(scene) == [attempt.token]


@pytest.mark.parametrize("run_id", ["new", "other"])
def test_two_runs_that_begin_at_the_same_moment_do_not_both_go_on(scene: Scene, run_id: str) -> None:
    with pytest.raises(JobFailed, match="expected no other run on this table, found one that has just begun"):
        begin(scene.files, scene.layout, run_id, f"file:{scene.root}/q")
    assert staged(scene) == [scene.attempt.token]
    assert scene.quarantine() == ["earlier.parquet", "kept.parquet"]
    put_journal(scene.files, scene.layout, scene.attempt, scene.journal)


def test_the_journal_appears_by_one_rename_out_of_the_staging(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    moves: list[tuple[str, str]] = []
    move = Files.move

    def moved(files: Files, source: str, target: str) -> None:
        moves.append((source, target))
        move(files, source, target)

    monkeypatch.setattr(Files, "move", moved)
    put_journal(scene.files, scene.layout, scene.attempt, scene.journal)
    assert moves[-1] == (f"{scene.attempt.folder}/journal.json", scene.layout.journal)
    assert [target for _, target in moves].count(scene.layout.journal) == 1
    assert read_journal(scene.files, scene.layout.journal) == scene.journal


@pytest.mark.parametrize("run_id", ["new", "other"])
def test_a_try_that_was_given_up_cannot_commit_though_it_is_of_the_same_run(
    scene: Scene, run_id: str
) -> None:
    recover(scene.files, scene.layout)
    begin(scene.files, scene.layout, run_id, f"file:{scene.root}/q")
    with pytest.raises(JobFailed, match=DROPPED):
        put_journal(scene.files, scene.layout, scene.attempt, scene.journal)
    assert read_journal(scene.files, scene.layout.journal) is None
    assert scene.data() == {**TABLE_BEFORE, **STAYS}


def test_a_try_whose_staging_goes_between_its_last_look_and_the_rename_cannot_commit(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    find = Files.find

    def found_then_dropped(files: Files, uri: str) -> object:
        found = find(files, uri)
        if uri == scene.layout.journal:
            files.delete(scene.layout.staging("new"))
        return found

    monkeypatch.setattr(Files, "find", found_then_dropped)
    with pytest.raises(Exception, match=r"journal\.json"):
        put_journal(scene.files, scene.layout, scene.attempt, scene.journal)
    monkeypatch.undo()
    assert read_journal(scene.files, scene.layout.journal) is None


def test_a_journal_that_appears_while_another_run_clears_up_is_carried_on(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    give_up = recovery._give_up

    def put_then_given_up(files: Files, folder: str) -> None:
        put_journal(files, scene.layout, scene.attempt, scene.journal)
        give_up(files, folder)

    monkeypatch.setattr(recovery, "_give_up", put_then_given_up)
    assert recover(scene.files, scene.layout) == "new"
    assert scene.data() == {**TABLE_AFTER, **STAYS}
    assert scene.quarantine() == ["kept.parquet"]
    assert staged(scene) == []


def test_clearing_up_that_was_cut_off_still_knows_whose_quarantine_goes(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut_off(*_: object) -> None:
        raise Stopped

    with monkeypatch.context() as patch:
        patch.setattr(recovery, "_drop", cut_off)
        with pytest.raises(Stopped):
            recover(scene.files, scene.layout)
    with pytest.raises(JobFailed, match=DROPPED):
        put_journal(scene.files, scene.layout, scene.attempt, scene.journal)
    recover(scene.files, scene.layout)
    assert (staged(scene), scene.quarantine()) == ([], [])
    assert scene.data() == {**TABLE_BEFORE, **STAYS}


def test_a_try_does_not_write_over_the_journal_of_another(scene: Scene) -> None:
    scene.files.write(scene.layout.journal, "another's")
    with pytest.raises(JobFailed, match=DROPPED):
        put_journal(scene.files, scene.layout, scene.attempt, scene.journal)
    assert (scene.table / "_journal.json").read_text() == "another's"


@pytest.mark.parametrize("fault", [OSError("part of it is gone"), JobFailed("the figures do not close")])
def test_a_try_that_fails_says_so_where_its_staging_was_dropped(scene: Scene, fault: Exception) -> None:
    refuse_dropped(scene.files, scene.attempt, fault)
    recover(scene.files, scene.layout)
    if isinstance(fault, JobFailed):
        refuse_dropped(scene.files, scene.attempt, fault)
    else:
        with pytest.raises(JobFailed, match=DROPPED) as raised:
            refuse_dropped(scene.files, scene.attempt, fault)
        assert raised.value.__cause__ is fault


def test_a_failed_try_is_undone(scene: Scene) -> None:
    undo(scene.files, scene.layout, scene.attempt)
    assert scene.data() == {**TABLE_BEFORE, **STAYS}
    assert staged(scene) == []
    assert scene.quarantine() == []


def test_a_try_that_was_given_up_undoes_nothing_of_the_one_that_took_over(scene: Scene) -> None:
    recover(scene.files, scene.layout)
    later = begin(scene.files, scene.layout, "new", f"file:{scene.root}/q")
    put(scene.root / "q/run_id=new", {"later.parquet": "bad"})
    undo(scene.files, scene.layout, scene.attempt)
    assert staged(scene) == [later.token]
    assert scene.quarantine() == ["later.parquet"]


def test_a_try_whose_journal_stands_is_not_undone(scene: Scene) -> None:
    put_journal(scene.files, scene.layout, scene.attempt, scene.journal)
    undo(scene.files, scene.layout, scene.attempt)
    assert recover(scene.files, scene.layout) == "new"
    assert scene.data() == {**TABLE_AFTER, **STAYS}
