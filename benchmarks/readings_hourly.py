"""Compare one late day with a year computed anew: `scripts/bench readings_hourly`.

A year of readings is made as a table of device_readings, then one day in its middle is corrected. In turns, each a
spark-submit of its own, on copies of the hourly table as it was: the day by its manifest; the same again, which finds
itself done and shows what the start of Spark takes; the year, which finds what the day has changed; and the year as a
new table. CPU is that of all processes of a run.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from statistics import median
from typing import Annotated, Final

import typer
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from benchmarks.running.local_spark import LOCAL, SPARK_SUBMIT
from jobs.common.session import build
from jobs.device_readings import METRICS, READINGS

ROOT: Final = Path(__file__).resolve().parents[1]
OPTIONS: Final = {**LOCAL, "spark.driver.memory": "2g", "spark.sql.shuffle.partitions": "4"}
FIRST: Final = date(2023, 1, 1)
DAYS: Final = 365
LATE: Final = FIRST + timedelta(days=180)


@dataclass(frozen=True)
class Cost:
    """What a run took, in seconds, and the rows that its manifest tells."""

    wall_s: float
    cpu_s: float
    rows: dict[str, int]


def main(
    devices: Annotated[int, typer.Option(min=1, help="How many devices there are.")] = 12,
    per_hour: Annotated[int, typer.Option(min=1, max=3600, help="Readings of each in an hour.")] = 1,
    rounds: Annotated[int, typer.Option(min=1, help="How often each is measured, in turns.")] = 3,
    java_options: Annotated[
        str, typer.Option(help="For the JVM of each run, such as -XX:TieredStopAtLevel=1.")
    ] = "",
) -> None:
    """Print what a year, a late day and a run that does nothing take, and the day's share."""
    with tempfile.TemporaryDirectory() as folder:
        costs = compare(Path(folder), devices, per_hour, rounds, java_options)
    typer.echo(f"{devices} devices, {per_hour} readings an hour, {DAYS} days; medians of {rounds}")
    for name, found in costs.items():
        cpu, wall = median(cost.cpu_s for cost in found), median(cost.wall_s for cost in found)
        rows = found[0].rows
        typer.echo(
            f"{name:<10} {cpu:>8.1f} s CPU {wall:>8.1f} s wall {rows['source_rows']:>12,} readings "
            f"{rows['read']:>9,} rows {rows['updated'] + rows['inserted']:>9,} written"
        )
    cpu_s = {name: median(cost.cpu_s for cost in found) for name, found in costs.items()}
    late, start = cpu_s["late day"], cpu_s["nothing"]
    for name in ("year", "new table"):
        share, net = late / cpu_s[name], (late - start) / (cpu_s[name] - start)
        typer.echo(f"share of {name}: {share:.1%} of the CPU, {net:.1%} without the start of Spark")


def compare(root: Path, devices: int, per_hour: int, rounds: int, java_options: str) -> dict[str, list[Cost]]:
    """Make the year, and measure in turns."""
    measure = partial(run_job, java_options=java_options)
    readings, hours = root / "readings", root / "hours"
    spark = build("benchmark", OPTIONS)
    make_readings(spark, readings, devices, per_hour, correct=False)
    manifest = write_manifest(root / "late.json")
    measure(readings, hours, ["--run-id", "first"])
    make_readings(spark, readings, devices, per_hour, correct=True)
    spark.stop()
    costs: dict[str, list[Cost]] = {"year": [], "new table": [], "late day": [], "nothing": []}
    for number in range(rounds):
        copy = root / f"hours-{number}"
        shutil.copytree(hours, copy)
        costs["late day"].append(
            measure(readings, copy, ["--changes-from", str(manifest), "--run-id", "late"])
        )
        costs["nothing"].append(
            measure(readings, copy, ["--changes-from", str(manifest), "--run-id", "late"])
        )
        costs["new table"].append(measure(readings, root / f"new-{number}", ["--run-id", "year"]))
        shutil.rmtree(copy)
        shutil.copytree(hours, copy)
        costs["year"].append(measure(readings, copy, ["--run-id", "year"]))
    return costs


def make_readings(spark: SparkSession, place: Path, devices: int, per_hour: int, *, correct: bool) -> None:
    """Write the table; or correct its late day, by figures that are a little greater."""
    seconds = 3600 // per_hour
    begin = LATE if correct else FIRST
    count = devices * per_hour * 24 * (1 if correct else DAYS)
    start = F.unix_timestamp(F.lit(str(begin)), "yyyy-MM-dd")
    number = F.expr(f"id div {devices}")
    made = spark.range(count).select(
        F.format_string("device-%03d", F.col("id") % devices).alias("device_id"),
        F.format_string("event-%d", "id").alias("event_id"),
        F.timestamp_seconds(start + number * seconds).alias("event_time"),
    )
    figures = {metric: _figure(position, correct=correct) for position, metric in enumerate(METRICS)}
    rows = made.withColumns(
        {"event_date": F.to_date("event_time"), "received_at": F.col("event_time"), **figures}
    )
    others = {
        field.name: F.lit(None).cast(field.dataType) for field in READINGS if field.name not in rows.columns
    }
    _write(rows.withColumns(others).select(*READINGS.names), place)


def _figure(position: int, *, correct: bool) -> Column:
    """Draw a figure of a daily curve with noise; one in fifty is missing."""
    value = F.round(
        50 + 20 * F.sin(F.hour("event_time") / 4) + 10 * F.randn(position) + (5 if correct else 0), 1
    )
    return F.when(F.rand(100 + position) >= 0.02, value)  # noqa: PLR2004 - one in fifty


def _write(rows: DataFrame, place: Path) -> None:
    with_dates = rows.repartition(8, "event_date").sortWithinPartitions(
        "event_date", "device_id", "event_time"
    )
    writer = with_dates.write.mode("overwrite").option("partitionOverwriteMode", "dynamic")
    writer.partitionBy("event_date").parquet(str(place))


def write_manifest(path: Path) -> Path:
    """Say, as a run of device_readings would, that the late day has changed."""
    partition = {"values": {"event_date": str(LATE)}, "changed_hours": list(range(24))}
    told = {"job": "device_readings", "run_id": "late", "status": "done", "partitions": [partition]}
    path.write_text(json.dumps(told))
    return path


def run_job(readings: Path, hours: Path, further: Sequence[str], java_options: str) -> Cost:
    """Run the job as a user would, and count what all of its processes took."""
    manifest = hours.with_name(f"{hours.name}.json")
    flags = ["--input", str(readings), "--output", str(hours), "--manifest", str(manifest), *further]
    conf = {**OPTIONS, **({"spark.driver.extraJavaOptions": java_options} if java_options else {})}
    options = [part for name, value in conf.items() for part in ("--conf", f"{name}={value}")]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYSPARK_PYTHON": sys.executable}
    command = [str(SPARK_SUBMIT), *options, str(ROOT / "jobs/readings_hourly.py"), *flags]
    started = time.perf_counter()
    with subprocess.Popen(
        command, env=environment, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL
    ) as process:
        log = process.stderr.read() if process.stderr else b""
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise typer.Exit(_say(log.decode()))
    rows = json.loads(manifest.read_text())["rows"]
    return Cost(time.perf_counter() - started, usage.ru_utime + usage.ru_stime, rows)


def _say(log: str) -> int:
    typer.echo(log, err=True)
    return 1


if __name__ == "__main__":
    typer.run(main)
