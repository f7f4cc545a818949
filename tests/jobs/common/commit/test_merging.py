"""The merge of a Delta commit: done once, whatever is cut off, repeated, or changed by others meanwhile."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from jobs.common.commit import delta_table, merging
from jobs.common.commit.delta_log import commits_after, latest_version
from jobs.common.commit.journal import ADDED, REMOVED, Journal, read_journal
from jobs.common.commit.recovery import recover
from jobs.common.errors import JobFailed, UsageError
from jobs.common.files import Files
from jobs.common.session import settings
from tests.jobs.common.commit.runs import Tables, counted, partitions
from tests.jobs.common.tables import at, row

NEXT = date(2024, 3, 1)
FIRST = [row("a", value=1.0), row("b", time=at(7)), row("c", day=NEXT)]
SECOND = [row("a", value=2.0), row("d")]
AFTER = [*SECOND, *FIRST[1:]]


@pytest.fixture
def tables(delta: SparkSession, tmp_path: Path) -> Tables:
    """Make a table that holds `FIRST`, as its version 0."""
    made = Tables(delta, tmp_path, "delta")
    made.merge(FIRST)
    return made


def version(tables: Tables) -> int:
    return latest_version(tables.files, tables.layout.table)


def journal_of(tables: Tables, rows: list[Any]) -> Journal:
    """Stage a run and put its journal."""
    stage, changes = tables.stage(rows)
    return tables.journal(stage, changes, len(rows))


def timeless(manifest: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in manifest.items() if name != "finished_at"}


def test_the_manifest_tells_the_table_as_the_merge_has_left_it(tables: Tables) -> None:
    told = tables.merge(SECOND)
    assert counted(told) == {"inserted": 1, "updated": 1, "duplicates": 0}
    assert partitions(told) == [("2024-02-29", 3, [5])]
    (partition,) = told["partitions"]
    held = tables.read().filter("day = '2024-02-29'").inputFiles()
    sizes = [Path(uri.removeprefix("file:").removeprefix("//")).stat().st_size for uri in held]
    assert (partition["files"], partition["bytes"]) == (len(sizes), sum(sizes))
    assert told["table_version"] == version(tables) == 1
    record = read_journal(tables.files, tables.layout.record("r2"))
    assert record is not None
    assert record.manifest == told == json.loads((tables.root / "manifest.json").read_text())


@pytest.mark.parametrize("point", [ADDED, REMOVED])
def test_a_run_that_was_cut_off_after_its_merge_is_recognised_and_its_manifest_recovered(
    tables: Tables, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    journal = journal_of(tables, SECOND)
    tables.cut_off(journal, monkeypatch, point)
    assert version(tables) == 1
    assert recover(tables.files, tables.layout) == "r2"
    assert version(tables) == 1
    record = read_journal(tables.files, tables.layout.record("r2"))
    assert record is not None
    assert counted(record.manifest) == {"inserted": 1, "updated": 1, "duplicates": 0}
    assert partitions(record.manifest) == [("2024-02-29", 3, [5])]
    tables.assert_rows(AFTER)


def test_a_run_is_carried_on_where_the_files_that_it_replaced_are_vacuumed(
    tables: Tables, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    journal = journal_of(tables, SECOND)
    tables.cut_off(journal, monkeypatch, ADDED)
    (made,) = commits_after(tables.files, tables.layout.table, 0)
    assert made.removed
    # What VACUUM does, in two hundred tasks.
    tables.files.delete_all([file.uri for file in made.removed])
    assert recover(tables.files, tables.layout) == "r2"
    assert "version 1 of the Delta table is written, and files that it replaced are vacuumed" in caplog.text
    tables.assert_rows(AFTER)


def test_a_merge_whose_commit_the_log_has_forgotten_is_not_done_again(
    tables: Tables, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    journal = journal_of(tables, SECOND)
    done = merging.carry_out_merge(tables.files, tables.layout, journal).manifest
    monkeypatch.setattr(merging, "_made", lambda *_: None)
    again = merging.carry_out_merge(tables.files, tables.layout, journal).manifest
    assert version(tables) == 1
    assert timeless(again) == timeless(done)
    assert "the log does not tell of run r2: its staged figures stand" in caplog.text
    tables.assert_rows(AFTER)


def test_what_others_write_between_staging_and_merge_is_not_undone_and_the_figures_are_those_of_the_merge(
    tables: Tables, caplog: pytest.LogCaptureFixture
) -> None:
    journal = journal_of(tables, SECOND)
    assert journal.manifest["rows"]["inserted"] == 1
    foreign = row("d", value=9.0)
    tables.frame([foreign]).write.format("delta").mode("append").save(tables.layout.table)
    told = tables.finish(journal)
    assert counted(told) == {"inserted": 0, "updated": 1, "duplicates": 1}
    assert "changed by others since run r2 was staged" in caplog.text
    tables.assert_rows([SECOND[0], *FIRST[1:], foreign])


def test_figures_that_do_not_close_with_the_table_fail_the_run(
    tables: Tables, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored = Files.parquet_rows
    journal = journal_of(tables, SECOND)
    # Of two rows the run makes three.
    monkeypatch.setattr(Files, "parquet_rows", lambda files, uri: 2 * stored(files, uri))
    words = (
        r"rows after = rows before \+ inserted - deleted: 6 is not 5; version 1 of the Delta table is written"
    )
    with pytest.raises(JobFailed, match=words):
        tables.finish(journal)
    with pytest.raises(JobFailed, match=words):
        recover(tables.files, tables.layout)


def test_the_making_of_a_table_that_was_cut_off_is_carried_on_though_files_of_it_lie_about(
    delta: SparkSession, tmp_path: Path
) -> None:
    tables = Tables(delta, tmp_path, "delta")
    journal_of(tables, FIRST)
    (tmp_path / "table/day=2024-03-01").mkdir()
    (tmp_path / "table/day=2024-03-01/part-0.snappy.parquet").write_bytes(b"cut off")
    assert recover(tables.files, tables.layout) == "r1"
    tables.assert_rows(FIRST)


def test_a_session_without_delta_does_not_carry_a_merge_on(
    tables: Tables, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal_of(tables, SECOND)
    monkeypatch.setattr(merging, "knows_delta", lambda _: False)
    with pytest.raises(UsageError, match=r"_journal\.json: run r2 was cut off .*accepted: --format delta"):
        recover(tables.files, tables.layout)


def test_a_table_that_is_compacted_after_each_commit_has_the_figures_of_the_merge(tables: Tables) -> None:
    place = tables.layout.table
    tables.spark.sql(
        f"ALTER TABLE delta.`{place}` SET TBLPROPERTIES ('delta.autoOptimize.autoCompact' = 'true')"
    )
    with settings(tables.spark, {"spark.databricks.delta.autoCompact.minNumFiles": "2"}):
        told = tables.merge(SECOND)
    assert counted(told) == {"inserted": 1, "updated": 1, "duplicates": 0}
    tables.assert_rows(AFTER)


def test_a_table_that_somebody_has_compacted_takes_further_runs(tables: Tables) -> None:
    tables.merge([row("d", value=3.0), row("e")])
    tables.spark.sql(f"OPTIMIZE delta.`{tables.layout.table}`")
    told = tables.merge([row("d", value=4.0)])
    assert counted(told) == {"inserted": 0, "updated": 1, "duplicates": 0}
    tables.assert_rows([*FIRST, row("d", value=4.0), row("e")])


def test_a_run_whose_record_was_removed_can_be_done_again(tables: Tables) -> None:
    tables.merge(SECOND)
    tables.spark.sql(f"DELETE FROM delta.`{tables.layout.table}` WHERE key = 'd'")  # noqa: S608 - our own path
    tables.files.delete(tables.layout.record("r2"))
    tables.runs = 1
    assert counted(tables.merge(SECOND)) == {"inserted": 1, "updated": 0, "duplicates": 1}
    tables.assert_rows(AFTER)


def test_a_table_that_is_gone_since_a_run_was_staged_is_not_made_anew_in_part(tables: Tables) -> None:
    journal = journal_of(tables, SECOND)
    log = tables.root / "table/_delta_log"
    log.rename(tables.root / "kept")
    words = r"expected the Delta table that was there \(version 0\), found none; restore it"
    with pytest.raises(JobFailed, match=words):
        tables.finish(journal)
    (tables.root / "kept").rename(log)
    assert recover(tables.files, tables.layout) == "r2"
    tables.assert_rows(AFTER)


def test_a_merge_opens_no_file_of_partitions_that_it_does_not_touch(tables: Tables) -> None:
    (other,) = (tables.root / "table/day=2024-03-01").glob("*.parquet")
    held = other.read_bytes()
    other.write_bytes(b"no Parquet")
    tables.merge(SECOND)
    other.write_bytes(held)
    tables.assert_rows(AFTER)


def test_deletion_vectors_are_written_where_they_are_asked_for_alone(tables: Tables) -> None:
    def vectors() -> int:
        return len(list((tables.root / "table").rglob("deletion_vector_*.bin")))

    def protocol() -> tuple[int, int]:
        told = delta_table.detail(tables.spark, tables.layout.table)
        return told["minReaderVersion"], told["minWriterVersion"]

    tables.merge([row("a", value=2.0)])
    assert vectors() == 0
    assert protocol() == (1, 2)
    tables.deletion_vectors = True
    told = tables.merge([row("a", value=3.0)])
    assert (counted(told)["updated"], partitions(told)) == (1, [("2024-02-29", 2, [5])])
    assert vectors() == 1
    assert protocol() == (3, 7)
    tables.deletion_vectors = False
    tables.merge([row("a", value=4.0)])
    assert vectors() == 1
    tables.assert_rows([row("a", value=4.0), *FIRST[1:]])
