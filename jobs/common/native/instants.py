"""Instants in JSON, as `readers.columns.to_micros` takes them, many at once.

Texts are laid beside each other by their length, so that each digit is one column of bytes. What is not of the plain
form (a lower-case letter, a day that may not be, a year out of range) is left to `to_micros`: it counts as odd here.
"""

from typing import Any, Final

import numpy as np
import numpy.typing as npt

_DATE_TIME: Final = len('"2024-02-29T05:00:00')
_SHORTEST: Final = len('"2024-02-29T05:00:00Z"')
_LONGEST: Final = len('"2024-02-29T05:00:00.123456789+00:00"')
_OFFSET: Final = len("+00:00")
_QUOTE: Final = ord('"')
_ZERO, _ZULU, _PLUS, _MINUS, _DOT = b"0Z+-."
_MARKS: Final = {0: '"', 5: "-", 8: "-", 11: "T", 14: ":", 17: ":"}
_MICROS: Final = 1_000_000
_DAY: Final = 86_400
_SUBSECOND_DIGITS, _MICRO_DIGITS, _MILLI_DIGITS = 9, 6, 15
_FIRST_YEAR, _LAST_YEAR = 2000, 2100
_FIRST_MICROS: Final = 946_684_800 * _MICROS
_END_MICROS: Final = 4_133_980_800 * _MICROS
Bytes = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
# Of all months of these years: the first day, counted from 1970, and how many there are.
_MONTHS: Final = np.arange(f"{_FIRST_YEAR}-01", f"{_LAST_YEAR + 1}-02", dtype="datetime64[M]")
_FIRST_DAYS: Final = _MONTHS.astype("datetime64[D]").astype(np.int64)
_MONTH_DAYS: Final = np.diff(_FIRST_DAYS)


def to_micros(data: Bytes, offsets: npt.NDArray[np.int32]) -> tuple[Ints, Flags]:
    """Take JSON values, `data[offsets[i]:offsets[i + 1]]`, as microseconds since the epoch.

    Returns the microseconds, and which of them stand for sure: the others are no instants, or not of the plain form.
    """
    starts, lengths = offsets[:-1].astype(np.int64), np.diff(offsets)
    micros, is_sure = np.zeros(len(lengths), np.int64), np.zeros(len(lengths), np.bool_)
    for length in np.flatnonzero(np.bincount(lengths, minlength=1)) if len(lengths) else ():
        at = np.flatnonzero(lengths == length)
        if 0 < length <= _LONGEST:
            rows = _rows(data, starts, at, int(length))
            micros[at], is_sure[at] = _texts(rows) if length >= _SHORTEST else _millis(rows)
    return micros, is_sure & (micros >= _FIRST_MICROS) & (micros < _END_MICROS)


def _rows(data: Bytes, starts: Ints, at: Ints, length: int) -> Bytes:
    """Lay texts of one length under each other; turned, so that a place in the text is a row in memory."""
    first = starts[at[0]]
    if len(at) == len(starts) and starts[-1] - first == (len(starts) - 1) * length:
        return np.ascontiguousarray(data[first : first + len(at) * length].reshape(len(at), length).T)
    # Each text as one thing that is copied; where the last ones begin, there are fewer bytes than that.
    texts: npt.NDArray[np.void] = np.ndarray(len(data) - length + 1, f"V{length}", data, strides=(1,))
    return np.ascontiguousarray(texts[starts[at]].view(np.uint8).reshape(len(at), length).T)


