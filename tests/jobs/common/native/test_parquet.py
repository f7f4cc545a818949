from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from chispa import assert_df_equality
from pyspark.sql import SparkSession
from pyspark.sql.types import ArrayType, BinaryType, StringType, StructType

from jobs.common.native import parquet
from tests.jobs.common.native.arrow import LOCAL, table, values
from tests.jobs.common.tables import SCHEMA, row

ROWS = [row("a", value=-1.5, note="x"), row("é", time=None), row("b", note=""), row("c", value=0.0)]
STORED = StructType([field for field in SCHEMA.fields if field.name != "day"])


def test_spark_reads_what_is_written_as_its_own(spark: SparkSession, tmp_path: Path) -> None:
    rows = table(ROWS, without=["day"])
    coded = rows.set_column(4, "source", rows.column("source").dictionary_encode())
    size = parquet.write(LOCAL, f"{tmp_path}/a.parquet", coded)
    assert (tmp_path / "a.parquet").stat().st_size == size
    found = spark.read.parquet(f"{tmp_path}/a.parquet")
    assert found.schema == STORED
    assert_df_equality(found, spark.createDataFrame([one[:5] for one in ROWS], STORED), ignore_row_order=True)


def test_what_spark_writes_is_read_back(spark: SparkSession, tmp_path: Path) -> None:
    spark.createDataFrame([one[:5] for one in ROWS], STORED).coalesce(1).write.parquet(f"{tmp_path}/t")
    (file,) = (tmp_path / "t").glob("*.parquet")
    schema = parquet.arrow_schema(SCHEMA, ["day"])
    found = parquet.read(LOCAL, [str(file), str(file)], schema)
    assert found.schema == schema
    assert sorted(values(found), key=str) == sorted(values(table(ROWS * 2, without=["day"])), key=str)


@pytest.mark.parametrize("unit", ["ms", "us", "ns"])
def test_instants_of_any_unit_and_columns_that_are_missing_are_read(tmp_path: Path, unit: str) -> None:
    instants = pa.array([datetime(2024, 2, 29, 5)], pa.timestamp(unit, "UTC"))  # noqa: DTZ001 - Arrow's zone
    pq.write_table(pa.table({"further": [1], "time": instants, "key": ["k"]}), tmp_path / "f")
    schema = parquet.arrow_schema(SCHEMA, ["day"])
    (found,) = values(parquet.read(LOCAL, [f"{tmp_path}/f"], schema))
    assert found == values(table([("k", instants[0].as_py(), None, None, None, None)], without=["day"]))[0]


def test_no_files_have_no_rows() -> None:
    assert values(parquet.read(LOCAL, [], parquet.arrow_schema(SCHEMA))) == []


def test_dictionaries_are_made_where_values_repeat_and_statistics_of_all(tmp_path: Path) -> None:
    rows = pa.table({"same": ["x"] * 500, "all": [str(n) for n in range(500)], "raw": [b"r"] * 500})
    parquet.write(LOCAL, f"{tmp_path}/f", rows)
    group = pq.ParquetFile(tmp_path / "f").metadata.row_group(0)
    encodings = [group.column(place).encodings for place in range(3)]
    assert [("RLE_DICTIONARY" in one) for one in encodings] == [True, False, True]
    assert {group.column(place).compression for place in range(3)} == {"ZSTD"}
    assert all(group.column(place).is_stats_set for place in range(3))


def test_row_groups_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet, "_ROW_GROUP_BYTES", 1000)
    parquet.write(LOCAL, f"{tmp_path}/f", pa.table({"x": ["y" * 96] * 100}))
    assert pq.ParquetFile(tmp_path / "f").metadata.num_row_groups == 10
    groups = parquet.row_groups(LOCAL, f"{tmp_path}/f", pa.schema([("x", pa.string())]))
    assert [rows.num_rows for rows in groups] == [10] * 10


def test_a_row_s_bytes_are_told_by_a_sample() -> None:
    rows: Any = pa.table({"x": [sha256(b"%d" % n).hexdigest()[:32] for n in range(50_000)]})
    assert 10 < parquet.bytes_per_row(rows) < 40


def test_spark_s_types_have_arrow_s() -> None:
    assert parquet.arrow_type(ArrayType(StringType())) == pa.list_(pa.string())
    assert parquet.arrow_type(BinaryType()) == pa.binary()
    assert parquet.arrow_schema(SCHEMA).field("time").type == pa.timestamp("us")
