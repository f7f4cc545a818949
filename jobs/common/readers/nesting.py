"""How deep a JSON value is nested, told without recursion."""

import re

_STRING = r'"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*+"'
_SCALAR = r"-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?(?:[eE][+-]?[0-9]++)?|true|false|null"
_TOKEN = re.compile(rf"[ \t\r\n]*+(?:(?P<string>{_STRING})|(?P<scalar>{_SCALAR})|(?P<mark>[\[\]{{}},:]))")


def measure(text: str, start: int) -> tuple[int, int]:
    """Find the end of the value at `start` and how deep it is nested, without recursion: (0, 0) if it is no JSON."""
    enclosing = bytearray()
    depth, expected = 0, "value"
    while token := _TOKEN.match(text, start):
        start, kind = token.end(), token.lastgroup
        mark = token["mark"] or ""
        if mark and mark in "[{" and expected in ("value", "first element"):
            enclosing.append(ord(mark))
            depth, expected = max(depth, len(enclosing)), "first element" if mark == "[" else "first name"
            continue
        if mark and mark in "]}":
            if not enclosing or expected not in _MAY_CLOSE[mark] or enclosing.pop() != _OPENS[mark]:
                break
            expected = "comma"
        elif (expected, mark or kind) in _NEXT:
            expected = _NEXT[expected, mark or kind]
        elif expected == "comma" and mark == ",":
            expected = "value" if enclosing[-1] == _OPENS["]"] else "name"
        else:
            break
        if not enclosing:
            return start, depth
    return 0, 0


_OPENS = {"]": ord("["), "}": ord("{")}
_MAY_CLOSE = {"]": ("first element", "comma"), "}": ("first name", "comma")}
_NEXT: dict[tuple[str, str | None], str] = {
    ("value", "string"): "comma",
    ("value", "scalar"): "comma",
    ("first element", "string"): "comma",
    ("first element", "scalar"): "comma",
    ("first name", "string"): "colon",
    ("name", "string"): "colon",
    ("colon", ":"): "value",
}
