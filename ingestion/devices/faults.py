"""Break sound messages, each for one known first reason.

A message whose text does not parse takes the rest of its line with it, so every broken message says what may
share its line: the truth stays exact however messages are glued together.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from ingestion.devices import fault_values as values
from ingestion.devices.reasons import FIELD_REASONS

MEBIBYTE: Final = 1 << 20
SECOND_FAULT_EVERY: Final = 4
FUTURE_MS: Final = (86_400_001, 90_000_000, 30 * 86_400_000)


@dataclass(frozen=True)
class Line:
    """The bytes of one message and what may stand beside them on a line.

    `loses_rest`: nothing may follow on the line. `follows`: belongs after another message on its line.
    """

    data: bytes
    loses_rest: bool = False
    follows: bool = False


@dataclass(frozen=True)
class Sound:
    """A sound message that is going to be broken, and when it was received."""

    data: bytes
    received_ms: int


def break_message(reason: str, number: int, sound: Sound) -> Line:
    """Break a message so that `reason` is its first reason; `number` chooses among the ways to do so.

    Every fourth message with a fault in a field gets a second one, for a reason that ranks later.
    """
    if reason in _TEXT_FAULTS:
        ways = _TEXT_FAULTS[reason]
        return ways[number % len(ways)](sound.data)
    edits = dict([_edit(reason, number, sound)])
    later = _later_reasons(reason)
    if later and number % SECOND_FAULT_EVERY == SECOND_FAULT_EVERY - 1:
        edits |= dict([_edit(later[number // SECOND_FAULT_EVERY % len(later)], number, sound)])
    return Line(edited(sound.data, edits))


def edited(data: bytes, edits: Mapping[str, bytes]) -> bytes:
    """Put raw JSON (or what is none) in place of fields, a field inside another named with a dot."""
    message: dict[str, Any] = msgspec.json.decode(data)
    for path, raw in edits.items():
        *parents, name = path.split(".")
        place = message[parents[0]] if parents else message
        if raw == values.ABSENT:
            place.pop(name, None)
        else:
            place[name] = msgspec.Raw(raw)
    return msgspec.json.encode(message)


def cut_message(data: bytes) -> bytes:
    """Keep the first part of a message, for the last line of an object that was cut short."""
    return data[: 2 * len(data) // 3]


def _edit(reason: str, number: int, sound: Sound) -> tuple[str, bytes]:
    if reason == "event_time_in_future":
        return "event_time", _future(number, sound.received_ms)
    choices = values.FIELD_VALUES[reason]
    return _field(reason), choices[number % len(choices)]


def _future(number: int, received_ms: int) -> bytes:
    event_ms = received_ms + FUTURE_MS[number % len(FUTURE_MS)]
    if number % 2:
        return str(event_ms).encode()
    event = datetime.fromtimestamp(event_ms // 1000, UTC)
    return f'"{event:%Y-%m-%dT%H:%M:%S}.{event_ms % 1000:03}Z"'.encode()


def _field(reason: str) -> str:
    if reason == "event_time_in_future":
        return "event_time"
    for prefix in ("missing_", "bad_type_", "out_of_range_"):
        reason = reason.removeprefix(prefix)
    return reason


def _later_reasons(reason: str) -> list[str]:
    """List the reasons that rank after this one and lie in a field that neither holds nor is its own."""
    field = _field(reason)
    return [
        later
        for later in FIELD_REASONS[FIELD_REASONS.index(reason) + 1 :]
        if not f"{_field(later)}.".startswith(f"{field}.") and not f"{field}.".startswith(f"{_field(later)}.")
    ]


def _with_extra(raw: bytes, *, loses_rest: bool) -> Callable[[bytes], Line]:
    return lambda data: Line(data[:-1] + b',"extra":' + raw + b"}", loses_rest=loses_rest)


def _with_firmware(raw: bytes, *, loses_rest: bool) -> Callable[[bytes], Line]:
    return lambda data: Line(edited(data, {"firmware": raw or b" "}), loses_rest=loses_rest)


def _alone(raw: bytes, *, loses_rest: bool) -> Callable[[bytes], Line]:
    return lambda _: Line(raw, loses_rest=loses_rest)


def _too_large(data: bytes) -> Line:
    padding = b"x" * (MEBIBYTE - len(data))
    return Line(data[:-1] + b',"padding":"' + padding + b'"}')


_Ways = tuple[Callable[[bytes], Line], ...]

_WHOLE_LINES: Final[_Ways] = (
    lambda data: Line(data[: len(data) // 2], loses_rest=True),
    lambda data: Line(data[:-1], loses_rest=True),
    lambda data: Line(data[:-1] + b",}", loses_rest=True),
    lambda data: Line(data.replace(b'"', b"'"), loses_rest=True),
    lambda data: Line(data.replace(b'"firmware":', b'"firmware"'), loses_rest=True),
    lambda _: Line(b" and then some text", loses_rest=True, follows=True),
    lambda data: Line(data[:-1] + b',"device_id":"again"}'),
    lambda data: Line(data[:-1] + b',"\\u0064evice_id":"again"}'),
)

_TEXT_FAULTS: Final[dict[str, _Ways]] = {
    "bad_encoding": (
        *(_with_firmware(raw, loses_rest=True) for raw in values.NOT_UTF8_VALUES),
        *(_with_firmware(raw, loses_rest=False) for raw in values.LONE_SURROGATES),
    ),
    "malformed_json": (
        *_WHOLE_LINES,
        *(_with_firmware(raw, loses_rest=True) for raw in values.NOT_JSON_VALUES),
        *(_with_extra(raw, loses_rest=False) for raw in values.UNREADABLE_VALUES),
        *(_alone(raw, loses_rest=True) for raw in values.LINES_OF_NO_JSON),
    ),
    "record_too_large": (_too_large,),
    "not_an_object": tuple(_alone(raw, loses_rest=False) for raw in values.NOT_MESSAGES),
}
