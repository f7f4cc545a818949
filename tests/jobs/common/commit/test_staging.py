"""What a run stages: judged messages, the quarantine, and data files."""

from pathlib import Path

import pytest
from chispa import assert_df_equality
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import ArrayType, BinaryType, LongType, StringType, StructField, StructType

from jobs.common.commit.staging import (
    Judged,
    Sizes,
    parquet_files,
    read_parquet,
    rows_in,
    spread,
    write_files,
    write_quarantine,
)
from jobs.common.files import Files
from tests.jobs.common.tables import DAY, SCHEMA, TABLE, row

JUDGED = StructType(
    [
        StructField("value", LongType()),
        StructField("source_object", StringType()),
        StructField("position", LongType()),
        StructField("raw", BinaryType()),
        StructField("reasons", ArrayType(StringType())),
    ]
)
GOOD: tuple[object, ...] = (1, "s", 0, bytearray(b"good"), [])
BAD = (None, "s", 5, bytearray(b"\xff"), ["bad_encoding"])
WORSE = (None, "r", 9, bytearray(b"{}"), ["missing_a", "missing_b"])


def judged(spark: SparkSession, folder: Path, *rows: tuple[object, ...]) -> Judged:
    made = Judged(spark, str(folder / "judged"), JUDGED)
    made.write(spark.createDataFrame(list(rows), JUDGED))
    return made


def test_judged_messages_are_told_apart_and_good_ones_lose_their_bytes(
    spark: SparkSession, tmp_path: Path
) -> None:
    made = judged(spark, tmp_path, GOOD, BAD, WORSE)
    assert_df_equality(
        made.good(), spark.createDataFrame([(1, "s", 0, None, [])], JUDGED), ignore_nullable=True
    )
    expected = spark.createDataFrame([BAD, WORSE], JUDGED)
    assert_df_equality(made.refused(), expected, ignore_nullable=True, ignore_row_order=True)
    assert made.first_reasons() == {"bad_encoding": 1, "missing_a": 1}
    on_disk = sum(path.stat().st_size for path in (tmp_path / "judged" / "is_good=true").glob("*.parquet"))
    files = Files(spark)
    good = made.good_files(files)
    assert (sum(entry.size for entry in good), rows_in(files, good)) == (on_disk, 1)


@pytest.mark.parametrize(("rows", "good", "refused"), [([], 0, 0), ([GOOD], 1, 0), ([BAD], 0, 1)])
def test_a_part_without_messages_is_an_empty_frame(
    spark: SparkSession, tmp_path: Path, rows: list[tuple[object, ...]], good: int, refused: int
) -> None:
    made = judged(spark, tmp_path, *rows)
    assert (made.good().count(), made.refused().count()) == (good, refused)
    assert made.good().columns == made.refused().columns == JUDGED.names
    files = Files(spark)
    assert rows_in(files, made.good_files(files)) == good


def test_the_quarantine_holds_exact_bytes_in_four_columns_in_their_order(
    spark: SparkSession, tmp_path: Path
) -> None:
    folder = str(tmp_path / "q")
    write_quarantine(spark.createDataFrame([BAD, WORSE], JUDGED).repartition(2), folder, 1000)
    found = spark.read.parquet(folder)
    assert found.columns == ["reasons", "raw", "source_object", "position"]
    assert sorted(tuple(each) for each in found.collect()) == [
        (["bad_encoding"], b"\xff", "s", 5),
        (["missing_a", "missing_b"], b"{}", "r", 9),
    ]
    files = Files(spark)
    entries = parquet_files(files, folder)
    assert rows_in(files, entries) == 2
    assert len(entries) == 1
    assert sorted(path.name for path in Path(folder).iterdir() if path.name[0] != ".") == [entries[0].name]


def test_a_large_quarantine_has_several_files(spark: SparkSession, tmp_path: Path) -> None:
    rows = [(None, "s", number, bytearray(b"x" * 100), ["r"]) for number in range(40)]
    refused = spark.createDataFrame(rows, JUDGED).repartition(8)
    write_quarantine(refused, str(tmp_path / "q"), 1000)
    assert len(list((tmp_path / "q").glob("*.parquet"))) == 5


def test_files_are_listed_without_the_work_folder_of_another_try(spark: SparkSession, tmp_path: Path) -> None:
    (tmp_path / "_temporary" / "0").mkdir(parents=True)
    (tmp_path / "a.parquet").touch()
    assert [entry.name for entry in parquet_files(Files(spark), f"file:{tmp_path}")] == ["a.parquet"]


@pytest.mark.parametrize("name", ["plain", "[a-b]*", "with {x}", "a%20b"])
def test_parquet_files_are_read_by_literal_names(spark: SparkSession, tmp_path: Path, name: str) -> None:
    schema = StructType([StructField("id", LongType())])
    for folder in (name, "a", "a b", "with x"):
        spark.range(1).coalesce(1).write.parquet(str(tmp_path / folder))
    assert read_parquet(spark, schema, [str(tmp_path / name)]).count() == 1


def stage(tmp_path: Path, rows: DataFrame, sizes: Sizes) -> list[Path]:
    folder = tmp_path / "staged"
    write_files(spread(rows, TABLE, sizes), TABLE, str(folder))
    return sorted(folder.glob("day=*/_bucket=*/*.parquet"))


def test_each_bucket_is_one_file_sorted_inside(spark: SparkSession, tmp_path: Path) -> None:
    rows = [row(f"key-{number % 50:02}", value=float(number)) for number in range(200, 0, -1)]
    frame = spark.createDataFrame(rows, SCHEMA).repartition(7)
    files = stage(tmp_path, frame, Sizes({(str(DAY),): 200}, 10.0, 500))
    assert [path.parent.name for path in files] == ["_bucket=0", "_bucket=1", "_bucket=2", "_bucket=3"]
    for path in files:
        keys = [found["key"] for found in spark.read.parquet(str(path)).collect()]
        assert keys == sorted(keys)
        assert path.name.endswith(".zstd.parquet")
    assert sum(spark.read.parquet(str(path)).count() for path in files) == 200


def test_a_partition_of_many_little_pieces_is_one_file(spark: SparkSession, tmp_path: Path) -> None:
    rows = spark.createDataFrame([row(str(number)) for number in range(64)], SCHEMA).repartition(32)
    files = stage(tmp_path, rows.orderBy(F.rand(1)), Sizes({(str(DAY),): 64}, 10.0, 1_000_000))
    assert len(files) == 1
    found = rows_in(Files(spark), Files(spark).children(f"file:{files[0].parent}")[-1:])
    assert found == 64
