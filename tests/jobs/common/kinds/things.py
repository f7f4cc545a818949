"""A small job on another table: how many things an hour has, and how many the day before had."""

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from pyspark.sql import DataFrame, SparkSession, Window
from pyspark.sql import functions as F
from pyspark.sql.types import DateType, LongType, StringType, StructField, StructType, TimestampType

from jobs.common.kinds.derived import DerivedJob
from jobs.common.kinds.sources import Source
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
