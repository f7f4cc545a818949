from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyspark.sql import SparkSession

from jobs.common.files import Entry
from jobs.common.native import running
from jobs.common.native.reading import Reading
from jobs.common.native.running import Held, Read, plan, read, refuse, write
from jobs.common.native.segments import Segment
from jobs.common.native.spreading import Part
from jobs.common.native.writing import FileToBe, Writing
from jobs.device_readings import JOB
from tests.jobs.common.native.arrow import LOCAL
from tests.jobs.common.native.test_reading import dataset
from tests.jobs.messages import message, put

MIB = 1024 * 1024
AT = "event_date=2024-02-29"


def part(rows: int, memory: int, bits: int = 0, number: int = 0) -> Part:
    return Part(Segment("u", 0, 1, rows, memory), bits, number)


def found(*parts: Part, bytes_per_row: float = 10.0) -> Read:
    rows = sum(one.segment.rows for one in parts)
    return Read(1, rows, rows, {}, [], {("2024-02-29",): list(parts)}, bytes_per_row)


def planned(read_: Read, held: Held | None = None, file_bytes: int = MIB) -> list[FileToBe]:
    return plan(read_, {("2024-02-29",): AT}, {AT: held} if held else {}, file_bytes)


@pytest.mark.parametrize(
    ("rows", "files"), [(10, 1), (100_000, 1), (150_000, 1), (170_000, 2), (400_000, 4), (800_000, 8)]
)
def test_a_partition_is_as_many_files_as_come_near_the_size_that_is_wanted(rows: int, files: int) -> None:
    assert len(planned(found(part(rows, rows)))) == files


def test_what_would_not_fit_in_memory_is_parted_further() -> None:
    assert len(planned(found(part(10, 1000 * MIB)), file_bytes=10**12)) == 4


def test_what_the_partition_holds_counts_too() -> None:
    held = Held([Entry("f", 2 * MIB, 0, None, is_folder=False)], 1000)
    files = planned(found(part(10, 1)), held)
    assert [(one.number, one.held, one.held_bytes) for one in files] == [
        (0, ["f"], MIB),
        (1, ["f"], MIB),
    ]
    assert planned(found(part(1, 128 * MIB)), Held(held.files, 1), 10**12)[0].bits == 0
    assert planned(found(part(1, 128 * MIB)), Held(held.files, 3), 10**12)[0].bits == 1


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 31)), max_size=20), st.integers(0, 6))
def test_each_part_goes_to_every_file_that_it_may_hold_rows_of(
    parts: list[tuple[int, int]], bits: int
) -> None:
    own = [part(1, 0, at, number & ((1 << at) - 1)) for at, number in parts]
    rows = max(1, len(own))
    files = planned(found(*own, bytes_per_row=(1.4 * MIB * (1 << bits)) / rows) if own else found(part(1, 0)))
    for one in own:
        numbers = {file.number for file in files if one in file.parts}
        of_file = files[0].bits
        ends = (1 << min(one.bits, of_file)) - 1
        assert numbers == {n for n in range(1 << of_file) if n & ends == one.number & ends}


def test_items_are_shared_out_in_their_order_by_size(spark: SparkSession) -> None:
    cores = spark.sparkContext.defaultParallelism
    groups = running._shared_out(list("abcdef"), [30, 10, 10, 10, 30, 30], 30, spark)
    assert [one for group in groups for one in group] == list("abcdef")
    assert max(map(len, groups)) <= 3
    assert len(running._shared_out(list("abcdef"), [1] * 6, 100, spark)) == min(6, cores)
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
    assert all_.rows == {("2024-02-29",): 10}
    assert shares == [min(5, spark.sparkContext.defaultParallelism)]
    writing = Writing(LOCAL, JOB.table, f"{tmp_path}/staged")
    reports = write(spark, writing, plan(all_, {("2024-02-29",): AT}, {}, MIB))
    assert Counter({"rows": 6, "keys": 6, "accepted": 10}) == Counter(
        {name: sum(getattr(one, name) for one in reports) for name in ("rows", "keys", "accepted")}
    )
    refused = refuse(spark, writing, f"{tmp_path}/q", all_.refused)
    assert sum(refused.values()) == 10
    assert sorted(refused) == sorted(one.name for one in (tmp_path / "q").glob("*.parquet"))


def test_nothing_read_is_nothing_to_do(spark: SparkSession, tmp_path: Path) -> None:
    nothing = read(spark, [], lambda tasks: Reading(LOCAL, dataset(JOB), JOB.table, str(tmp_path), tasks))
    assert (nothing.objects, nothing.accepted, nothing.partitions) == (0, 0, {})
    assert refuse(spark, Writing(LOCAL, JOB.table, str(tmp_path)), str(tmp_path), []) == {}
