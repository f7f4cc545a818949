"""Rows to Parquet files that any engine reads, and back."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pyspark.sql.types import (
    ArrayType,
    BinaryType,
    BooleanType,
    DataType,
    DateType,
    DoubleType,
    LongType,
    StringType,
    StructType,
    TimestampType,
)

from jobs.common.native.plain import INSTANT
from jobs.common.native.stores import Stores

_ROW_GROUP_BYTES: Final = 64 * 1024 * 1024
_SAMPLE_ROWS: Final = 20_000
# Below this share of values that differ a dictionary is worth its making.
_DICTIONARY_SHARE: Final = 0.2
_ARROW: Final[dict[type[DataType], Any]] = {
    StringType: pa.string(),
    DoubleType: pa.float64(),
    BooleanType: pa.bool_(),
    LongType: pa.int64(),
    BinaryType: pa.binary(),
    DateType: pa.date32(),
    TimestampType: INSTANT,
}
_STORED_INSTANT: Final = pa.timestamp("us", "UTC")


def arrow_type(type_: DataType) -> Any:
    """Return Arrow's type of one of Spark's; instants have no zone on their way, and are UTC."""
    if isinstance(type_, ArrayType):
        return pa.list_(arrow_type(type_.elementType))
    return _ARROW[type(type_)]


def arrow_schema(schema: StructType, without: Sequence[str] = ()) -> Any:
    """Return Arrow's schema of one of Spark's, `without` some columns."""
    return pa.schema(
        [(one.name, arrow_type(one.dataType)) for one in schema.fields if one.name not in without]
    )


def write(stores: Stores, uri: str, rows: Any) -> int:
    """Write a table as one file; returns its bytes."""
    system, path = stores.open(uri)
    rows = _stored(rows)
    with system.open_output_stream(path) as sink:
        _write(rows, sink)
        return int(sink.tell())


def bytes_per_row(rows: Any) -> float:
    """Say what a row takes as Parquet, by a sample."""
    sample = _stored(rows.slice(0, _SAMPLE_ROWS))
    sink = pa.BufferOutputStream()
    _write(sample, sink)
    return float(sink.tell() / max(1, sample.num_rows))


def read(stores: Stores, uris: Sequence[str], schema: Any) -> Any:
    """Read data files as rows of `schema`; a column that a file lacks is null in it."""
    found = [rows for uri in uris for rows in row_groups(stores, uri, schema)]
    return pa.concat_tables([schema.empty_table(), *found])


def row_groups(stores: Stores, uri: str, schema: Any) -> Iterator[Any]:
    """Read a data file a group of rows at a time."""
    system, path = stores.open(uri)
    with system.open_input_file(path) as source:
        file = pq.ParquetFile(source, pre_buffer=True)
        for group in range(file.num_row_groups):
            yield _as_schema(file.read_row_group(group, use_threads=False), schema)


def _as_schema(found: Any, schema: Any) -> Any:
    columns = []
    for one in schema:
        if one.name not in found.column_names:
            columns.append(pa.nulls(found.num_rows, one.type))
            continue
        column = found.column(one.name)
        if pa.types.is_timestamp(one.type):
            column = column.cast(pa.timestamp(column.type.unit)).cast(one.type, safe=False)
        columns.append(column.cast(one.type))
    return pa.table(columns, schema=schema)


def _stored(rows: Any) -> Any:
    """Say that instants are UTC."""
    types = [_STORED_INSTANT if one.type == INSTANT else one.type for one in rows.schema]
    return rows.cast(pa.schema(list(zip(rows.column_names, types, strict=True))))


def _write(rows: Any, sink: Any) -> None:
    per_row = max(1, rows.nbytes // max(1, rows.num_rows))
    # Without Arrow's own schema beside: who reads the file sees what Parquet says, and no dictionaries.
    with pq.ParquetWriter(
        sink,
        rows.schema,
        compression="zstd",
        compression_level=1,
        use_dictionary=_repeating(rows),
        store_schema=False,
        write_page_checksum=False,
    ) as writer:
        writer.write_table(rows, row_group_size=max(1, _ROW_GROUP_BYTES // per_row))


def _repeating(rows: Any) -> list[str]:
    """Name the columns whose values repeat."""
    step = max(1, rows.num_rows // _SAMPLE_ROWS)
    sample = rows if step == 1 else rows.take(pa.array(range(0, rows.num_rows, step)))
    return [
        one.name
        for one in rows.schema
        if pa.types.is_dictionary(one.type)
        or (
            not pa.types.is_list(one.type)
            and pc.count_distinct(sample.column(one.name)).as_py() < _DICTIONARY_SHARE * sample.num_rows
        )
    ]
