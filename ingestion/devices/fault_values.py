"""What is put into a message to break it, as raw JSON: data, no behaviour."""

import json
from typing import Final

from ingestion.devices.message import METRICS
from ingestion.devices.reasons import INSTANTS, RANGES, REQUIRED

ABSENT: Final = b""
"""Stands for a field that is left out."""

LONG_DIGITS: Final = 5_000  # more than Python's own limit of 4,300 for reading an integer

NOT_STRINGS: Final = (b"7", b"true", b'{"name":"x"}', b'["x"]', b"0.5", b"false", b"[]", b"{}")
NOT_NUMBERS: Final = (b'"4.0"', b"true", b"{}", b"[]", b'""', b"false", b"[4.0]", b'"NaN"')
NOT_OBJECTS: Final = (b'"here"', b"5", b"true", b"[]", b'""', b'[{"lat":1.0,"lon":1.0}]', b"-0.5", b"false")
NOT_INSTANTS: Final = (
    b'"2024-03-01T10:00:60Z"',  # second 60
    b'"2024-03-01T10:00:00"',  # no offset
    b'"2024-03-01 10:00:00Z"',  # a blank for the T
    b'"2024-03-01T10:00:00.1234567890Z"',  # ten fractional digits
    b"1709287200000.0",  # a fraction in an epoch
    b"1.7092872e12",  # an exponent in an epoch
    b'"1709287200000"',  # an epoch in quotes
    b'"2024-03-01T10:00:00+0800"',  # no colon in the offset
    b'"2024-02-30T10:00:00Z"',  # no such day
    b'"2024-13-01T10:00:00Z"',
    b'"2024-03-01T24:00:00Z"',
    b'"2024-03-01T10:60:00Z"',
    b'"2024-03-01T10:00:00+24:00"',
    b'"2024-03-01T10:00:00+08:60"',
    b'"2024-03-01T10:00:00.Z"',  # a point without digits
    b'"2024-03-01T10:00:00,5Z"',
    b'"2024-03-01T10:00Z"',  # no seconds
    b'"2024-03-01"',
    b'"20240301T100000Z"',
    b'"2024-03-01T10:00:00Z\\n"',  # what a `$` in a pattern lets pass
    b'" 2024-03-01T10:00:00Z"',
    b'"\\u0662\\u0660\\u0662\\u0664-03-01T10:00:00Z"',  # digits that are not ASCII
    b'"yesterday"',
    b"true",
    b'{"ms":1709287200000}',
    b"[1709287200000]",
)
FAR_INSTANTS: Final = (
    b'"1999-12-31T23:59:59.999999999Z"',
    b'"2101-01-01T00:00:00Z"',
    b"0",
    b"-1",
    b"4133980800000",  # the first instant of 2101
    b"946684799999",  # the last millisecond of 1999
    b'"2000-01-01T07:59:59+08:00"',  # 1999 in UTC
    b'"0001-01-01T00:00:00+23:59"',  # before year 1 in UTC
    b'"9999-12-31T23:59:59-23:59"',  # after year 9999 in UTC
    b"9" * 30,
    b"9" * LONG_DIGITS,
)


def _beyond(low: float, high: float) -> tuple[bytes, ...]:
    step = 0.0001
    near = (str(low - step).encode(), str(high + step).encode())
    return *near, b"1e400", b"-1e400", b"-1e9", b"1e9", b"9" * LONG_DIGITS


FIELD_VALUES: Final[dict[str, tuple[bytes, ...]]] = {
    **{f"missing_{name}": (ABSENT, b"null", b'""') for name in REQUIRED},
    **{f"bad_type_{name}": NOT_STRINGS for name in ("device_id", "event_id")},
    **{f"bad_type_{name}": NOT_INSTANTS for name in INSTANTS},
    "bad_type_firmware": NOT_STRINGS,
    "bad_type_location": NOT_OBJECTS,
    **{f"bad_type_location.{name}": NOT_NUMBERS for name in ("lat", "lon")},
    "bad_type_metrics": NOT_OBJECTS,
    **{f"bad_type_metrics.{name}": NOT_NUMBERS for name in METRICS},
    "bad_type_wind_direction": NOT_STRINGS,
    **{f"out_of_range_{name}": FAR_INSTANTS for name in INSTANTS},
    **{f"out_of_range_{name}": _beyond(low, high) for name, (low, high) in RANGES.items()},
}
"""Under each reason the values that give it, in the field that the reason names."""

NOT_JSON_VALUES: Final = (
    b"NaN",
    b"Infinity",
    b"-Infinity",
    b"'single'",
    b"012",
    b"+1",
    b".5",
    b"1.",
    b"1e",
    b"0x1F",
    b"tru",
    b"True",
    b"None",
    b"[1,]",
    b'{"a":1,}',
    b'{"a" 1}',
    b"{a:1}",
    b'"tab\there"',
    b'"\\x41"',
    b'"\\u12"',
    b"/* none */ 1",
    b"",
)
"""Values that no JSON parser may take: the rest of the line is lost with them."""

UNREADABLE_VALUES: Final = (
    b'{"a":1,"a":2}',
    b'[{"b":{"c":null,"c":null}}]',
    b'{"a":1,"\\u0061":1}',
    b"[" * 600 + b"]" * 600,
    b'{"a":' * 600 + b"1" + b"}" * 600,
    b"[" * 100_000 + b"]" * 100_000,
)
"""Duplicate keys and nesting over 512: they cost the message that holds them and nothing after it."""

NOT_UTF8_VALUES: Final = (
    b'"1.4.\xff"',
    b'"\xc0\xaf"',  # an overlong slash
    b'"\xed\xa0\x80"',  # a surrogate in three bytes
    b'"\xe2\x82"',  # a character cut short
    b'"\xf5\x80\x80\x80"',  # beyond the last character
    b'{"k\xe9":1}',  # Latin-1, in a key
)
"""Bytes that are not UTF-8: the rest of the line is lost with them."""

LONE_SURROGATES: Final = (
    b'"\\ud800"',
    b'"\\udc00\\ud800"',
    b'"\\uD83D!"',
    b'{"\\udfff":1}',
    b'"\\ud83d\\u0041"',
)
"""Halves of a character: they cost the message that holds them and nothing after it."""

NOT_MESSAGES: Final = (
    b"42",
    b'"device"',
    b"[]",
    b"null",
    b"true",
    b"-0.5e3",
    b"[[],{}]",
    json.dumps([{"device_id": "in-a-list"}]).encode(),
)
"""Sound JSON that is not one object."""

LINES_OF_NO_JSON: Final = (
    b"Bad Request",
    b"<html><body>503</body></html>",
    b"device_id,event_id,event_time",
    b"}",
    b"// a comment",
    b"{",
)
"""Lines that come from elsewhere."""
