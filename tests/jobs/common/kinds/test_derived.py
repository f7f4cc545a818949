"""Jobs on another table, by a small one: how many readings an hour has, and how many the day before had."""

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import DataFrame, SparkSession, Window
from pyspark.sql import functions as F
from pyspark.sql.types import DateType, LongType, StringType, StructField, StructType, TimestampType

from jobs.common.errors import JobFailed, UsageError
from jobs.common.files import Files
from jobs.common.kinds import derived
from jobs.common.kinds.derived import DerivedJob
from jobs.common.kinds.sources import Source, SourceTable
from jobs.common.places import Places
from jobs.common.runner import run
from jobs.common.table import Table

THINGS = StructType(
    [StructField("key", StringType()), StructField("time", TimestampType()), StructField("day", DateType())]
)
COUNTS = StructType(
    [
        StructField("start", TimestampType()),
        StructField("things", LongType()),
        StructField("wanted", LongType()),
        StructField("day_before", LongType()),
        StructField("day", DateType()),
    ]
)
TABLE = Table(COUNTS, ("day",), ("day", "start"), None, (), ("start",), "start")
FIRST = date(2024, 2, 28)


def measure(things: DataFrame, cadence: int) -> DataFrame:
    """Count by hour."""
    counted = things.groupBy("day", F.date_trunc("hour", "time").alias("start")).agg(
        F.count("*").alias("things")
    )
    return counted.withColumn("wanted", F.lit(cadence).cast("long"))


def complete(hours: DataFrame) -> DataFrame:
    """Look at the day before."""
    before = Window.partitionBy(F.hour("start")).orderBy(F.unix_date("day")).rangeBetween(-1, -1)
    return hours.withColumn("day_before", F.max("things").over(before)).select(*COUNTS.names)


JOB = DerivedJob(
    name="counts",
    version="1",
    description="Counts things.",
    source=Source("things", THINGS, "day", "time"),
    table=TABLE,
    counted="things",
    expected="wanted",
    days_before=1,
    measure=measure,
    complete=complete,
)


class Things:
    """A table of things, and the counts made of it."""

    def __init__(self, spark: SparkSession, root: Path) -> None:
        """Make it below `root`, without any."""
        self.spark, self.root = spark, root
        self.table, self.output = root / "things", root / "counts"
        (self.table / "_runs").mkdir(parents=True)

    def put(self, run: str, day: int, hours: Sequence[int], changed: Sequence[int] | None = None) -> Path:
        """Give a day's things anew, one an hour named, as a run that says which hours have changed."""
        folder = self.table / f"day={FIRST + timedelta(days=day)}"
        for old in folder.glob("*"):
            old.unlink()
        if hours:
            rows = [
                (str(number), datetime(2024, 2, 28, hour, 5, tzinfo=UTC) + timedelta(days=day))
                for number, hour in enumerate(hours)
            ]
            frame = self.spark.createDataFrame(rows, "key string, time timestamp")
            frame.coalesce(1).write.mode("append").parquet(str(folder))
        (self.table / f"_runs/{run}.json").write_text("{}")
        partition = {
            "values": {"day": str(FIRST + timedelta(days=day))},
            "changed_hours": changed or sorted(set(hours)),
        }
        told = {"job": "things", "status": "done", "run_id": run, "partitions": [partition]}
        manifest = self.root / f"manifests/{run}.json"
        manifest.parent.mkdir(exist_ok=True)
        manifest.write_text(json.dumps(told))
        return manifest

    def argv(self, *further: str, manifests: Sequence[Path] = ()) -> list[str]:
        """Say where everything is."""
        flags = [
            "--input",
            str(self.table),
            "--output",
            str(self.output),
            "--manifest",
            f"{self.root}/m.json",
        ]
        return [*flags, *(part for one in manifests for part in ("--changes-from", str(one))), *further]

    def count(self, *further: str, manifests: Sequence[Path] = ()) -> dict[str, Any]:
        """Run the job; returns its manifest."""
        arguments = JOB.parse(self.argv(*further, manifests=manifests))
        return run(JOB, arguments, self.spark).journal.manifest

    def rows(self) -> list[tuple[int, int, int, int | None]]:
        """Read the table: day, hour, things, things of the day before."""
        found = self.spark.read.schema(COUNTS).parquet(str(self.output)).orderBy("start").collect()
        return [((r["day"] - FIRST).days, r["start"].hour, r["things"], r["day_before"]) for r in found]


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


def test_another_cadence_than_the_tables_is_refused_with_changes(things: Things) -> None:
    first = things.put("r1", 0, [5])
    things.count()
    with pytest.raises(UsageError) as refused:
        things.count("--cadence-per-hour", "2", manifests=[first])
    assert str(refused.value) == (
        "--cadence-per-hour 2: the table was computed with 1; accepted: 1, or a run without --changes-from, "
        "which computes everything anew"
    )


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
    monkeypatch.setattr(derived, "_sum", lambda *_: 1)
    with pytest.raises(
        JobFailed, match="2 rows were read of things, 1 are counted in hours; nothing was written"
    ):
        things.count()
