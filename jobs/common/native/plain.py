"""Lines of JSON to typed columns by DuckDB, and which of the lines may be taken so.

DuckDB's parser is lenient where `readers.columns` is strict: names that come twice, names nobody asked for, a text
where a number should be, a trailing comma, NaN. None of them passes, by arithmetic on quotes. In a line without a
backslash each name and each text has two of them, so a line that is JSON has

    quotes = 2 * (names + texts)

Names and texts that are known to be there are no more than those that are: a column that has a value, and an object
that such a column stands in, stands for one name each, and a column of texts is asked for as JSON, so that its own
quotes tell a text. Where twice those that are known make up all quotes, there is no other name and no other text:
nothing came twice, nothing is unknown, nothing is null, and what is a number is one, or true or false, which are looked
for.

What does not pass is not wrong: it is left to the strict reader.

Where one line is malformed, DuckDB refuses all of them, unless each is asked for first, which is a second parse. So
that is done only where a line is malformed that looked whole by its bytes.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from jobs.common.native import instants
from jobs.common.native.engine import MALFORMED, select
from jobs.common.readers.columns import Field

# The kinds of columns that lines are taken to here.
KINDS: Final = frozenset(("string", "double", "timestamp"))
# A line's quotes are counted in two bytes.
MOST_LINE_BYTES: Final = 64 * 1024 - 1
_LF, _QUOTE, _COMMA, _BACKSLASH, _OPENING, _BRACE = b'\n",\\{}'
_BYTES: Final = np.arange(256)
# What may stand before a brace and hide a trailing comma, or is one.
_BEFORE_BRACE: Final = np.isin(_BYTES, list(b", \t\r"))
_FIRST, _LAST = np.isin(_BYTES, list(b"{ \t\r")), np.isin(_BYTES, list(b"} \t\r"))
_LAST_ASCII: Final = 0x7F
_WORDS: Final = ("true", "false")
_U, _S, _E = b"use"
_AFTER_WORD: Final = np.isin(_BYTES, [*range(ord(" ") + 1), *b",}]"])
# Blocks of which one in so many may be parsed twice before each line is asked for at once.
_WORTH: Final = 4
_GROUP_BYTES: Final = 1024 * 1024
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
        outer = dict.fromkeys(path[:depth] for path in paths for depth in range(1, len(path)))
        self._inner = [
            [place for place, path in enumerate(paths) if path[: len(one)] == one and path != one]
            for one in outer
        ]
        texts: dict[str, Any] = {}
        for field, path in zip(fields, paths, strict=True):
            branch = texts
            for name in path[:-1]:
                branch = branch.setdefault(name, {})
            branch[path[-1]] = "DOUBLE" if field.kind == "double" else "JSON"
        form = json.dumps(texts).replace("'", "''")
        self._paths = paths
        # As one column: columns taken out of it by SQL cost a copy more, and may be worked out once for each.
        message = f"json_transform(line, '{form}') END AS message FROM rows"
        self._trusting = f"CASE WHEN looks_whole THEN {message}"
        self._asking = f"CASE WHEN looks_whole AND json_valid(line) THEN {message}"
        self._blocks = self._twice = 0

    def parse(self, data: bytes | memoryview) -> Parsed:
        """Parse a block of lines, each with its LF. Nothing of what is returned stands in the block's memory."""
        values = np.frombuffer(data, np.uint8)
        offsets = _offsets(values)
        marks = _marks(data, values, offsets)
        block = pa.table({"line": _strings(data, offsets), "looks_whole": pa.array(marks.is_sound)})
        members = _members(self._messages(block).column("message").chunk(0))
        taken = [_taken(field, members[path]) for field, path in zip(self._fields, self._paths, strict=True)]
        # Of an object that has nothing known in it, who knows whether it is one.
        outer = [np.logical_or.reduce([taken[place].is_there for place in inner]) for inner in self._inner]
        known = _count([*outer, *(one.is_there for one in taken), *(one.is_text for one in taken)])
        is_plain = marks.is_sound & np.logical_and.reduce([one.fits for one in taken])
        # What has no name at all is no object, or says nothing.
        is_plain &= (known > 0) & (marks.quotes == 2 * known)
        columns = pa.table([one.values for one in taken], [field.column for field in self._fields])
        return Parsed(offsets, columns, is_plain)

    def _messages(self, rows: Any) -> Any:
        """Parse the lines that look whole."""
        self._blocks += 1
        if self._twice * _WORTH < self._blocks:
            try:
                return select(rows, self._trusting)
            except MALFORMED:
                self._twice += 1
        return select(rows, self._asking)


@dataclass(frozen=True)
class _Taken:
    """A column: its values, where it has one, which are texts in the line, and which of the rows fit its kind."""

    values: Any
    is_there: Flags
    is_text: Flags
    fits: Flags


def _taken(field: Field, array: Any) -> _Taken:
    is_there = _is_there(array)
    if field.kind == "double":
        numbers = array.fill_null(0.0).to_numpy() if array.null_count else array.to_numpy()
        # Negative zeros become zeros; of NaN and infinity there are no JSON numbers.
        values = pa.array(numbers + 0.0, pa.float64(), mask=~is_there if array.null_count else None)
        return _Taken(values, is_there, np.zeros(len(array), np.bool_), np.isfinite(numbers))
    _, places, content = array.buffers()
    offsets = np.frombuffer(places, np.int32, len(array) + 1, array.offset * 4)
    cells = np.frombuffer(content or b"\0", np.uint8)
    is_text = (cells[np.minimum(offsets[:-1], len(cells) - 1)] == _QUOTE) & is_there
    if field.kind == "timestamp":
        micros, is_instant = instants.to_micros(cells, offsets)
        return _Taken(
            pa.array(micros, mask=~is_instant).cast(INSTANT), is_there, is_text, is_instant | ~is_there
        )
    bare = pc.binary_slice(array.cast(pa.binary()), 1, -1).cast(pa.string(), safe=False)
    fits = is_text | ~is_there
    if field.is_required:
        # An empty text is a missing value there.
        fits &= np.diff(offsets) != len('""')
    return _Taken(bare, is_there, is_text, fits)


