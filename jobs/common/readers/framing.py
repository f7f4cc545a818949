"""Decoded bytes to JSON values (RFC 8259), with the place of each and a verdict on what is none.

Lines end at LF, one CR before it dropped. Within a line consecutive values are taken apart. At the first place that
does not parse, the rest of the line, from the value that fails, is one fault. The parsing is the standard library's;
what it is too lenient about, or cannot hold, is seen to here.
"""

import codecs
import json
import re
from collections.abc import Callable, Generator, Iterable, Iterator
from typing import Any, NamedTuple, NoReturn

from jobs.common.readers.nesting import measure

TRUNCATED_OBJECT = "truncated_object"
BAD_ENCODING = "bad_encoding"
MALFORMED_JSON = "malformed_json"
RECORD_TOO_LARGE = "record_too_large"

MOST_VALUE_BYTES = 1024 * 1024
MOST_NESTING = 512
# A fault's bytes travel as one row; longer ones are cut into rows that follow each other, so that memory is bounded.
MOST_FAULT_BYTES = 8 * 1024 * 1024
_LONG_LINE_BYTES = 4 * 1024 * 1024
_CHUNK_BYTES = 256 * 1024
# Where a value is cut within a token, the parser names the token's beginning.
LONGEST_TOKEN = len("\\u0000\\u0000")

_WHITESPACE = re.compile(r"[ \t\r]*")
_AFTER_SCALAR = frozenset(' \t\r\n{["')
_DELIMITED = frozenset('{["')
_ESCAPE = re.compile(
    r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(?P<lone>u[dD][89a-fA-F][0-9a-fA-F]{2})|.)"
)


class Number(str):
    """A JSON number as it was written."""

    __slots__ = ()


class Framed(NamedTuple):
    """One value, or one fault, of an object: `position` is its byte offset in the decoded object."""

    position: int
    raw: bytes
    value: Any
    fault: str | None


