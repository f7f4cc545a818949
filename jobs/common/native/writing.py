"""What one task does to make data files: gather the rows of each, keep one a key, sort, write."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import uuid4

import pyarrow as pa

from jobs.common.commit.staging import QUARANTINE_COLUMNS
from jobs.common.files import Entry
from jobs.common.native import parquet
from jobs.common.native.planning import FileToBe
from jobs.common.native.segments import Segment, SegmentFile, read_segments
from jobs.common.native.spreading import Part, by_bits
from jobs.common.native.stores import Stores
from jobs.common.native.unique import settle
from jobs.common.table import BUCKET, Table


@dataclass(frozen=True)
class Writing:
    """What the tasks of one stage share: `folder` is the staged table, `aside` holds rows on their way."""

    stores: Stores
    table: Table
    folder: str
    aside: str


@dataclass(frozen=True)
class OldFile:
    """A file that a partition has, whose rows are to be parted by some bits."""

    at: str
    entry: Entry
    bits: int


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


def part_files(writing: Writing, files: Sequence[OldFile]) -> list[tuple[str, Part]]:
    """Part the rows of files, as one task, a group of rows at a time; returns parts with their partition's folder."""
    table, found = writing.table, []
    schema = parquet.arrow_schema(table.schema, table.partition_by)
    shelf = SegmentFile(writing.stores, f"{writing.aside}/{uuid4().hex}.arrows")
    for file in files:
        for rows in parquet.row_groups(writing.stores, file.entry.uri, schema):
            for number, own in by_bits(rows, table, file.bits):
                found.append((file.at, Part(shelf.put(own), file.bits, number)))
    shelf.close()
    return found


def write_refused(writing: Writing, segments: Sequence[Segment]) -> str:
    """Write refused messages as one file that stands aside, under a name that was never used; returns the name."""
    tables = list(
        read_segments(
            writing.stores, [(segment, QUARANTINE_COLUMNS) for segment in segments], pa.Table.select
        )
    )
    name = f"part-{uuid4().hex}.parquet"
    parquet.write(writing.stores, f"{writing.aside}/{name}", pa.concat_tables(tables))
    return name


def _write(writing: Writing, file: FileToBe) -> WriteReport:
    table = writing.table
    schema = parquet.arrow_schema(table.schema, table.partition_by)
    new = _gathered(writing, file, file.parts, schema)
    old = (
        parquet.read(writing.stores, [entry.uri for entry in file.held], schema)
        if file.held
        else _gathered(writing, file, file.old, schema)
    )
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


def _gathered(writing: Writing, file: FileToBe, parts: Sequence[Part], schema: pa.Schema) -> pa.Table:
    """Bring the rows of segments together that belong into the file."""

    def keep(rows: pa.Table, bits: int) -> pa.Table:
        return _own(rows, file, bits, writing.table).select(schema.names)

    own = list(read_segments(writing.stores, [(part.segment, part.bits) for part in parts], keep))
    return pa.concat_tables(own or [schema.empty_table()])


def _own(rows: pa.Table, file: FileToBe, bits: int, table: Table) -> pa.Table:
    """Take the rows that belong into the file, of rows parted by `bits`."""
    if bits >= file.bits:
        return rows
    mine = [part for number, part in by_bits(rows, table, file.bits) if number == file.number]
    return mine[0] if mine else rows.slice(0, 0)
