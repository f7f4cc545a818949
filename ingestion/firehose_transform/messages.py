"""Text to messages: the pieces that become a line each.

Lines end at LF; blanks around a message are dropped, and lines of nothing else. JSON objects that are glued together on
a line are taken apart. Everything else stays a line as it is: a JSON array too, for a job counts it as one message
that is no object, and so must we (AWS's own de-aggregation does not take arrays apart either). A line's unreadable rest
stays one line, from the value that fails, as the jobs' reader would take it.
"""

import json
import re
from typing import Any, Final, NoReturn

BLANKS: Final = b" \t\r"
MOST_GLUED: Final = 500_000
"""A line with more ends of objects than this is not taken apart: that is left to the job, which has the memory."""

_SKIP: Final = re.compile(r"[ \t\r]*")


def lines_of(text: bytes) -> list[bytes]:
    """Return the lines of a text that hold anything, blanks around them dropped."""
    return [stripped for line in text.split(b"\n") if (stripped := line.strip(BLANKS))]


def take_apart(line: bytes) -> list[bytes]:
    """Take a line of glued objects apart; what does not parse, or is no object, stays with all that follows it."""
    if line.count(b"}") > MOST_GLUED:
        return [line]
    try:
        text = line.decode()
    except UnicodeDecodeError:
        return [line]
    parts, at = [], 0
    while text.startswith("{", at):
        try:
            _, end = parse(text, at)
        except (ValueError, RecursionError):
            break
        parts.append(text[at:end].encode())
        at = _SKIP.match(text, end).end()  # type: ignore[union-attr] # matches everywhere
    if rest := text[at:]:
        parts.append(rest.encode())
    return parts


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a name twice")
    return members


# Numbers stay text: Python refuses to read integers of more than 4,300 digits, which JSON allows.
parse = json.JSONDecoder(parse_constant=_refuse_constant, parse_int=str, parse_float=str).raw_decode
"""Parse one JSON value (RFC 8259) at a place of a text; returns it and where it ends."""

parse_strictly = json.JSONDecoder(
    parse_constant=_refuse_constant, parse_int=str, parse_float=str, object_pairs_hook=_unique
).decode
"""Parse a text that is one JSON value in which no name comes twice."""
