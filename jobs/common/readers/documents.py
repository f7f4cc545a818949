"""Decoded bytes to JSON values where lines are no units: documents, one after the other, with any blanks between.

A document is one value. Only an object with a member `Records` that is an array, as CloudTrail delivers its events, is
opened: each element is a value then, and the array is never held. At the first place that does not parse, all is one
fault, from the value that fails up to the next line that begins with `{`, where a document may begin again.
"""

import codecs
import re
from collections.abc import Callable, Generator, Iterable, Iterator

from jobs.common.readers import framing
from jobs.common.readers.framing import (
    BAD_ENCODING,
    LONGEST_TOKEN,
    MALFORMED_JSON,
    RECORD_TOO_LARGE,
    TRUNCATED_OBJECT,
    Framed,
    Scan,
    fault_of,
    gathered,
    scan,
)

OUTSIDE_RECORDS = "outside_records"

_BLANKS = re.compile(r"[ \t\r\n]*+")
_COLON = re.compile(r"[ \t\r\n]*+:[ \t\r\n]*+")
_BETWEEN = re.compile(r"[ \t\r\n,]*+")
_OPENING = re.compile(r'\{[ \t\r\n]*+"Records"[ \t\r\n]*+:[ \t\r\n]*+\[')
_NEXT_DOCUMENT = b"\n{"
_CLOSING = frozenset('}]"')
_AFTER_ELEMENT = frozenset(" \t\r\n,]")
_AFTER_MEMBER = frozenset(" \t\r\n,}")
_MOST_BYTES_OF_CHARACTER = 4
# A longer part is not decoded to find its end in the text; the rest is, once more.
_SMALL_BYTES = 64 * 1024
# For every fault the parser counts the lines before it, so that the text of many faults is shortened now and then.
_NEAR_CHARACTERS = 16 * 1024

# What may stand at a place: a document; the first element or none; an element; what follows one; what follows the
# array; a member beside it.
_DOCUMENT, _FIRST, _ELEMENT, _NEXT, _AFTER, _MEMBER = range(6)
_MARKS = {
    (_FIRST, "]"): _AFTER,
    (_NEXT, ","): _ELEMENT,
    (_NEXT, "]"): _AFTER,
    (_AFTER, ","): _MEMBER,
    (_AFTER, "}"): _DOCUMENT,
}


def _element(text: str, start: int) -> Scan:
    return scan(text, start, _AFTER_ELEMENT)


def _member(text: str, start: int) -> Scan:
    """Parse a name, a colon and a value; the value is the member's."""
    name = scan(text, start)
    if text[start] != '"':
        return Scan(None, 0, "", start)
    if not name.end:
        return name
    colon = _COLON.match(text, name.end)
    if not colon:
        return Scan(None, 0, "", _BLANKS.match(text, name.end).end())  # type: ignore[union-attr] # matches everywhere
    return scan(text, colon.end(), _AFTER_MEMBER)


_VALUES: dict[int, tuple[Callable[[str, int], Scan], int]] = {
    _DOCUMENT: (scan, _DOCUMENT),
    _FIRST: (_element, _NEXT),
    _ELEMENT: (_element, _NEXT),
    _MEMBER: (_member, _AFTER),
}


def frame(chunks: Iterable[bytes]) -> Iterator[Framed]:
    """Take the values of one object apart, given its decoded bytes in chunks of any size.

    Members beside an array of `Records` are faults, `outside_records`; an array that the object ends in before it is
    closed is followed by a fault without bytes. Memory holds at most the value that is not decided yet, cut at
    `framing.MOST_FAULT_BYTES`.
    """
    framer = _Framer()
    waiting, look_again_at = bytearray(), 0
    for chunk in gathered(chunks):
        waiting += chunk
        if len(waiting) >= look_again_at:
            done = yield from framer.take(_Cursor(bytes(waiting), is_last=False))
            del waiting[:done]
            look_again_at = min(2 * len(waiting), framing.MOST_FAULT_BYTES + 1)
    yield from framer.take(_Cursor(bytes(waiting), is_last=True))
    yield from framer.end()


