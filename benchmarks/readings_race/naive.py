"""device_readings as most would write it in PySpark: `spark-submit benchmarks/readings_race/naive.py`.

The schema is inferred, a Python UDF judges each row, a window ranks all rows of each key, partitions are written as
Spark writes them, and what is bad is dropped. A table that is there is merged with: by Delta's MERGE, or by reading the
partitions that the new rows touch, and overwriting them.
"""

import argparse
import shutil
import sys
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from pyspark.sql import Column, DataFrame, SparkSession, Window
from pyspark.sql import functions as F
from pyspark.sql.types import BooleanType

from benchmarks.readings_race.shape import KEY, METRICS, NUMBERS, RANGES


def is_good(row: Any) -> bool:
    """Judge a message; where one value is a text, Spark has inferred texts for all."""
    if not row.device_id or not row.event_id or row.event_time is None or row.received_at is None:
        return False
    if row.event_time > row.received_at + timedelta(hours=24):
        return False
    for name, (least, most) in RANGES.items():
        value = row[name]
        if value is None:
            continue
        try:
            number = float(value)
        except ValueError:
            return False
        if not least <= number <= most:
            return False
    return True


def clean(raw: DataFrame) -> DataFrame:
    """Take messages to rows, one a key."""
    if "_corrupt_record" in raw.columns:
        raw = raw.where("_corrupt_record IS NULL")
    flat = raw.select(
        "device_id",
        "event_id",
        *(_cast(name, "timestamp") for name in ("event_time", "received_at")),
        "firmware",
        *(F.col(f"location.{name}").alias(name) for name in ("lat", "lon")),
        *(F.col(f"metrics.{name}").alias(name) for name in METRICS),
        "wind_direction",
        F.input_file_name().alias("source_object"),
    )
    judge = F.udf(is_good, BooleanType())
    good = flat.where(judge(F.struct(*flat.columns)))
    rows = good.withColumns({name: _cast(name, "double") for name in NUMBERS})
    return newest(rows.withColumn("event_date", F.to_date("event_time")))


def newest(rows: DataFrame) -> DataFrame:
    """Keep the row of each key that was received last."""
    window = Window.partitionBy(*KEY).orderBy(F.desc("received_at"))
    return rows.withColumn("rank", F.row_number().over(window)).where("rank = 1").drop("rank")


def _cast(name: str, kind: str) -> Column:
    return F.expr(f"try_cast({name} AS {kind})").alias(name)


def write(spark: SparkSession, rows: DataFrame, table: str, form: str) -> None:
    """Write the rows as a new table, or merge them into the one that is there."""
    if not Path(table).exists():
        rows.write.partitionBy("event_date").format(form).save(table)
    elif form == "delta":
        same = " AND ".join(f"t.{name} = s.{name}" for name in KEY)
        rows.createOrReplaceTempView("s")
        columns = ", ".join(rows.columns)
        values = ", ".join(f"s.{name}" for name in rows.columns)
        changes = ", ".join(f"t.{name} = s.{name}" for name in rows.columns)
        spark.sql(f"""
            MERGE INTO delta.`{table}` t USING s ON {same}
            WHEN MATCHED AND s.received_at > t.received_at THEN UPDATE SET {changes}
            WHEN NOT MATCHED THEN INSERT ({columns}) VALUES ({values})""")  # noqa: S608 - our own names
    else:
        rows = rows.cache()
        dates = [row.event_date for row in rows.select("event_date").distinct().collect()]
        old = spark.read.parquet(table).where(F.col("event_date").isin(dates)).select(*rows.columns)
        merged, aside = newest(rows.unionByName(old)), f"{table}-new"
        # Spark refuses to overwrite what it reads.
        merged.write.mode("overwrite").parquet(aside)
        spark.conf.set("spark.sql.sources.partitionOverwriteMode", "dynamic")
        spark.read.parquet(aside).write.mode("overwrite").partitionBy("event_date").parquet(table)
        shutil.rmtree(aside)


def main(argv: Sequence[str]) -> int:
    """Run, and return the exit code."""
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("--input", action="append", required=True)
    parser.add_argument("--output", required=True)
    parser.add_argument("--format", default="parquet")
    found = parser.parse_args(list(argv))
    spark = SparkSession.builder.appName("naive").config("spark.sql.session.timeZone", "UTC").getOrCreate()
    write(spark, clean(spark.read.json(found.input)), found.output, found.format)
    spark.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
