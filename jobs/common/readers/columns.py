"""JSON values to typed columns, strictly: what does not fit its type is a named fault, never a guess.

Pure Python over the standard library, because it runs in the tasks of any cluster.
"""

import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, Literal

from jobs.common.readers.framing import Number

Kind = Literal["string", "double", "timestamp", "boolean", "json"]

BAD_TYPE = "bad_type"
OUT_OF_RANGE = "out_of_range"
RESCUED = "rescued"

_MINUTE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt]([0-9]{2}):([0-9]{2})")
_MINUTE_LENGTH = len("2024-02-29T05:00")
_SECOND = re.compile(r":([0-9]{2})(?:\.([0-9]{1,9}))?(?:[Zz]|([+-])([0-9]{2}):([0-9]{2}))")
# With more digits than milliseconds hardly any comes again.
_CACHED_LENGTH = len(":00.000Z")
_INTEGER = re.compile(r"-?[0-9]+")
_EPOCH = date(1970, 1, 1).toordinal()
_MICROS = 1_000_000
_FIRST_MICROS = (date(2000, 1, 1).toordinal() - _EPOCH) * 86_400 * _MICROS
_END_MICROS = (date(2101, 1, 1).toordinal() - _EPOCH) * 86_400 * _MICROS
_MOST_EPOCH_DIGITS = 15


@dataclass(frozen=True)
class Field:
    """A column, and where its value stands in a message.

    `path` names the members from the outside in; without one it is the column's own name. A timestamp is an RFC 3339
    text with an offset, or an integer of epoch milliseconds, from the year 2000 to the year 2100. JSON is any value, as
    compact text. An empty text is a missing value where a value is required.
    """

    column: str
    kind: Kind
    path: tuple[str, ...] = ()
    is_required: bool = False

    @property
    def name(self) -> str:
        """The field as reasons name it: a field inside another with a dot."""
        return ".".join(self.path or (self.column,))


class InexactError(Exception):
    """Raised where a number must be told as it was written, and has been parsed to a float already."""


class Fault(Exception):  # noqa: N818 - a verdict on a value, caught in this module
    """Raised where a value does not fit its column; its text is the first part of the reason."""


_BAD_TYPE = Fault(BAD_TYPE)
_OUT_OF_RANGE = Fault(OUT_OF_RANGE)


def to_text(value: object) -> str:
    """Take a JSON string; a number is none."""
    if type(value) is not str:
        raise _BAD_TYPE
    return value


def to_double(value: object) -> float:
    """Take a JSON number that a double can hold, to its nearest double; a negative zero becomes zero."""
    if not isinstance(value, (float, Number)):
        raise _BAD_TYPE
    number = float(value)
    if math.isinf(number):
        raise _OUT_OF_RANGE
    # Two rows that differ in the sign of a zero would be equal to Spark, and the order of arrival would decide.
    return number + 0.0


def to_boolean(value: object) -> bool:
    """Take true or false; a text that says so is neither."""
    if type(value) is not bool:
        raise _BAD_TYPE
    return value


def to_micros(value: object) -> int:
    """Take an instant as microseconds since the epoch, further digits cut off (RFC 3339, section 5.6).

    A second of 60 is refused, for nothing here knows which leap seconds there were.
    """
    if type(value) is Number:
        micros = _epoch_millis(value) * 1000
    elif type(value) is str:
        micros = _rfc_3339_micros(value)
    else:
        raise _BAD_TYPE
    if not _FIRST_MICROS <= micros < _END_MICROS:
        raise _OUT_OF_RANGE
    return micros


def _epoch_millis(written: str) -> int:
    if not _INTEGER.fullmatch(written):
        raise _BAD_TYPE
    if len(written) > _MOST_EPOCH_DIGITS:
        raise _OUT_OF_RANGE
    return int(written)


def _rfc_3339_micros(text: str) -> int:
    """Take the minute and what follows it each on its own: of many instants there are few of either."""
    rest = text[_MINUTE_LENGTH:]
    seconds = _second_micros if len(rest) <= _CACHED_LENGTH else _second_micros.__wrapped__
    return _minute_micros(text[:_MINUTE_LENGTH]) + seconds(rest)


