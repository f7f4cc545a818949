"""Jobs on another table, by a small one: tests/jobs/common/kinds/things.py."""

import os
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import DataFrame, SparkSession

from jobs.common.commit.places import Places
from jobs.common.commit.stage import Stage
from jobs.common.errors import JobFailed, UsageError
from jobs.common.files import Files
from jobs.common.kinds.sources import SourceTable
from tests.jobs.common.kinds import things as things_module
from tests.jobs.common.kinds.things import JOB, Things, measure


@pytest.fixture
def things(spark: SparkSession, tmp_path: Path) -> Things:
    return Things(spark, tmp_path)


def figures(told: dict[str, Any]) -> tuple[int, ...]:
    assert told["rows"]["read"] == told["rows"]["accepted"]
    names = ("source_rows", "read", "inserted", "updated", "duplicates", "deleted")
    return tuple(told["rows"][name] for name in names)


def test_the_command_line_says_what_is_computed() -> None:
    given = ["--input", "in", "--output", "out", "--manifest", "m"]
    plain = JOB.parse(given)
    assert (plain.input, plain.input_format, plain.changes_from, plain.cadence_per_hour) == (
        "in",
        "auto",
        (),
        1,
    )
    assert plain.quarantine is None
    assert not plain.uses_delta
    assert JOB.parse([*given, "--format", "delta"]).uses_delta
    further = [
        "--input-format",
        "delta",
        "--changes-from",
        "a",
        "--changes-from",
        "b",
        "--cadence-per-hour",
        "60",
    ]
    full = JOB.parse([*given, *further])
    assert full.uses_delta
    assert (full.input_format, full.changes_from, full.cadence_per_hour) == ("delta", ("a", "b"), 60)


WRONG = {
    "no input": (["--output", "o", "--manifest", "m"], "the following arguments are required: --input"),
    "no place": (["--input", "/"], "argument --input: expected a place of its own, got '/'"),
    "a format": (["--input", "i", "--input-format", "csv"], "argument --input-format: invalid choice: 'csv'"),
    "a cadence": (
        ["--input", "i", "--cadence-per-hour", "0"],
        "argument --cadence-per-hour: expected a whole number from 1 to 999999, got '0'",
    ),
    "two inputs": (
        ["--input", "i", "--input", "j"],
        "argument --input: expected it once, got it again with 'j'",
    ),
    "a quarantine": (["--input", "i", "--quarantine", "q"], "unrecognized arguments: --quarantine q"),
}


