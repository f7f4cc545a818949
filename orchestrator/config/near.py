"""The name that was meant, for one that nobody knows."""

from collections.abc import Iterable
from difflib import get_close_matches
from itertools import islice
from typing import Final

# To look among more, for names that only a hostile file has, would take its time.
_MOST_KNOWN: Final = 1000
_MOST_NAMED: Final = 20
_MOST_CHARACTERS: Final = 200


def near(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that is nearest to a name, if one is near; capitals, dashes and underscores aside."""
    by_form = {_form(each): each for each in islice(known, _MOST_KNOWN)}
    found = get_close_matches(_form(name), by_form, n=1, cutoff=0.75)
    return by_form[found[0]] if found else None


def meant(name: str, known: Iterable[str]) -> str:
    """Ask for the known name that is nearest: `; did you mean …?`, or nothing where none is near."""
    found = near(name, known)
    return "" if found is None else f"; did you mean {found}?"


def one_of(known: Iterable[str]) -> str:
    """List what is accepted: `one of a, b, c`, shortened."""
    names = sorted(known)
    more = f", … ({len(names)} in all)" if len(names) > _MOST_NAMED else ""
    return f"one of {', '.join(names[:_MOST_NAMED])}{more}"


def _form(name: str) -> str:
    return name.lower().replace("-", "").replace("_", "")[:_MOST_CHARACTERS]