def _texts(rows: Bytes) -> tuple[Ints, Flags]:
    """Take RFC 3339 texts in their quotes, all of one length."""
    good = np.ones(rows.shape[1], np.bool_)
    for place, mark in _MARKS.items():
        good &= rows[place] == ord(mark)
    good &= rows[-1] == _QUOTE
    year, month, day, hour, minute, second = (
        _number(rows[start:end], good)
        for start, end in ((1, 5), (6, 8), (9, 11), (12, 14), (15, 17), (18, 20))
    )
    good &= (year >= _FIRST_YEAR) & (year <= _LAST_YEAR) & (month >= 1) & (month <= 12) & (day >= 1)  # noqa: PLR2004 - the calendar's own
    good &= (hour <= 23) & (minute <= 59) & (second <= 59)  # noqa: PLR2004 - the clock's own
    # Of what is no month of these years any will do.
    of_month = np.where(good, (year - _FIRST_YEAR) * 12 + month - 1, 0)
    good &= day <= _MONTH_DAYS[of_month]
    days = _FIRST_DAYS[of_month] + day - 1
    tail = rows[_DATE_TIME:-1]
    offset, fraction = _offset(tail, good)
    seconds = days * _DAY + hour * 3600 + minute * 60 + second - offset
    return seconds * _MICROS + _fraction(fraction, good), good


def _offset(tail: Bytes, good: Flags) -> tuple[Any, Any]:
    """Take what follows the seconds: the offset in seconds, and the bytes before it, by row as there are two forms."""
    is_zulu = tail[-1] == _ZULU
    if is_zulu.all():
        return 0, [(is_zulu, tail[:-1])]
    if len(tail) < _OFFSET:
        good &= is_zulu
        return 0, [(is_zulu, tail[:-1])]
    zone = tail[-_OFFSET:]
    is_signed = ~is_zulu & ((zone[0] == _PLUS) | (zone[0] == _MINUS)) & (zone[3] == ord(":"))
    good &= is_zulu | is_signed
    fits = good.copy()
    hours, minutes = _number(zone[1:3], fits), _number(zone[4:6], fits)
    fits &= (hours <= 23) & (minutes <= 59)  # noqa: PLR2004 - the clock's own
    good &= is_zulu | fits
    seconds = (hours * 60 + minutes) * 60 * np.where(zone[0] == _MINUS, -1, 1)
    return np.where(is_zulu, 0, seconds), [(is_zulu, tail[:-1]), (is_signed, tail[:-_OFFSET])]


def _fraction(forms: list[tuple[Flags, Bytes]], good: Flags) -> Any:
    """Take a point and up to nine digits, those beyond microseconds cut off."""
    micros = np.zeros(len(good), np.int64)
    for applies, part in forms:
        if not len(part):
            continue
        fits = (part[0] == _DOT) & np.bool_(2 <= len(part) <= 1 + _SUBSECOND_DIGITS)  # noqa: PLR2004 - a point and a digit
        digits = part[1 : 1 + _MICRO_DIGITS]
        value = _number(digits, fits) * 10 ** (_MICRO_DIGITS - len(digits)) if len(digits) else 0
        if len(part) > 1 + _MICRO_DIGITS:
            _number(part[1 + _MICRO_DIGITS :], fits)
        good &= fits | ~applies
        micros = np.where(applies, value, micros)
    return micros


def _millis(rows: Bytes) -> tuple[Ints, Flags]:
    """Take whole milliseconds since the epoch; of what `to_micros` may take, none is negative or begins with zero."""
    good = np.full(rows.shape[1], len(rows) <= _MILLI_DIGITS)
    value = _number(rows[: _MILLI_DIGITS + 1], good)
    good &= rows[0] != _ZERO
    return np.where(good, value, 0) * 1000, good


def _number(digits: Bytes, good: Flags) -> Ints:
    """Take decimal digits; `good` becomes false where one is none."""
    own = digits - np.uint8(_ZERO)
    good &= (own <= 9).all(axis=0)  # noqa: PLR2004 - the last digit
    # Two digits fit the bytes that they come in, which are many times faster to reckon with.
    pairs = own[len(own) % 2 :]
    value: Any = own[0].astype(np.int64) if len(own) % 2 else 0
    for place in range(0, len(pairs), 2):
        value = value * 100 + (pairs[place] * np.uint8(10) + pairs[place + 1]).astype(np.int64)
    return np.asarray(value)