class _Cursor:
    """A place in bytes, and in the text that they are up to the first one that is no UTF-8."""

    def __init__(self, data: bytes, *, is_last: bool) -> None:
        self.data, self.is_last, self.done = data, is_last, 0
        self._forget()

    def _forget(self) -> None:
        self.text, self.at, self.is_sound, self._is_ascii, self._is_known = "", 0, True, True, False

    def skip_blanks(self) -> None:
        """Go to the next character that is none; decodes what is not yet."""
        if not self._is_known:
            self.text, self.is_sound = _decoded(self.data[self.done :], self.is_last)
            self._is_ascii, self._is_known = self.text.isascii(), True
        self.move_to(_BLANKS.match(self.text, self.at).end())  # type: ignore[union-attr] # matches everywhere

    def size(self, end: int) -> int:
        """Count the bytes up to a place in the text."""
        return end - self.at if self._is_ascii else len(self.text[self.at : end].encode())

    def move_to(self, end: int) -> bytes:
        """Go to a place in the text; returns the bytes up to there."""
        raw = self.data[self.done : self.done + self.size(end)]
        self.at, self.done = end, self.done + len(raw)
        return raw

    def jump(self, size: int) -> bytes:
        """Go some bytes on, whatever they are; returns them."""
        raw = self.data[self.done : self.done + size]
        self.done += size
        if not self._is_known or size > _SMALL_BYTES:
            self._forget()
            return raw
        try:
            self.at += len(raw.decode("utf-8"))
        except UnicodeDecodeError:
            self._forget()
        if self.at > _NEAR_CHARACTERS:
            self.text, self.at = self.text[self.at :], 0
        return raw


def _decoded(data: bytes, is_last: bool) -> tuple[str, bool]:
    """Return the text up to the first byte that is no UTF-8, and whether there is none; a cut character is left."""
    try:
        return codecs.utf_8_decode(data, "strict", is_last)[0], True
    except UnicodeDecodeError as fault:
        return data[: fault.start].decode("utf-8"), False


