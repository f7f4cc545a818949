"""Lines of JSON to typed columns by DuckDB, and which of the lines may be taken so.

DuckDB's parser is lenient where `readers.columns` is strict: names that come twice, names nobody asked for, a text
where a number should be, a trailing comma, NaN. None of them passes, by arithmetic on quotes. In a line without a
backslash each name and each text has two of them, so a line that is JSON has

    quotes = 2 * (names + texts)

Names and texts that are known to be there are no more than those that are: a column that has a value, and an object
that columns stand in, stands for one name each, and a column of texts is asked for as JSON, so that its own quotes tell
a text. Where twice those that are known make up all quotes, there is no other name and no other text: nothing came
twice, nothing is unknown, nothing is null, and what is a number is one, or true or false, which are looked for.

What does not pass is not wrong: it is left to the strict reader.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from jobs.common.native import instants
from jobs.common.native.engine import quoted, select
from jobs.common.readers.columns import Field

# The kinds of columns that lines are taken to here.
KINDS: Final = frozenset(("string", "double", "timestamp"))
# A line's quotes are counted in two bytes.
MOST_LINE_BYTES: Final = 64 * 1024 - 1
_LF, _QUOTE, _BRACE = b'\n"}'
# What may stand before a brace and hide a trailing comma, or is one.
_BEFORE_BRACE: Final = np.isin(np.arange(256), list(b", \t\r"))
_WORDS: Final = (b"true", b"false", b"\\")
INSTANT: Final = pa.timestamp("us")
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Parsed:
    """Lines of one block: where each begins, their columns, and which of them are plain."""

    offsets: npt.NDArray[np.int32]
    columns: pa.Table
    is_plain: Flags


class PlainLines:
    """Takes the columns of `fields` out of lines."""

    def __init__(self, fields: Sequence[Field]) -> None:
        """Lay out the query. Each field is of one of `KINDS`."""
        self._fields = fields
        paths = [field.path or (field.column,) for field in fields]
        self._outer = list(dict.fromkeys(path[:depth] for path in paths for depth in range(1, len(path))))
        texts: dict[str, Any] = {}
        for field, path in zip(fields, paths, strict=True):
            branch = texts
            for name in path[:-1]:
                branch = branch.setdefault(name, {})
            branch[path[-1]] = "DOUBLE" if field.kind == "double" else "JSON"
        wanted = [
            f"{_member(path)} AS {quoted(field.column)}" for field, path in zip(fields, paths, strict=True)
        ]
        wanted += [f"{_member(path)} IS NOT NULL" for path in self._outer]
        form = json.dumps(texts).replace("'", "''")
        # Materialised: else the columns would be taken out of the line again for each that is asked for.
        self._query = (
            f"{', '.join(wanted)} FROM (WITH parsed AS MATERIALIZED (SELECT CASE WHEN json_valid(line) "  # noqa: S608 - of the job's own names
            f"THEN json_transform(line, '{form}') END AS message FROM rows) FROM parsed)"
        )

    def parse(self, data: bytes) -> Parsed:
        """Parse a block of whole lines."""
        values = np.frombuffer(data, np.uint8)
        offsets = _offsets(values)
        block = pa.table({"line": _strings(data, offsets)})
        table = select(block, self._query)
        is_plain, columns = _sound_lines(data, values, offsets), []
        known = np.zeros(len(offsets) - 1, np.int64)
        for place in range(len(self._outer)):
            known += table.column(len(self._fields) + place).to_numpy()
        for field, column in zip(self._fields, table.columns, strict=False):
            array = column.chunk(0) if column.num_chunks else pa.array([], column.type)
            is_there = _is_there(array)
            known += is_there
            if field.kind == "double":
                numbers, is_finite = _numbers(array)
                columns.append(numbers)
                is_plain &= is_finite
                continue
            cells, is_text = _Cells.of(array), _first_is_quote(array)
            known += is_text
            if field.kind == "string":
                columns.append(cells.texts())
                is_plain &= is_text | ~is_there
            else:
                micros, is_instant = instants.to_micros(cells.data, cells.offsets)
                columns.append(pa.array(micros, mask=~is_instant).cast(INSTANT))
                is_plain &= is_instant | ~is_there
        # What has no name at all is no object, or says nothing.
        is_plain &= (known > 0) & (_quotes(values, offsets) == 2 * known)
        return Parsed(offsets, pa.table(columns, [field.column for field in self._fields]), is_plain)


@dataclass(frozen=True)
class _Cells:
    """The bytes of a column of JSON values."""

    array: Any
    data: npt.NDArray[np.uint8]
    offsets: npt.NDArray[np.int32]

    @classmethod
    def of(cls, array: Any) -> "_Cells":
        _, places, content = array.buffers()
        offsets = np.frombuffer(places, np.int32, len(array) + 1, array.offset * 4)
        return cls(array, np.frombuffer(content or b"", np.uint8), offsets)

    def texts(self) -> Any:
        """Take the quotes off."""
        bare = pc.binary_slice(self.array.cast(pa.binary()), 1, -1)
        return bare.cast(pa.string(), safe=False)


def _member(path: Sequence[str]) -> str:
    return ".".join(["message", *map(quoted, path)])


def _offsets(values: npt.NDArray[np.uint8]) -> npt.NDArray[np.int32]:
    ends = np.flatnonzero(values == _LF).astype(np.int32) + 1
    last = [len(values)] if not len(ends) or ends[-1] < len(values) else []
    return np.concatenate([[0], ends, last]).astype(np.int32)


def _strings(data: bytes, offsets: npt.NDArray[np.int32]) -> Any:
    """Stand for lines where they are: nothing is copied, and their LF is a blank to JSON."""
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(data)]
    return pa.Array.from_buffers(pa.string(), len(offsets) - 1, buffers)


def _is_there(array: Any) -> Flags:
    if not array.null_count:
        return np.ones(len(array), np.bool_)
    return np.asarray(array.is_valid().to_numpy(zero_copy_only=False), np.bool_)


def _numbers(array: Any) -> tuple[Any, Flags]:
    """Make negative zeros zeros; of NaN and infinity there are no JSON numbers."""
    numbers = array.fill_null(0.0).to_numpy() if array.null_count else array.to_numpy()
    mask = None if not array.null_count else ~_is_there(array)
    return pa.array(numbers + 0.0, pa.float64(), mask=mask), np.isfinite(numbers)


def _first_is_quote(array: Any) -> Flags:
    cells = _Cells.of(array)
    if not len(cells.data):
        return np.zeros(len(array), np.bool_)
    starts = np.minimum(cells.offsets[:-1], len(cells.data) - 1)
    return np.asarray((cells.data[starts] == _QUOTE) & (np.diff(cells.offsets) > 0))


def _quotes(values: npt.NDArray[np.uint8], offsets: npt.NDArray[np.int32]) -> npt.NDArray[np.uint16]:
    return np.add.reduceat((values == _QUOTE).view(np.uint8), offsets[:-1], dtype=np.uint16)


def _sound_lines(data: bytes, values: npt.NDArray[np.uint8], offsets: npt.NDArray[np.int32]) -> Flags:
    """Tell lines that are short enough, and hold no backslash, no true or false, no trailing comma, no bad UTF-8."""
    is_sound = np.diff(offsets) <= MOST_LINE_BYTES
    braces = np.flatnonzero(values == _BRACE)
    # A block that begins with a brace looks at its last byte, and finds at most a line that was sound.
    suspects = braces[_BEFORE_BRACE[values[braces - 1]]]
    is_sound[np.searchsorted(offsets, suspects, "right") - 1] = False
    lines = None
    for word in _WORDS:
        if word in data:
            lines = _strings(data, offsets).cast(pa.binary()) if lines is None else lines
            is_sound &= ~pc.match_substring(lines, word.decode()).to_numpy(zero_copy_only=False)
    if not data.isascii():
        for at in np.flatnonzero(np.maximum.reduceat(values, offsets[:-1]) >= 0x80):  # noqa: PLR2004 - beyond ASCII
            is_sound[at] &= _is_utf_8(data[offsets[at] : offsets[at + 1]])
    return is_sound


def _is_utf_8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True
