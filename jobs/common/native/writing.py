"""What one task does to make data files: gather the rows of each, keep one a key, sort, write."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import uuid4

import pyarrow as pa

from jobs.common.native import parquet
from jobs.common.native.reading import QUARANTINE_COLUMNS
from jobs.common.native.segments import Segment, read_segments
from jobs.common.native.spreading import Part, Values, by_bits
from jobs.common.native.stores import Stores
from jobs.common.native.unique import settle
from jobs.common.table import BUCKET, Table


@dataclass(frozen=True)
class Writing:
    """What the tasks of one stage share: `folder` is the staged table."""

    stores: Stores
    table: Table
    folder: str


@dataclass(frozen=True)
class FileToBe:
    """One file of a partition: the rows whose key's hash ends in the `bits` last bits of `number`.

    `at` is the partition's folder below the table. `held` are the files that the partition has, all of them: the new
    rows are merged with those of their rows that belong here.
    """

    values: Values
    at: str
    bits: int
    number: int
    parts: Sequence[Part]
    held: Sequence[str] = ()
    held_bytes: int = 0

    @property
    def memory(self) -> int:
        """About what its new rows take."""
        return sum(part.segment.memory >> max(0, self.bits - part.bits) for part in self.parts)


@dataclass(frozen=True)
class WriteReport:
    """What one try has made of a file: its place, or none where nothing changes, and the rows it is about."""

    file: FileToBe
    uri: str
    bytes: int
    rows: int
    accepted: int
    keys: int
    inserted: int
    updated: int
    hours: tuple[int, ...]


def write_files(writing: Writing, files: Sequence[FileToBe]) -> list[WriteReport]:
    """Make files, as one task."""
    return [_write(writing, file) for file in files]


def write_quarantine(stores: Stores, folder: str, segments: Sequence[Segment]) -> tuple[str, int]:
    """Write refused messages as one file under a name that was never used; returns the name and the rows."""
    tables = list(read_segments(stores, segments))
    rows = pa.concat_tables(tables).select(QUARANTINE_COLUMNS)
    name = f"part-{uuid4().hex}.parquet"
    stores.make_folder(folder)
    parquet.write(stores, f"{folder}/{name}", rows)
    return name, rows.num_rows


def _write(writing: Writing, file: FileToBe) -> WriteReport:
    table = writing.table
    schema = parquet.arrow_schema(table.schema, table.partition_by)
    tables = read_segments(writing.stores, [part.segment for part in file.parts])
    new = pa.concat_tables(
        _own(rows, file, part.bits, table).drop_columns(list(table.partition_by))
        for rows, part in zip(tables, file.parts, strict=True)
    ).unify_dictionaries()
    old = _own(parquet.read(writing.stores, file.held, schema), file, 0, table)
    settled = settle(old, new, table)
    uri, size = "", 0
    # A partition that is one file stays as it is where nothing changes; of several, others may change.
    if settled.rows.num_rows and (settled.is_change or file.bits):
        folder = f"{writing.folder}/{file.at}/{BUCKET}={file.number}"
        writing.stores.make_folder(folder)
        uri = f"{folder}/part-{uuid4().hex}.parquet"
        size = parquet.write(writing.stores, uri, settled.rows)
    return WriteReport(
        file=file,
        uri=uri,
        bytes=size,
        rows=settled.rows.num_rows,
        accepted=new.num_rows,
        keys=settled.keys,
        inserted=settled.inserted,
        updated=settled.updated,
        hours=settled.hours,
    )


def _own(rows: pa.Table, file: FileToBe, bits: int, table: Table) -> pa.Table:
    """Take the rows that belong into the file, of rows parted by `bits`."""
    if bits >= file.bits:
        return rows
    mine = [part for number, part in by_bits(rows, table, file.bits) if number == file.number]
    return mine[0] if mine else rows.slice(0, 0)
