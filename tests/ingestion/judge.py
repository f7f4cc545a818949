"""A judge of deliveries for tests of the simulator: the rules of the input once more, slow and by the letter.

It shares nothing with the simulator or the job, so a truth that is wrong would have to be wrong twice.
"""

import json
import re
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

REQUIRED = ("device_id", "event_id", "event_time", "received_at")
POLLUTANTS = ("pm2_5", "pm10", "so2", "no2", "co", "o3")
METRIC_RANGES = {
    **dict.fromkeys(POLLUTANTS, (0, 100_000)),
    "temperature_c": (-90, 60),
    "pressure_hpa": (300, 1100),
    "dew_point_c": (-100, 60),
    "rain_mm": (0, 2000),
    "wind_speed_m_s": (0, 150),
}
NUMBER_RANGES = {
    "location": {"lat": (-90, 90), "lon": (-180, 180)},
    "metrics": METRIC_RANGES,
}
NUMBER = rb"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?"
STRING = rb'"(?:[^"\\\x00-\x1f]|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4})*"'
TOKEN = re.compile(rb"[ \t]*([{}\[\],:]|" + STRING + b"|" + NUMBER + rb"|true|false|null)")
INSTANT = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt]([0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.([0-9]{1,9}))?"
    r"(?:[Zz]|([+-])([01][0-9]|2[0-3]):([0-5][0-9]))"
)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FIRST_US, END_US = (round(datetime(year, 1, 1, tzinfo=UTC).timestamp()) * 1_000_000 for year in (2000, 2101))
DAY_US = 86_400_000_000
MOST_BYTES = 1 << 20
MOST_NESTING = 512


@dataclass
class Verdict:
    """What a delivery holds: the accepted messages, and quarantined rows by their first reason."""

    accepted: list[dict[str, Any]] = field(default_factory=list)
    quarantined: Counter[str] = field(default_factory=Counter)
    objects: int = 0
    bytes: int = 0

    @property
    def read(self) -> int:
        return len(self.accepted) + self.quarantined.total()

    def table(self) -> dict[tuple[str, str, str], dict[str, Any]]:
        """Keep, for each key, the message that was received last."""
        rows: dict[tuple[str, str, str], dict[str, Any]] = {}
        for message in self.accepted:
            key = (event_date(message), message["device_id"], message["event_id"])
            if key not in rows or received_us(message) > received_us(rows[key]):
                rows[key] = message
        return rows


class Digits(str):
    """A number as it was written."""

    __slots__ = ()


def judge(*folders: Path) -> Verdict:
    verdict = Verdict()
    for path in sorted(path for folder in folders for path in folder.rglob("*.gz")):
        content = path.read_bytes()
        verdict.objects += 1
        verdict.bytes += len(content)
        text, damaged = unpack(content)
        verdict.quarantined["truncated_object"] += damaged
        for line in text.split(b"\n"):
            judge_line(line.removesuffix(b"\r"), verdict)
    verdict.quarantined = +verdict.quarantined
    return verdict


def unpack(content: bytes) -> tuple[bytes, bool]:
    """Decompress what can be, byte by byte; tell whether anything was wrong."""
    text, rest = [], content
    while True:
        member = zlib.decompressobj(wbits=31)
        try:
            for place in range(len(rest)):
                text.append(member.decompress(rest[place : place + 1]))
                if member.eof:
                    rest = rest[place + 1 :]
                    break
        except zlib.error:
            return b"".join(text), True
        if not member.eof or not rest:
            return b"".join(text), not member.eof


def judge_line(line: bytes, verdict: Verdict) -> None:
    place = 0
    while rest := line[place:].lstrip(b" \t"):
        place = len(line) - len(rest)
        end, nesting = scan(line, place)
        raw = line[place : end or len(line)]
        if not _is_utf8(raw):
            verdict.quarantined["bad_encoding"] += 1
            return
        if end is None:
            verdict.quarantined["malformed_json"] += 1
            return
        _judge_value(raw, nesting, verdict)
        place = end


