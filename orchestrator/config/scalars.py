"""What an unquoted word of YAML means: the core schema of YAML 1.2, and nothing beyond it.

So `on`, `yes`, `1:30` and `2026-11-26` are strings, and so is, other than there, a number with a zero before it: https://yaml.org/spec/1.2.2/#103-core-schema
"""

import math
import re
from typing import Final

Scalar = str | int | float | bool | None

MOST_DIGITS: Final = 40
_WORDS: Final[dict[str, bool | None]] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INTEGER: Final = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_LEADING_ZERO: Final = re.compile(
    r"[-+]?0[0-9]+"
)  # 012345678901 is an account, 0755 are modes: no numbers in JSON either
_OTHER_BASE: Final = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT: Final = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NO_NUMBER: Final = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
# What may stand in text beside printable characters: tab, line feed, carriage return.
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]")


class UnfitError(ValueError):
    """Raised for a word that stands for no value that a request can have; its text says why."""


def plain(word: str) -> Scalar:
    """Return what an unquoted word means.

    Raises:
        UnfitError: Where it is a number that a request cannot hold.
    """
    if word in _WORDS:
        return _WORDS[word]
    if _NO_NUMBER.fullmatch(word):
        raise UnfitError("is not a finite number")
    if _LEADING_ZERO.fullmatch(word):
        return word
    if not (is_integer := bool(_INTEGER.fullmatch(word))) and not _FLOAT.fullmatch(word):
        return _of_other_base(word)
    if len(word) > MOST_DIGITS:
        raise UnfitError(f"a number of more than {MOST_DIGITS} characters")
    if is_integer:
        return int(word)
    number = float(word)
    if not math.isfinite(number):
        raise UnfitError("is not a finite number")
    return number


def _of_other_base(word: str) -> Scalar:
    if not _OTHER_BASE.fullmatch(word):
        return word
    if len(word) > MOST_DIGITS:
        raise UnfitError(f"a number of more than {MOST_DIGITS} characters")
    return int(word, 0)


def text(written: str) -> str:
    r"""Return a string as it is meant: JSON writes a character beyond the first 65,536 as two, `\ud83d\ude00`.

    Raises:
        UnfitError: Where it has half such a character, or a control character.
    """
    try:
        meant = written.encode("utf-16", "surrogatepass").decode("utf-16")
    except UnicodeDecodeError as fault:
        raise UnfitError("has half a character (an unpaired surrogate)") from fault
    if found := control_character(meant):
        raise UnfitError(f"has a control character, U+{ord(meant[found[0]]):04X}")
    return meant


def control_character(meant: str) -> tuple[int] | None:
    """Return where the first control character stands, if there is one."""
    found = _CONTROL.search(meant)
    return None if found is None else (found.start(),)
