"""What tests of the native engine share: rows of the small table as Arrow has them, and a local place."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa

from jobs.common.native import parquet
from jobs.common.native.segments import Segment, read_segments
from jobs.common.native.stores import Stores
from tests.jobs.common.tables import SCHEMA

LOCAL = Stores({}, {})


def bare(value: Any) -> Any:
    """Take the zone off an instant, as rows travel."""
    return value.astimezone(UTC).replace(tzinfo=None) if isinstance(value, datetime) else value


def table(rows: Sequence[Sequence[Any]], *, without: Sequence[str] = ()) -> Any:
    """Make rows of the small table, `without` some columns."""
    columns: list[Sequence[Any]] = list(zip(*rows, strict=True)) if rows else [()] * len(SCHEMA)
    whole = parquet.arrow_schema(SCHEMA)
    made = pa.table(
        [pa.array(list(map(bare, column)), one.type) for column, one in zip(columns, whole, strict=True)],
        schema=whole,
    )
    return made.drop_columns(list(without))


def values(rows: Any) -> list[tuple[Any, ...]]:
    """Read rows back."""
    return [tuple(row.values()) for row in rows.to_pylist()]


def whole(stores: Stores, segments: Iterable[Segment]) -> Iterator[Any]:
    """Read segments as they are."""
    return read_segments(stores, [(segment, None) for segment in segments], lambda rows, _: rows)