def scan(line: bytes, place: int) -> tuple[int | None, int]:
    """Find the end of a JSON value (None where there is none) and how deep it nests."""
    stack: list[bytes] = []
    wanted, nesting = "value", 0
    while token := TOKEN.match(line, place):
        place, sign = token.end(), token[1][:1]
        if wanted in ("value", "value or ]") and sign in (b"{", b"["):
            stack.append(b"}" if sign == b"{" else b"]")
            wanted, nesting = "key or }" if sign == b"{" else "value or ]", max(nesting, len(stack))
            continue
        if wanted in ("key", "key or }") and sign == b'"':
            wanted = ":"
            continue
        if wanted == ":" == sign.decode():
            wanted = "value"
            continue
        if wanted == "more" and sign == b",":
            wanted = "key" if stack[-1] == b"}" else "value"
            continue
        if wanted in ("more", "key or }", "value or ]") and sign == stack[-1]:
            stack.pop()
        elif not wanted.startswith("value") or sign in b"}],:":
            return None, nesting
        if not stack:
            sound = token[1][-1:] in b'}]"' or line[place : place + 1] in (b"", b" ", b"\t", b"{", b"[", b'"')
            return place if sound else None, nesting
        wanted = "more"
    return None, nesting


def _judge_value(raw: bytes, nesting: int, verdict: Verdict) -> None:
    value: Any = None
    try:
        value = _parse(raw, nesting)
        reason = "record_too_large" if len(raw) > MOST_BYTES else first_reason(value)
    except UnicodeEncodeError:
        reason = "bad_encoding"
    except ValueError:
        reason = "malformed_json"
    if reason:
        verdict.quarantined[reason] += 1
    else:
        verdict.accepted.append(value)


def _parse(raw: bytes, nesting: int) -> Any:
    if nesting > MOST_NESTING:
        raise ValueError("nests too deeply")
    text = raw.decode()
    value = json.loads(text, object_pairs_hook=_unique, parse_int=Digits, parse_float=Digits)
    json.dumps(value, ensure_ascii=False).encode()
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) < len(pairs):
        json.dumps(pairs, ensure_ascii=False).encode()
        raise ValueError("a key twice")
    return dict(pairs)


def first_reason(message: Any) -> str | None:
    """Name the first reason for which a message is refused."""
    if not isinstance(message, dict):
        return "not_an_object"
    for name in REQUIRED:
        if message.get(name) in (None, ""):
            return f"missing_{name}"
    return next((f"bad_type_{name}" for name in _bad_types(message)), None) or next(
        _out_of_range(message), None
    )


def _bad_types(message: dict[str, Any]) -> Iterator[str]:
    yield from (name for name in REQUIRED[:2] if not _is_string(message[name]))
    yield from (name for name in REQUIRED[2:] if _us(message[name]) is None)
    yield from (name for name in ("firmware",) if not _is_string(message.get(name, "")))
    for name, fields in NUMBER_RANGES.items():
        inner = message.get(name) if message.get(name) is not None else {}
        if isinstance(inner, dict):
            numbers = ((each, inner.get(each)) for each in fields)
            yield from (
                f"{name}.{each}" for each, n in numbers if n is not None and not isinstance(n, Digits)
            )
        else:
            yield name
    yield from (name for name in ("wind_direction",) if not _is_string(message.get(name, "")))


def _out_of_range(message: dict[str, Any]) -> Iterator[str]:
    event, received = (_us(message[name]) or 0 for name in REQUIRED[2:])
    for name, instant in zip(REQUIRED[2:], (event, received), strict=True):
        if not FIRST_US <= instant < END_US:
            yield f"out_of_range_{name}"
    for name, fields in NUMBER_RANGES.items():
        for each, (low, high) in fields.items():
            number = (message.get(name) or {}).get(each)
            if number is not None and not low <= float(number) <= high:
                yield f"out_of_range_{name}.{each}"
    if event > received + DAY_US:
        yield "event_time_in_future"


def _us(value: Any) -> int | None:
    """Read an instant as microseconds of the epoch; None where it is none."""
    if isinstance(value, Digits):
        if re.fullmatch("-?[0-9]+", value) is None:
            return None
        return int(value[:20]) * 1000 if len(value) < 20 else END_US
    match = INSTANT.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return None
    try:
        local = datetime.fromisoformat(f"{match[1]}T{match[2]}+00:00")
    except ValueError:
        return None
    offset = timedelta(hours=int(match[5] or 0), minutes=int(match[6] or 0)) // timedelta(microseconds=1)
    whole = (local - EPOCH) // timedelta(microseconds=1) - (-offset if match[4] == "-" else offset)
    return whole + int(f"{match[3] or '':0<6}"[:6])


def received_us(message: dict[str, Any]) -> int:
    """Tell when an accepted message was received."""
    return _us(message["received_at"]) or 0


def event_date(message: dict[str, Any]) -> str:
    """Give the UTC date of an accepted message."""
    return str((EPOCH + timedelta(microseconds=_us(message["event_time"]) or 0)).date())


def _is_string(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not isinstance(value, Digits))


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True
