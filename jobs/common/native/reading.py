"""What one task does with its objects: parse, judge, and put the rows where the tasks that write will find them."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, Final
from uuid import uuid4

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from jobs.common.files import Entry
from jobs.common.native import parquet
from jobs.common.native.ahead import Stored, opened
from jobs.common.native.judging import GOOD, Judge
from jobs.common.native.lines import Block, LongLine, blocks
from jobs.common.native.plain import KINDS, Parsed, PlainLines
from jobs.common.native.segments import Segment, SegmentFile
from jobs.common.native.spreading import Part, Spreader, Values
from jobs.common.native.stores import Stores
from jobs.common.native.unpacked import unpacked
from jobs.common.quality import REASONS
from jobs.common.readers.columns import RESCUED, Extractor
from jobs.common.readers.dataset import Dataset
from jobs.common.readers.members import Damage
from jobs.common.readers.portable import message_schema, messages_of
from jobs.common.table import Table

SOURCE: Final = "source_object"
QUARANTINE_COLUMNS: Final = (REASONS, "raw", SOURCE, "position")
# Rows of the strict reader become Arrow's in batches of no more rows and no more bytes.
_BATCH_ROWS: Final = 10_000
_BATCH_BYTES: Final = 16 * 1024 * 1024
_RAW: Final = -2
_MOST_REFUSED_BYTES: Final = 64 * 1024 * 1024


@dataclass(frozen=True)
class Reading:
    """What the tasks of one read share; `folder` is where they put rows, `tasks` how many they are."""

    stores: Stores
    dataset: Dataset
    table: Table
    folder: str
    tasks: int


@dataclass
class ReadReport:
    """What one try of a task has read, and where its rows stand. What no report names does not count."""

    objects: int = 0
    messages: int = 0
    accepted: int = 0
    bytes_per_row: float = 0.0
    reasons: Counter[str] = field(default_factory=Counter)
    refused: list[Segment] = field(default_factory=list)
    parts: Mapping[Values, list[Part]] = field(default_factory=dict)


def read_objects(reading: Reading, objects: Sequence[Entry]) -> ReadReport:
    """Read objects, as one task.

    Raises:
        JobFailed: Where an object is not of the size that was listed.
    """
    uri = f"{reading.folder}/{uuid4().hex}.arrows"
    shelf = SegmentFile(reading.stores, uri)
    task = _Task(reading, Spreader(reading.table, shelf, reading.tasks), shelf)
    for entry, stored in opened(reading.stores, objects):
        task.read(entry.uri, stored)
    task.finish()
    shelf.close()
    return task.report


class _Task:
    """The state of one try."""

    def __init__(self, reading: Reading, spreader: Spreader, shelf: SegmentFile) -> None:
        dataset = reading.dataset
        self.report = ReadReport(parts=spreader.parts)
        self._spreader, self._shelf, self._form = spreader, shelf, dataset.form
        self._schema = reading.table.schema.names
        self._extract, self._judge = Extractor(dataset.fields), Judge(dataset.rules, dataset.derived)
        is_plain = dataset.form.holds_lines and all(one.kind in KINDS for one in dataset.fields)
        self._plain = PlainLines(dataset.fields) if is_plain else None
        self._messages = parquet.arrow_schema(message_schema(dataset.fields))
        self._refused: list[Any] = []
        self._refused_bytes = 0

    def read(self, uri: str, stored: Stored) -> None:
        """Read one object."""
        self.report.objects += 1
        parts = unpacked(stored)
        if self._plain is None:
            self._strictly(messages_of(uri, parts, self._extract, self._form))
            return
        damages: list[Damage] = []
        for found in blocks(_sound(parts, damages)):
            if isinstance(found, LongLine):
                self._strictly(messages_of(uri, found.chunks, self._extract, start=found.position))
            else:
                self._block(uri, found, self._plain.parse(found.data))
        self._strictly(messages_of(uri, damages, self._extract))

    def finish(self) -> None:
        """Put away what is left."""
        self._spreader.flush()
        self._put_refused()

    def _block(self, uri: str, block: Block, parsed: Parsed) -> None:
        """Take the lines that are plain and good; each run of others is read strictly, in its place."""
        judged = self._judge.pick(parsed.columns)
        is_good = np.asarray(judged.column(GOOD).to_numpy(), np.bool_) & parsed.is_plain
        rows = parsed.columns.append_column(RESCUED, pa.nulls(parsed.columns.num_rows, pa.string()))
        for name in judged.column_names[1:]:
            rows = rows.append_column(name, judged.column(name))
        if not is_good.all():
            rows = rows.filter(pa.array(is_good))
        self.report.messages += rows.num_rows
        self._accept(rows.append_column(SOURCE, _constant(uri, rows.num_rows)))
        self._strictly(chain.from_iterable(self._again(uri, block, parsed, run) for run in _runs(~is_good)))

    def _again(
        self, uri: str, block: Block, parsed: Parsed, run: tuple[int, int]
    ) -> Iterator[tuple[Any, ...]]:
        start, end = (int(parsed.offsets[place]) for place in run)
        return messages_of(uri, [block.data[start:end]], self._extract, start=block.position + start)

    def _strictly(self, messages: Iterator[tuple[Any, ...]]) -> None:
        """Judge rows of the strict reader."""
        for batch in _batches(messages):
            self.report.messages += len(batch)
            columns = [
                pa.array(column, one.type)
                for column, one in zip(zip(*batch, strict=True), self._messages, strict=True)
            ]
            judged = self._judge.judge(pa.table(columns, schema=self._messages))
            is_good = pc.equal(pc.list_value_length(judged.column(REASONS)), 0)
            good = judged.filter(is_good)
            self._accept(
                good.set_column(
                    good.column_names.index(SOURCE), SOURCE, good.column(SOURCE).dictionary_encode()
                )
            )
            self._refuse(judged.filter(pc.invert(is_good)).select(QUARANTINE_COLUMNS))

    def _accept(self, rows: Any) -> None:
        if not rows.num_rows:
            return
        rows = rows.select(self._schema)
        if not self.report.accepted:
            self.report.bytes_per_row = parquet.bytes_per_row(rows)
        self.report.accepted += rows.num_rows
        self._spreader.add(rows)

    def _refuse(self, rows: Any) -> None:
        if not rows.num_rows:
            return
        self.report.reasons.update(one[0] for one in rows.column(REASONS).to_pylist())
        self._refused.append(rows)
        self._refused_bytes += rows.nbytes
        if self._refused_bytes >= _MOST_REFUSED_BYTES:
            self._put_refused()

    def _put_refused(self) -> None:
        if self._refused:
            self.report.refused.append(self._shelf.put(pa.concat_tables(self._refused)))
        self._refused, self._refused_bytes = [], 0


def _sound(parts: Iterable[bytes | Damage], damages: list[Damage]) -> Iterator[bytes]:
    for part in parts:
        if isinstance(part, Damage):
            damages.append(part)
        else:
            yield part


def _constant(text: str, times: int) -> Any:
    return pa.DictionaryArray.from_arrays(pa.array(np.zeros(times, np.int32)), pa.array([text]))


def _runs(flags: npt.NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Find where flags that are set follow each other: the first place and the one after the last."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    return [(int(first), int(end)) for first, end in zip(edges[::2], edges[1::2], strict=True)]


def _batches(messages: Iterator[tuple[Any, ...]]) -> Iterator[list[tuple[Any, ...]]]:
    batch: list[tuple[Any, ...]] = []
    size = 0
    for message in messages:
        batch.append(message)
        size += len(message[_RAW])
        if len(batch) == _BATCH_ROWS or size >= _BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
