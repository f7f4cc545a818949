"""What one task does with its objects: parse, judge, and put the rows where the tasks that write will find them."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import uuid4

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from jobs.common import manifest
from jobs.common.commit.staging import QUARANTINE_COLUMNS
from jobs.common.files import Entry
from jobs.common.native import lines, parquet
from jobs.common.native.ahead import Stored, opened
from jobs.common.native.judging import GOOD, Judge
from jobs.common.native.lines import Gathered, LongLine, blocks
from jobs.common.native.plain import KINDS, PlainLines
from jobs.common.native.segments import Segment, SegmentFile
from jobs.common.native.spreading import Flags, Part, Spreader, Values
from jobs.common.native.stores import Stores
from jobs.common.native.unpacked import unpacked
from jobs.common.quality import REASONS
from jobs.common.readers.columns import RESCUED, Extractor
from jobs.common.readers.dataset import Dataset
from jobs.common.readers.members import Damage
from jobs.common.readers.portable import message_schema, messages_of
from jobs.common.table import Table

SOURCE: Final = "source_object"
# Rows of the strict reader become Arrow's in batches of no more rows and no more bytes.
_BATCH_ROWS: Final = 10_000
_BATCH_BYTES: Final = 16 * 1024 * 1024
_RAW: Final = -2
# From this share of good lines on, those that are not are not worth a copy of the others.
_MOSTLY: Final = 0.5
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
    """The state of one try. Lines of small objects are parsed together, and so are rows of the strict reader judged."""

    def __init__(self, reading: Reading, spreader: Spreader, shelf: SegmentFile) -> None:
        dataset = reading.dataset
        self.report = ReadReport(parts=spreader.parts)
        self._spreader, self._shelf, self._form = spreader, shelf, dataset.form
        self._schema = reading.table.schema.names
        self._extract, self._judge = Extractor(dataset.fields), Judge(dataset.rules, dataset.derived)
        is_plain = dataset.form.holds_lines and all(one.kind in KINDS for one in dataset.fields)
        self._plain = PlainLines(dataset.fields) if is_plain else None
        self._messages = parquet.arrow_schema(message_schema(dataset.fields))
        self._gathered = Gathered()
        self._strict: list[tuple[Any, ...]] = []
        self._strict_bytes = 0
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
        for found in blocks(_sound(parts, damages), lines.BLOCK_BYTES):
            if isinstance(found, LongLine):
                self._strictly(messages_of(uri, found.chunks, self._extract, start=found.position))
                continue
            self._gathered.add(uri, found)
            if self._gathered.size >= lines.BLOCK_BYTES:
                self._parse(self._plain)
        self._strictly(messages_of(uri, damages, self._extract))

    def finish(self) -> None:
        """Put away what is left."""
        if self._plain and self._gathered.size:
            self._parse(self._plain)
        self._judge_strict()
        self._spreader.flush()
        self._put_refused()

    def _parse(self, plain: PlainLines) -> None:
        """Take the lines that are plain and good; each run of others is read strictly, in its place."""
        gathered = self._gathered
        parsed = plain.parse(gathered.data())
        judged = self._judge.pick(parsed.columns)
        is_good = np.asarray(judged.column(GOOD).to_numpy(), np.bool_) & parsed.is_plain
        rows = parsed.columns.append_column(RESCUED, pa.nulls(parsed.columns.num_rows, pa.string()))
        for name in judged.column_names[1:]:
            rows = rows.append_column(name, judged.column(name))
        rows = rows.append_column(SOURCE, gathered.sources(parsed.offsets))
        good = int(is_good.sum())
        self.report.messages += good
        if good >= _MOSTLY * rows.num_rows:
            self._accept(rows, is_good)
        else:
            self._accept(rows.filter(pa.array(is_good)))
        again = gathered.stretches(parsed.offsets, ~is_good)
        taken = int(np.diff(parsed.offsets)[is_good].sum())
        # An object's last line may have no LF of its own.
        left = sum(len(raw) + (not raw.endswith(b"\n")) for _, _, raw in again)
        manifest.check_counted("bytes taken + bytes read again = bytes of lines", taken + left, gathered.size)
        gathered.clear()
        for uri, position, raw in again:
            self._strictly(messages_of(uri, [raw], self._extract, start=position))

    def _strictly(self, messages: Iterator[tuple[Any, ...]]) -> None:
        """Take rows of the strict reader, to be judged with others."""
        for message in messages:
            self._strict.append(message)
            self._strict_bytes += len(message[_RAW])
            if len(self._strict) >= _BATCH_ROWS or self._strict_bytes >= _BATCH_BYTES:
                self._judge_strict()

    def _judge_strict(self) -> None:
        rows, self._strict, self._strict_bytes = self._strict, [], 0
        if not rows:
            return
        self.report.messages += len(rows)
        columns = [
            pa.array(column, one.type)
            for column, one in zip(zip(*rows, strict=True), self._messages, strict=True)
        ]
        judged = self._judge.judge(pa.table(columns, schema=self._messages))
        is_good = pc.equal(pc.list_value_length(judged.column(REASONS)), 0)
        good = judged.filter(is_good)
        place = good.column_names.index(SOURCE)
        self._accept(good.set_column(place, SOURCE, good.column(SOURCE).dictionary_encode()))
        self._refuse(judged.filter(pc.invert(is_good)).select(QUARANTINE_COLUMNS))

    def _accept(self, rows: Any, wanted: Flags | None = None) -> None:
        if not rows.num_rows:
            return
        rows = rows.select(self._schema)
        if not self.report.accepted:
            self.report.bytes_per_row = parquet.bytes_per_row(rows)
        self.report.accepted += rows.num_rows if wanted is None else int(wanted.sum())
        self._spreader.add(rows, wanted)

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