@pytest.mark.parametrize(("argv", "words"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_command_line_is_refused(
    argv: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        JOB.parse(["--output", "o", "--manifest", "m", *argv] if "--output" not in argv else argv)
    assert ended.value.code == 2
    assert words in capsys.readouterr().err


def test_everything_is_computed_from_the_whole_table(things: Things) -> None:
    things.put("r1", 0, [5, 5, 6])
    things.put("r2", 1, [5])
    told = things.count("--run-id", "all")
    assert things.rows() == [(0, 5, 2, None), (0, 6, 1, None), (1, 5, 1, 2)]
    assert figures(told) == (4, 3, 3, 0, 0, 0)
    assert [each["uri"].split("/")[-2] for each in told["inputs"]] == ["day=2024-02-28", "day=2024-02-29"]
    assert figures(things.count("--run-id", "again")) == (4, 3, 0, 0, 3, 0)


def test_changed_hours_and_what_looks_back_on_them_are_computed_and_no_others(things: Things) -> None:
    for day in range(4):
        things.put(f"r{day}", day, [5, 6])
    things.count()
    late = things.put("late", 1, [5, 5, 6], changed=[5])
    told = things.count(manifests=[late])
    assert things.rows()[2:6] == [(1, 5, 2, 1), (1, 6, 1, 1), (2, 5, 1, 2), (2, 6, 1, 1)]
    assert figures(told) == (2, 2, 0, 2, 0, 0)
    assert [(p["values"]["day"], p["changed_hours"]) for p in told["partitions"]] == [
        ("2024-02-29", [5]),
        ("2024-03-01", [5]),
    ]
    assert [each["uri"] for each in told["inputs"]] == [f"file:{late}"]


def test_rows_of_hours_that_became_empty_are_removed(things: Things) -> None:
    things.put("r1", 0, [5, 6])
    things.put("r2", 1, [5])
    things.count()
    told = things.count(manifests=[things.put("moved", 0, [6, 6], changed=[5, 6])])
    assert things.rows() == [(0, 6, 2, None), (1, 5, 1, None)]
    assert figures(told) == (2, 2, 0, 2, 0, 1)
    told = things.count(manifests=[things.put("gone", 0, [], changed=[6])])
    assert things.rows() == [(1, 5, 1, None)]
    assert figures(told) == (0, 0, 0, 0, 0, 1)
    things.put("all gone", 1, [], changed=[5])
    assert figures(things.count()) == (0, 0, 0, 0, 0, 1)


def test_a_first_run_on_changes_computes_everything(things: Things) -> None:
    things.put("r1", 0, [5])
    told = things.count(manifests=[things.put("r2", 1, [6])])
    assert things.rows() == [(0, 5, 1, None), (1, 6, 1, None)]
    assert figures(told) == (2, 2, 2, 0, 0, 0)


def test_a_run_is_its_inputs_and_its_cadence(things: Things) -> None:
    first = things.put("r1", 0, [5])
    everything = things.count()["run_id"]
    assert things.count()["run_id"] == everything
    assert things.count("--cadence-per-hour", "2")["run_id"] != everything
    by_changes = things.count("--cadence-per-hour", "2", manifests=[first])
    assert figures(by_changes) == (1, 1, 0, 0, 1, 0)
    things.put("r2", 1, [5])
    assert things.count()["run_id"] not in {everything, by_changes["run_id"]}


def test_a_manifest_that_was_written_again_makes_no_new_run(things: Things) -> None:
    first = things.put("r1", 0, [5])
    done = things.count("--run-id", "h1", manifests=[first])
    by_hash = things.count(manifests=[first])["run_id"]
    os.utime(first, (0, 0))
    first.write_text(first.read_text() + "\n")
    assert things.count("--run-id", "h1", manifests=[first]) == done
    assert things.count(manifests=[first])["run_id"] == by_hash


def test_another_cadence_than_the_tables_is_refused_with_changes(things: Things) -> None:
    first = things.put("r1", 0, [5])
    things.count()
    with pytest.raises(UsageError) as refused:
        things.count("--cadence-per-hour", "2", manifests=[first])
    assert str(refused.value) == (
        "--cadence-per-hour 2: the table was computed with 1; accepted: 1, or a run without --changes-from, "
        "which computes everything anew"
    )


def test_another_cadence_is_refused_however_far_the_tables_rows_are(things: Things) -> None:
    things.put("r1", 0, [5])
    things.count()
    far = things.put("r2", 300, [5])
    with pytest.raises(UsageError, match="--cadence-per-hour 2: the table was computed with 1"):
        things.count("--cadence-per-hour", "2", manifests=[far])
    assert things.rows() == [(0, 5, 1, None)]


def test_manifests_of_another_table_are_refused(things: Things) -> None:
    first = things.put("r1", 0, [5])
    (things.table / "_runs/r1.json").rename(things.table / "_runs/other.json")
    with pytest.raises(UsageError, match="run 'r1' is none of those that the table of --input records"):
        things.count(manifests=[first])


def test_a_manifest_of_a_run_that_is_just_ending_is_refused(things: Things) -> None:
    first = things.put("r1", 0, [5])
    (things.table / "_runs/r1.json").rename(things.table / "_journal.json")
    (things.table / "_runs/r0.json").write_text("{}")
    with pytest.raises(JobFailed, match="a run of things is writing to the table") as failed:
        things.count(manifests=[first])
    assert failed.value.exit_code == 1


@pytest.mark.parametrize("output", ["things", "things/below", "."])
def test_a_table_is_not_made_in_its_source_nor_around_it(things: Things, output: str) -> None:
    files = Files(things.spark)
    places = Places(f"file:{things.root}/{output}".removesuffix("/."), None, "file:/m.json")
    with pytest.raises(UsageError, match="lie in each other; keep them apart"):
        JOB.find_inputs(files, JOB.parse(things.argv()), places)


def test_a_source_that_changes_meanwhile_leaves_the_table_as_it_was(
    things: Things, monkeypatch: pytest.MonkeyPatch
) -> None:
    things.put("r1", 0, [5])
    things.count()
    late = things.put("r2", 0, [5, 6])
    read = SourceTable.read

    def change_after(*given: Any) -> DataFrame:
        rows = read(*given).localCheckpoint()
        things.put("r3", 0, [5, 6, 7])
        return rows

    monkeypatch.setattr(SourceTable, "read", change_after)
    with pytest.raises(JobFailed, match="changed while the run was reading"):
        things.count(manifests=[late])
    assert things.rows() == [(0, 5, 1, None)]


def test_readings_that_are_in_no_hour_stop_the_run(things: Things, monkeypatch: pytest.MonkeyPatch) -> None:
    things.put("r1", 0, [5, 6])
    lossy = replace(JOB, measure=lambda rows, cadence: measure(rows.filter("hour(time) = 5"), cadence))
    monkeypatch.setattr(things_module, "JOB", lossy)
    with pytest.raises(
        JobFailed, match="rows counted in hours = rows read of things: 1 is not 2; nothing was written"
    ):
        things.count()


def test_a_source_that_changes_so_that_it_cannot_be_read_is_named(
    things: Things, monkeypatch: pytest.MonkeyPatch
) -> None:
    things.put("r1", 0, [5])
    read = SourceTable.read

    def gone_after(*given: Any) -> DataFrame:
        rows = read(*given)
        for file in things.table.glob("day=*/*.parquet"):
            file.unlink()
        return rows

    monkeypatch.setattr(SourceTable, "read", gone_after)
    with pytest.raises(JobFailed, match="changed while the run was reading"):
        things.count()


@pytest.mark.parametrize("is_late", [False, True])
def test_hours_that_are_lost_between_measure_and_staging_stop_the_run(
    things: Things, monkeypatch: pytest.MonkeyPatch, is_late: bool
) -> None:
    first = things.put("r1", 0, [5, 6])
    if is_late:
        things.count()
    whole = Stage.replace

    def lose_one(stage: Stage, result: DataFrame, current: DataFrame) -> Any:
        return whole(stage, result.filter("hour(start) = 5"), current)

    monkeypatch.setattr(Stage, "replace", lose_one)
    words = re.escape("hours staged = hours to be completed: 1 is not 2; nothing was written to the table")
    with pytest.raises(JobFailed, match=words):
        things.count("--run-id", "lossy", manifests=[first] if is_late else [])
    assert not is_late or things.rows() == [(0, 5, 1, None), (0, 6, 1, None)]
