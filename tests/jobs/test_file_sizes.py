"""Rows become files near the target size, sorted inside, however small or many the objects are."""

import random
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from tests.jobs.messages import message, put
from tests.jobs.running import Places, query, run_readings

pytestmark = pytest.mark.usefixtures("reader")


@pytest.mark.one_release
def test_files_are_near_the_target_size_and_sorted_inside(spark: SparkSession, tmp_path: Path) -> None:
    places = Places(tmp_path / "out")
    draw = random.Random(5)  # noqa: S311 - figures that do not compress, not secrets
    metrics = ("pm2_5", "pm10", "so2", "no2", "co", "o3", "rain_mm")
    messages = [
        message(
            f"device-{number % 7}",
            str(number),
            event_time=f"2024-02-29T{draw.randrange(24):02}:00:00Z",
            received_at="2024-03-01T00:00:00Z",
            metrics={name: draw.uniform(0, 2000) for name in metrics},
        )
        for number in range(60_000)
    ]
    told = run_readings(spark, places, [put(tmp_path / "x.json", messages)], "--target-file-mib", "1")
    (partition,) = told["partitions"]
    files = sorted(places.table.glob("event_date=*/*.parquet"))
    assert len(files) == partition["files"] >= 3
    assert all(0.5 < path.stat().st_size / 2**20 < 1.5 for path in files)
    for path in files:
        order = query("SELECT device_id, event_time::text FROM files", path)
        assert order == sorted(order)
    compression = "SELECT DISTINCT compression FROM parquet_metadata(?)"
    assert query(compression, files[0], [str(files[0])]) == [("ZSTD",)]


@pytest.mark.one_release
def test_three_hundred_tiny_objects_make_one_file_a_partition(spark: SparkSession, tmp_path: Path) -> None:
    places = Places(tmp_path / "out")
    for number in range(300):
        instant = f"2024-02-{28 + number % 2}T05:00:00Z"
        put(
            tmp_path / f"in/{number}.json",
            [message("a", str(number), event_time=instant, received_at=instant)],
        )
    told = run_readings(spark, places, [tmp_path / "in"])
    assert [(each["files"], each["rows"]) for each in told["partitions"]] == [(1, 150), (1, 150)]
    assert len(list(places.table.glob("event_date=*/*.parquet"))) == 2
    assert len(told["inputs"]) == 300
