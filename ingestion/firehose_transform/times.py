"""Instants to one form: RFC 3339 in UTC with a Z, at most six fractional digits.

Only what the jobs accept is written anew, to the same instant; all else is left for them to judge.
"""

import re
from datetime import datetime, timedelta
from typing import Final

_SETTLED: Final = re.compile(
    rb'"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?Z"'
).fullmatch
_RFC_3339: Final = re.compile(
    r'"([0-9]{4}-[0-9]{2}-[0-9]{2}[Tt](?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9])(?:(\.[0-9]{1,6})[0-9]{0,3})?'
    r'(?:[Zz]|([+-])([01][0-9]|2[0-3]):([0-5][0-9]))"'
).fullmatch
_MILLIS: Final = re.compile(rb"[0-9]{12,13}").fullmatch
# Without a zone, all of them in UTC: adding one and taking it off again would be half of the time spent here.
_EPOCH, _FIRST, _END = map(datetime.fromisoformat, ("1970-01-01", "2000-01-01", "2101-01-01"))


def in_utc(raw: bytes) -> bytes | None:
    """Write an instant, given as JSON text, in UTC; None where it stays as it is.

    Text with an offset or whole milliseconds since the epoch, from the year 2000 to 2100.
    """
    if not raw or _SETTLED(raw):
        return None
    if _MILLIS(raw):
        return _from_millis(int(raw))
    parts = _RFC_3339(raw.decode("latin-1"))
    if not parts:
        return None
    local, fraction, sign, hours, minutes = parts.groups()
    try:
        moment = datetime.fromisoformat(local)
        if sign:
            offset = timedelta(hours=int(hours), minutes=int(minutes))
            moment += offset if sign == "-" else -offset
    except (ValueError, OverflowError):
        return None
    return f'"{moment.isoformat()}{fraction or ""}Z"'.encode() if _FIRST <= moment < _END else None


def _from_millis(millis: int) -> bytes | None:
    seconds, rest = divmod(millis, 1000)
    moment = _EPOCH + timedelta(seconds=seconds)
    return f'"{moment.isoformat()}.{rest:03d}Z"'.encode() if _FIRST <= moment < _END else None