@lru_cache(maxsize=16_384)
def _minute_micros(text: str) -> int:
    """The year 0, which `date` does not know, is taken as 400, a leap year out of range too."""
    parts = _MINUTE.fullmatch(text)
    if not parts:
        raise _BAD_TYPE
    year, month, day, hour, minute = map(int, parts.groups())
    if hour > 23 or minute > 59:  # noqa: PLR2004 - the clock's own limits
        raise _BAD_TYPE
    try:
        days = date(year or 400, month, day).toordinal() - _EPOCH
    except ValueError:
        raise _BAD_TYPE from None
    return (days * 86_400 + hour * 3600 + minute * 60) * _MICROS


@lru_cache(maxsize=65_536)
def _second_micros(text: str) -> int:
    parts = _SECOND.fullmatch(text)
    if not parts:
        raise _BAD_TYPE
    second, fraction, sign, offset_hours, offset_minutes = parts.groups()
    offset = 0
    if sign:
        if offset_hours > "23" or offset_minutes > "59":
            raise _BAD_TYPE
        offset = (int(offset_hours) * 60 + int(offset_minutes)) * (60 if sign == "+" else -60)
    if second > "59":
        raise _BAD_TYPE
    micros = int(f"{fraction:0<6.6}") if fraction else 0
    return (int(second) - offset) * _MICROS + micros


class Extractor:
    """Takes the columns of `fields` out of parsed messages."""

    def __init__(self, fields: Sequence[Field]) -> None:
        """Lay the fields out as the tree of members that messages have; `nothing` is a row without values."""
        self._tree: dict[str, Any] = {}
        for place, field in enumerate(fields):
            *outer, last = field.path or (field.column,)
            branch = self._tree
            for member in outer:
                branch = branch.setdefault(member, {})
            branch[last] = (place, _CONVERT[field.kind], field.is_required)
        self.nothing: list[Any] = [None] * len(fields)

    def __call__(self, message: Mapping[str, Any]) -> tuple[list[Any], list[str] | None, str | None]:
        """Return the columns' values, the faults (null where there is none) and what no field knows, as JSON.

        A value with a fault is null. Absent and null members are null.

        Raises:
            InexactError: Where a number that has come as a float is among what no field knows, or within JSON.
        """
        values = self.nothing.copy()
        faults: list[str] = []
        unknown = self._take(message, self._tree, "", (values, faults))
        return values, faults or None, to_json(unknown) if unknown else None

    def _take(
        self, members: Mapping[str, Any], tree: dict[str, Any], prefix: str, into: tuple[list[Any], list[str]]
    ) -> dict[str, Any]:
        values, faults = into
        unknown: dict[str, Any] = {}
        for name, value in members.items():
            known = tree.get(name)
            if known is None:
                unknown[name] = value
            elif value is None:
                continue
            elif type(known) is dict:
                if type(value) is not dict:
                    faults.append(f"{BAD_TYPE}_{prefix}{name}")
                elif inner := self._take(value, known, f"{prefix}{name}.", into):
                    unknown[name] = inner
            else:
                place, convert, is_required = known
                if convert is to_double and type(value) is float and -math.inf < value < math.inf:
                    # As `to_double` does it: of most messages most values are numbers.
                    values[place] = value + 0.0
                    continue
                if is_required and value == "":
                    continue
                try:
                    values[place] = convert(value)
                except Fault as fault:
                    faults.append(f"{fault}_{prefix}{name}")
        return unknown


def to_json(value: Any) -> str:
    """Write a parsed value as compact JSON: keys sorted by code point, numbers as they were written.

    One frame of the stack a level, so that every nesting the reader accepts fits.

    Raises:
        InexactError: Where there is a float in it, which no longer knows how it was written.
    """
    if type(value) is Number:
        return str(value)
    if type(value) is dict:
        members = []
        for name in sorted(value):
            members.append(f"{_quoted(name)}:{to_json(value[name])}")  # noqa: PERF401 - a comprehension is a frame more
        return "{" + ",".join(members) + "}"
    if type(value) is list:
        elements = []
        for element in value:
            elements.append(to_json(element))  # noqa: PERF401 - a comprehension is a frame more
        return "[" + ",".join(elements) + "]"
    if type(value) is float:
        raise InexactError
    return _quoted(value)


_quoted = json.JSONEncoder(ensure_ascii=False).encode
_CONVERT: dict[Kind, Callable[[Any], Any]] = {
    "string": to_text,
    "double": to_double,
    "timestamp": to_micros,
    "boolean": to_boolean,
    "json": to_json,
}