class _Framer:
    """Works cursors off, one after the other; what it does not take must come again, with more after it."""

    def __init__(self) -> None:
        self._position, self._state, self._fault = 0, _DOCUMENT, ""

    def take(self, cursor: _Cursor) -> Generator[Framed, None, int]:
        """Frame what is decided; returns the count of bytes worked off."""
        is_moving = True
        while is_moving:
            if self._fault:
                is_moving = yield from self._rest_of_fault(cursor)
                continue
            cursor.skip_blanks()
            if cursor.at < len(cursor.text):
                is_moving = yield from self._step(cursor)
            elif cursor.is_sound:
                is_moving = False
            else:
                self._fault = BAD_ENCODING
        self._position += cursor.done
        return cursor.done

    def end(self) -> Iterator[Framed]:
        """Say so where the object ends within an array of records, or before its object is closed."""
        if self._state != _DOCUMENT:
            yield Framed(self._position, b"", None, TRUNCATED_OBJECT)

    def _step(self, cursor: _Cursor) -> Generator[Framed, None, bool]:
        """Take what stands at the cursor; false where that needs more bytes."""
        text, at = cursor.text, cursor.at
        after_mark = _MARKS.get((self._state, text[at]))
        opening = _OPENING.match(text, at) if self._state == _DOCUMENT else None
        if after_mark is not None:
            cursor.move_to(at + 1)
            self._state = after_mark
        elif opening:
            cursor.move_to(opening.end())
            self._state = _FIRST
        elif self._state not in _VALUES:
            self._fault = MALFORMED_JSON
        else:
            return (yield from self._value(cursor))
        return True

    def _value(self, cursor: _Cursor) -> Generator[Framed, None, bool]:
        parse, after = _VALUES[self._state]
        text, at = cursor.text, cursor.at
        found = parse(text, at)
        may_go_on = found.end == len(text) and text[-1] not in _CLOSING
        if may_go_on and not (cursor.is_last and cursor.is_sound):
            found = Scan(None, 0, "", found.end)
        if not found.end or cursor.size(found.end) > framing.MOST_FAULT_BYTES:
            self._fault = _verdict(cursor, found, parse)
            return bool(self._fault)
        if (
            self._state == _DOCUMENT
            and type(found.value) is dict
            and type(found.value.get("Records")) is list
        ):
            yield from self._open(cursor)
            return True
        position = self._position + cursor.done
        raw = cursor.move_to(found.end)
        fault = (
            OUTSIDE_RECORDS if self._state == _MEMBER else fault_of(text[at : found.end], raw, found.fault)
        )
        self._state = after
        yield Framed(position, raw, None if fault else found.value, fault or None)
        return True

    def _open(self, cursor: _Cursor) -> Iterator[Framed]:
        """Go into an array of records that other members stand before."""
        name, array = _records_of(cursor.text, cursor.at)
        cursor.move_to(cursor.at + 1)
        cursor.skip_blanks()
        position = self._position + cursor.done
        if before := cursor.move_to(name).rstrip(b" \t\r\n,"):
            yield Framed(position, before, None, OUTSIDE_RECORDS)
        cursor.move_to(array + 1)
        self._state = _FIRST

    def _rest_of_fault(self, cursor: _Cursor) -> Generator[Framed, None, bool]:
        """Take a fault up to where the next document may begin, cut into rows that follow each other."""
        most, end = framing.MOST_FAULT_BYTES, -1
        while end < 0:
            position, left = self._position + cursor.done, len(cursor.data) - cursor.done
            end = cursor.data.find(_NEXT_DOCUMENT, cursor.done, cursor.done + most + 1)
            if end >= 0 or (left <= most and cursor.is_last):
                end = cursor.done + left if end < 0 else end
                raw = cursor.jump(end - cursor.done).rstrip(b" \t\r\n")
            elif left > most:
                raw = cursor.jump(most)
            else:
                return False
            if raw:
                yield Framed(position, raw, None, self._fault)
        self._state, self._fault = _DOCUMENT, ""
        return True


def _verdict(cursor: _Cursor, found: Scan, parse: Callable[[str, int], Scan]) -> str:
    """Judge what does not parse, or is too long; no fault where more bytes may make a value of it.

    Only its first `framing.MOST_FAULT_BYTES` count, wherever the chunks end.
    """
    text, is_sound, place, most = (
        cursor.text,
        cursor.is_sound,
        found.end or found.place,
        framing.MOST_FAULT_BYTES,
    )
    is_near = _MOST_BYTES_OF_CHARACTER * (place - cursor.at + LONGEST_TOKEN) <= most
    if is_near and place < len(text) - LONGEST_TOKEN:
        return MALFORMED_JSON
    is_long = len(cursor.data) - cursor.done > most
    if is_long:
        text, is_sound = _decoded(cursor.data[cursor.done : cursor.done + most], is_last=False)
        again = parse(text, 0)
        place = again.end or again.place
    if place < len(text) - LONGEST_TOKEN:
        return MALFORMED_JSON
    if not is_sound:
        return BAD_ENCODING
    if is_long:
        return RECORD_TOO_LARGE
    return MALFORMED_JSON if cursor.is_last else ""


def _records_of(text: str, start: int) -> tuple[int, int]:
    """Find, in an object that parses, the first member `Records` that is an array: its name's place and the array's."""
    at = start + 1
    while True:
        at = _BETWEEN.match(text, at).end()  # type: ignore[union-attr] # matches everywhere
        name = scan(text, at)
        colon = _COLON.match(text, name.end)
        value = scan(text, colon.end(), _AFTER_MEMBER)  # type: ignore[union-attr] # a name has a colon
        if name.value == "Records" and type(value.value) is list:
            return at, colon.end()  # type: ignore[union-attr] # a name has a colon
        at = value.end
