from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from pyspark.sql import SparkSession

from jobs.common.files import Entry
from jobs.common.native import parquet, running
from jobs.common.native.planning import Held, files_to_be
from jobs.common.native.reading import Reading
from jobs.common.native.running import part_old, read, refuse, write
from jobs.common.native.spreading import Values
from jobs.common.native.writing import Writing
from jobs.device_readings import JOB
from tests.jobs.common.native.arrow import LOCAL, table, values, whole
from tests.jobs.common.native.test_reading import dataset
from tests.jobs.common.tables import TABLE, row
from tests.jobs.messages import message, put

AT = "event_date=2024-02-29"
NAMES: dict[Values, str] = {("2024-02-29",): AT}


def test_items_are_shared_out_in_their_order_by_size(spark: SparkSession) -> None:
    cores = spark.sparkContext.defaultParallelism
    groups = running._shared_out(list("abcdef"), [30, 10, 10, 10, 30, 30], 30, spark)
    assert [one for group in groups for one in group] == list("abcdef")
    assert max(map(len, groups)) <= 3
    assert len(running._shared_out(list("abcdef"), [1] * 6, 100, spark)) == min(6, cores)
    # Three tasks would do; with two cores one of these would wait at the end.
    assert len(running._shared_out(list("abcdef"), [10] * 6, 20, spark)) == min(6, -(-3 // cores) * cores)
    assert running._shared_out([], [], 100, spark) == []


def test_tasks_report_what_they_have_read_and_written(spark: SparkSession, tmp_path: Path) -> None:
    objects = []
    for number in range(5):
        rows: list[dict[str, Any] | str] = [
            message("a", str(number)),
            message("a", "x"),
            "bad",
            message("", "y"),
        ]
        path = put(tmp_path / f"in/{number}", rows)
        objects.append(Entry(str(path), path.stat().st_size, 0, None, is_folder=False))
    (tmp_path / "rows").mkdir()
    shares = []

    def reading(tasks: int) -> Reading:
        shares.append(tasks)
        return Reading(LOCAL, dataset(JOB), JOB.table, f"{tmp_path}/rows", tasks)

    all_ = read(spark, objects, reading)
    assert (all_.objects, all_.messages, all_.accepted) == (5, 20, 10)
    assert all_.quarantined == {"malformed_json": 5, "missing_device_id": 5}
    assert sum(part.segment.rows for part in all_.partitions["2024-02-29",]) == 10
    assert shares == [min(5, spark.sparkContext.defaultParallelism)]
    writing = Writing(LOCAL, JOB.table, f"{tmp_path}/staged", f"{tmp_path}/rows")
    reports = write(spark, writing, files_to_be(all_, NAMES, {}, {AT: 0}, {}))
    assert Counter({"rows": 6, "keys": 6, "accepted": 10}) == Counter(
        {name: sum(getattr(one, name) for one in reports) for name in ("rows", "keys", "accepted")}
    )
    refused = refuse(spark, writing, all_.refused)
    assert sorted(refused) == sorted(one.name for one in (tmp_path / "rows").glob("*.parquet"))
    assert sum(pq.ParquetFile(tmp_path / "rows" / name).metadata.num_rows for name in refused) == 10


def test_nothing_read_is_nothing_to_do(spark: SparkSession, tmp_path: Path) -> None:
    nothing = read(spark, [], lambda tasks: Reading(LOCAL, dataset(JOB), JOB.table, str(tmp_path), tasks))
    assert (nothing.objects, nothing.accepted, nothing.partitions) == (0, 0, {})
    assert refuse(spark, Writing(LOCAL, JOB.table, str(tmp_path), str(tmp_path)), []) == []


def test_old_rows_of_a_partition_that_becomes_several_files_are_parted_once(
    spark: SparkSession, tmp_path: Path
) -> None:
    held = []
    for number in range(3):
        rows = table([row(f"{number}-{key}") for key in range(10)], without=["day"])
        size = parquet.write(LOCAL, f"{tmp_path}/old{number}", rows)
        held.append(Entry(f"{tmp_path}/old{number}", size, 0, None, is_folder=False))
    writing = Writing(LOCAL, TABLE, f"{tmp_path}/staged", str(tmp_path))
    all_held = {"day=1": Held(held, 30), "day=2": Held(held[:1], 10)}
    found = part_old(spark, writing, all_held, {"day=1": 2, "day=2": 0})
    assert list(found) == ["day=1"]
    assert {part.bits for part in found["day=1"]} == {2}
    keys = [
        one[0] for rows in whole(LOCAL, [part.segment for part in found["day=1"]]) for one in values(rows)
    ]
    assert sorted(keys) == sorted(f"{number}-{key}" for number in range(3) for key in range(10))