def _count(flags: Sequence[Flags]) -> npt.NDArray[np.int64]:
    return np.asarray(np.sum(flags, axis=0), np.int64)


def _members(objects: Any, outer: tuple[str, ...] = ()) -> dict[tuple[str, ...], Any]:
    """Take objects apart: arrays by the names that lead to them. What is in an object that is null is null."""
    found: dict[tuple[str, ...], Any] = {}
    for one, values in zip(objects.type, objects.flatten(), strict=True):
        path = (*outer, one.name)
        found |= _members(values, path) if pa.types.is_struct(one.type) else {path: values}
    return found


def _offsets(values: npt.NDArray[np.uint8]) -> npt.NDArray[np.int32]:
    starts = range(0, len(values), _GROUP_BYTES)
    ends = [np.flatnonzero(values[at : at + _GROUP_BYTES] == _LF) + (at + 1) for at in starts]
    return np.concatenate([[0], *ends]).astype(np.int32)


def _strings(data: bytes | memoryview, offsets: npt.NDArray[np.int32]) -> Any:
    """Stand for lines where they are: nothing is copied, and their LF is a blank to JSON."""
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(data)]
    return pa.Array.from_buffers(pa.string(), len(offsets) - 1, buffers)


def _is_there(array: Any) -> Flags:
    if not array.null_count:
        return np.ones(len(array), np.bool_)
    return np.asarray(array.is_valid().to_numpy(zero_copy_only=False), np.bool_)


@dataclass(frozen=True)
class _Marks:
    """What the bytes of lines say: how many quotes each has, and which may be plain."""

    quotes: npt.NDArray[np.uint16]
    is_sound: Flags


def _marks(data: bytes | memoryview, values: npt.NDArray[np.uint8], offsets: npt.NDArray[np.int32]) -> _Marks:
    """Look at lines, some at a time, so that what is looked at stays in the processor's cache.

    Sound are those that are short enough, and hold no backslash, no true or false, no trailing comma and no bad UTF-8.
    What is malformed in the ways that are usual is not sound either: cut off, glued to another, with a comma too many.
    """
    quotes = np.empty(len(offsets) - 1, np.uint16)
    is_sound = np.diff(offsets) <= MOST_LINE_BYTES
    may_hold_words = False
    for first, end in _groups(offsets):
        places = offsets[first:end] - offsets[first]
        own = values[offsets[first] : offsets[end]]
        np.add.reduceat((own == _QUOTE).view(np.uint8), places, dtype=np.uint16, out=quotes[first:end])
        is_sound[first:end] &= (
            _FIRST[own[places]] & _LAST[own[offsets[first + 1 : end + 1] - offsets[first] - 2]]
        )
        for unsound in _unsound(own):
            is_sound[first + np.searchsorted(places, unsound, "right") - 1] = False
        if own.max() > _LAST_ASCII:
            for at in first + np.flatnonzero(np.maximum.reduceat(own, places) > _LAST_ASCII):
                is_sound[at] &= _is_utf_8(bytes(data[offsets[at] : offsets[at + 1]]))
        may_hold_words = may_hold_words or _may_hold_words(own)
    for word in _WORDS if may_hold_words else ():
        lines = _strings(data, offsets).cast(pa.binary())
        is_sound &= ~pc.match_substring(lines, word).to_numpy(zero_copy_only=False)
    return _Marks(quotes, is_sound)


def _unsound(own: npt.NDArray[np.uint8]) -> Iterator[npt.NDArray[np.int64]]:
    """Yield places in lines that are not sound."""
    braces = np.flatnonzero(own == _BRACE)
    # Lines that begin with a brace look at another line's last byte, and find that LF; no brace is the last byte.
    yield braces[_BEFORE_BRACE[own[braces - 1]] | (own[braces + 1] == _OPENING)]
    is_odd, is_comma = own == _BACKSLASH, own == _COMMA
    is_odd[1:] |= is_comma[1:] & is_comma[:-1]
    if is_odd.any():
        yield np.flatnonzero(is_odd)


def _may_hold_words(own: npt.NDArray[np.uint8]) -> bool:
    """Look for the ends of true and false."""
    before, after = own[:-1], own[1:]
    is_end = ((before == _U) | (before == _S)) & (after == _E)
    # Most names and texts have no such letters. The last byte, an LF, is none of them.
    return bool(is_end.any() and _AFTER_WORD[own[np.flatnonzero(is_end) + 2]].any())


def _groups(offsets: npt.NDArray[np.int32]) -> Iterator[tuple[int, int]]:
    """Yield lines of about `_GROUP_BYTES` together: the place of the first, and the one after the last."""
    bounds = np.arange(_GROUP_BYTES, int(offsets[-1]) + _GROUP_BYTES, _GROUP_BYTES)
    first = 0
    for end in np.searchsorted(offsets, bounds):
        end_ = min(int(end), len(offsets) - 1)
        if end_ > first:
            yield first, end_
            first = end_


def _is_utf_8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True