class _Members:
    """Makes dicts of members, and notes whether any name came twice since the last look."""

    def __init__(self) -> None:
        self.repeated = False

    def __call__(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        members = dict(pairs)
        if len(members) != len(pairs):
            self.repeated = True
        return members


def _refuse_constant(name: str) -> NoReturn:
    raise json.JSONDecodeError(f"{name} is no JSON", name, 0)


_members = _Members()


def _scanner(parse_float: Callable[[str], Any]) -> Any:
    decoder: Any = json.JSONDecoder(
        object_pairs_hook=_members,
        parse_float=parse_float,
        parse_int=Number,
        parse_constant=_refuse_constant,
    )
    return decoder.scan_once


_scan_once = _scanner(Number)
_scan_floats = _scanner(float)


def frame(chunks: Iterable[bytes]) -> Iterator[Framed]:
    """Take the values of one object apart, given its decoded bytes in chunks of any size.

    Numbers are `Number`; with a fraction or an exponent they may be `float`, and `exact` has them as they were written.
    Blank lines yield nothing. A line of many megabytes (messages glued without newlines) is worked off from its
    front; memory holds at most the part that is not decided yet, cut at `MOST_FAULT_BYTES`.
    """
    position, waiting, cut, look_again_at = 0, b"", "", _LONG_LINE_BYTES
    for chunk in gathered(chunks):
        *lines, waiting = (waiting + chunk).split(b"\n") if waiting else chunk.split(b"\n")
        for line in lines:
            if framed := None if cut else _plain(line, position):
                yield framed
            else:
                yield from _line(line.removesuffix(b"\r"), position, cut)
            position += len(line) + 1
            cut, look_again_at = "", _LONG_LINE_BYTES
        if len(waiting) >= look_again_at:
            # A CR at the end may be the line's.
            done, cut = yield from _front(waiting.removesuffix(b"\r"), position, cut)
            position += done
            waiting = waiting[done:]
            look_again_at = max(_LONG_LINE_BYTES, min(2 * len(waiting), MOST_FAULT_BYTES))
    yield from _line(waiting, position, cut)


def gathered(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Join small chunks: those of tiny gzip members would each be added to a long line at the cost of its length."""
    gathered = bytearray()
    for chunk in chunks:
        gathered += chunk
        if len(gathered) >= _CHUNK_BYTES:
            yield bytes(gathered)
            gathered.clear()
    yield bytes(gathered)


def _plain(line: bytes, position: int) -> Framed | None:
    """Frame a line that is one object and nothing else, in ASCII, as nearly all are; any other is left to `_line`."""
    if not line.startswith(b"{") or not line.isascii():
        return None
    text = line.decode("ascii")
    _members.repeated = False
    try:
        value, end = _scan_floats(text, 0)
    except (RecursionError, StopIteration, json.JSONDecodeError):
        return None
    if end != len(line) or _members.repeated:
        return None
    if (len(line) > MOST_NESTING or "\\" in text) and fault_of(text, line, ""):
        return None
    return Framed(position, line, value, None)


def exact(raw: bytes) -> Any:
    """Parse a value that `frame` has found whole once more, with each of its numbers as it was written."""
    return _scan_once(raw.decode("utf-8"), 0)[0]


def _line(line: bytes, position: int, cut: str) -> Iterator[Framed]:
    """Frame a whole line, or what is left of one; all of it has the fault `cut` where its front was cut off."""
    done, fault = (0, cut) if cut else (yield from _values(line, position, is_whole=True))
    for start in range(done, len(line), MOST_FAULT_BYTES):
        yield Framed(position + start, line[start : start + MOST_FAULT_BYTES], None, fault)


def _front(waiting: bytes, position: int, cut: str) -> Generator[Framed, None, tuple[int, str]]:
    """Frame what is decided of a long line's front: the count of bytes worked off, and the fault of a cut one."""
    done, fault = (0, cut) if cut else (yield from _values(waiting, position, is_whole=False))
    if len(waiting) - done <= MOST_FAULT_BYTES:
        return done, cut
    raw = waiting[done : done + MOST_FAULT_BYTES]
    yield Framed(position + done, raw, None, fault)
    return done + len(raw), fault


def _values(data: bytes, position: int, *, is_whole: bool) -> Generator[Framed, None, tuple[int, str]]:
    """Frame values from the front of a line while they parse.

    Returns where that ended and, if bytes are left there, their fault. Where more of the line may come
    (`is_whole` false) a number or a literal that touches the end is left, for it may go on.
    """
    text, is_text = _decoded(data)
    at, done = 0, 0
    while True:
        start = _WHITESPACE.match(text, at).end()  # type: ignore[union-attr] # matches everywhere
        done += start - at
        if start == len(text):
            return done, BAD_ENCODING
        value, end, fault, _ = scan(text, start)
        if end == len(text) and text[start] not in _DELIMITED and not (is_whole and is_text):
            end = 0
        size = end - start if text.isascii() else len(text[start:end].encode())
        if not end or size > MOST_FAULT_BYTES:
            return done, _fault_of_rest(data[done : done + MOST_FAULT_BYTES + 1], is_text)
        raw = data[done : done + size]
        fault = fault_of(text[start:end], raw, fault)
        yield Framed(position + done, raw, None if fault else value, fault or None)
        at, done = end, done + size


def _decoded(data: bytes) -> tuple[str, bool]:
    """Return the text up to the first byte that is no UTF-8, and whether that is all of it."""
    try:
        return data.decode("utf-8"), True
    except UnicodeDecodeError as fault:
        return data[: fault.start].decode("utf-8"), False


class Scan(NamedTuple):
    """What parsing one value came to: `end` is 0 where it does not parse, and `place` is where that shows."""

    value: Any
    end: int
    fault: str
    place: int


def scan(text: str, start: int, after: frozenset[str] = _AFTER_SCALAR) -> Scan:
    """Parse the value at `start`, where no blank may stand; after a number or a literal only `after` may follow.

    A `place` near the end of the text says that more of it might make it a value.
    """
    _members.repeated = False
    try:
        value, end = _scan_once(text, start)
    except RecursionError:
        return Scan(None, measure(text, start)[0], MALFORMED_JSON, len(text))
    except StopIteration as refusal:
        return Scan(None, 0, "", refusal.value)
    except json.JSONDecodeError as refusal:
        return Scan(None, 0, "", _place_of(refusal, text, start))
    if text[start] not in _DELIMITED and end < len(text) and text[end] not in after:
        return Scan(None, 0, "", end)
    return Scan(value, end, MALFORMED_JSON if _members.repeated else "", end)


def _place_of(refusal: json.JSONDecodeError, text: str, start: int) -> int:
    if refusal.doc is not text:
        # A constant that is no JSON: the parser does not say where it stands.
        return start
    return len(text) if refusal.msg.startswith("Unterminated string") else refusal.pos


def _fault_of_rest(rest: bytes, is_text: bool) -> str:
    """Judge the rest of a line from a value that does not parse.

    Of a rest that must be cut only the first part counts, wherever the chunks end. A value that goes on after it is
    too large; only one that is wrong within it is malformed.
    """
    if len(rest) <= MOST_FAULT_BYTES:
        return MALFORMED_JSON if is_text else BAD_ENCODING
    text = ""
    try:
        # Not final: a character may go on after it too.
        text, _ = codecs.utf_8_decode(rest[:MOST_FAULT_BYTES], "strict", False)
        _, place = _scan_once(text, 0)
    except UnicodeDecodeError:
        return BAD_ENCODING
    except RecursionError:
        return MALFORMED_JSON
    except StopIteration as refusal:
        place = refusal.value
    except json.JSONDecodeError as refusal:
        place = _place_of(refusal, text, 0)
    return RECORD_TOO_LARGE if place >= len(text) - LONGEST_TOKEN else MALFORMED_JSON


def fault_of(text: str, raw: bytes, fault: str) -> str:
    """Judge a value that has an end: reasons in their order, the first that applies."""
    if "\\u" in text and any(escape["lone"] for escape in _ESCAPE.finditer(text)):
        return BAD_ENCODING
    if fault:
        return fault
    if raw.count(b"[") + raw.count(b"{") > MOST_NESTING and measure(text, 0)[1] > MOST_NESTING:
        return MALFORMED_JSON
    return RECORD_TOO_LARGE if len(raw) > MOST_VALUE_BYTES else ""
