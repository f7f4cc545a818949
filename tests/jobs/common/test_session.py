import os
import subprocess
from pathlib import Path

import duckdb
import pytest
from py4j.java_gateway import JVMView
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from benchmarks.running.local_spark import SPARK_SUBMIT
from jobs.common.session import build, settings

ROOT = Path(__file__).resolve().parents[3]
SUBMIT = [str(SPARK_SUBMIT), "--master", "local[1]"]


@pytest.mark.parametrize(
    ("name", "set_by_cluster", "relied_on"),
    [
        ("spark.sql.session.timeZone", "Asia/Tokyo", "UTC"),
        ("spark.sql.parquet.outputTimestampType", "INT96", "TIMESTAMP_MICROS"),
        ("spark.sql.parquet.datetimeRebaseModeInRead", "LEGACY", "CORRECTED"),
        ("spark.sql.parquet.datetimeRebaseModeInWrite", "LEGACY", "CORRECTED"),
        ("spark.sql.parquet.compression.codec", "gzip", "zstd"),
        ("spark.sql.variable.substitute", "true", "false"),
        ("spark.sql.files.ignoreCorruptFiles", "true", "false"),
        ("spark.sql.files.ignoreMissingFiles", "true", "false"),
    ],
)
def test_what_a_cluster_sets_gives_way_to_what_jobs_rely_on(
    spark: SparkSession, name: str, set_by_cluster: str, relied_on: str
) -> None:
    before = str(spark.conf.get(name))
    spark.conf.set(name, set_by_cluster)
    try:
        assert build("again", {name: set_by_cluster}).conf.get(name) == relied_on
    finally:
        spark.conf.set(name, before)


def test_settings_hold_within_their_block_also_when_it_fails(spark: SparkSession) -> None:
    name = "spark.sql.files.openCostInBytes"
    before, seen = spark.conf.get(name), []

    def fail() -> None:
        seen.append(spark.conf.get(name))
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), settings(spark, {name: "17"}):
        fail()
    assert (seen, spark.conf.get(name)) == (["17"], before)


def test_the_running_session_is_taken_and_further_settings_are_set(spark: SparkSession) -> None:
    again = build("again", {"spark.jobs.tests.further": "yes"})
    assert again.sparkContext is spark.sparkContext
    assert again.conf.get("spark.jobs.tests.further") == "yes"
    spark.conf.unset("spark.jobs.tests.further")


@pytest.mark.usefixtures("spark")
def test_no_column_makes_pyspark_look_for_a_class(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_for: list[str] = []
    monkeypatch.setattr(JVMView, "__getattr__", lambda _, name: looked_for.append(name))
    columns = [F.lit(1).alias("a"), F.coalesce("x", F.col("y")).isin(1, 2), F.struct("x", "y")["x"]]
    assert (len(columns), looked_for) == (3, [])


def test_instants_are_utc_microseconds_in_parquet(spark: SparkSession, tmp_path: Path) -> None:
    frame = spark.sql("SELECT timestamp_micros(1362067200123456) AS at").selectExpr(
        "at", "to_date(at) AS day"
    )
    frame.coalesce(1).write.parquet(f"{tmp_path}/table")
    with duckdb.connect() as database:
        database.execute("SET TimeZone = 'UTC'")
        stored = database.execute(
            "SELECT type, compression FROM parquet_metadata(?) WHERE path_in_schema = 'at'",
            [f"{tmp_path}/table/*.parquet"],
        ).fetchall()
        rows = database.execute(
            'SELECT "at"::VARCHAR, day::VARCHAR, typeof("at") FROM read_parquet(?)',
            [f"{tmp_path}/table/*.parquet"],
        ).fetchall()
    assert stored == [("INT64", "ZSTD")]
    assert rows == [("2013-02-28 16:00:00.123456+00", "2013-02-28", "TIMESTAMP WITH TIME ZONE")]


def test_days_of_long_ago_are_those_that_other_engines_know(spark: SparkSession, tmp_path: Path) -> None:
    frame = spark.sql("SELECT DATE'0004-02-29' AS day, TIMESTAMP'1500-02-28 12:00:00' AS at")
    frame.write.parquet(f"{tmp_path}/table")
    with duckdb.connect() as database:
        database.execute("SET TimeZone = 'UTC'")
        rows = database.execute(
            'SELECT day::VARCHAR, "at"::VARCHAR FROM read_parquet(?)', [f"{tmp_path}/table/*.parquet"]
        ).fetchall()
        database.execute(f"COPY (SELECT DATE '0004-02-29' AS day) TO '{tmp_path}/other.parquet'")
    assert rows == [("0004-02-29", "1500-02-28 12:00:00+00")]
    read = spark.read.parquet(f"{tmp_path}/other.parquet").selectExpr("cast(day AS string)").collect()
    assert [row[0] for row in read] == ["0004-02-29"]


def test_delta_comes_beside_the_extensions_that_the_cluster_has_set(tmp_path: Path) -> None:
    script = tmp_path / "shown.py"
    script.write_text(
        "from jobs.common.session import _with_delta\nprint(_with_delta({})['spark.sql.extensions'])\n"
    )
    command = [*SUBMIT, "--conf", "spark.sql.extensions=com.example.Rules", str(script)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)
    assert done.stdout == "com.example.Rules,io.delta.sql.DeltaSparkSessionExtension\n", done.stderr
