"""The name that was meant, for one that nobody knows."""

from collections.abc import Iterable
from difflib import get_close_matches


def near(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that is nearest to a name, if one is near; capitals, dashes and underscores aside."""
    by_form = {_form(each): each for each in known}
    found = get_close_matches(_form(name), by_form, n=1, cutoff=0.75)
    return by_form[found[0]] if found else None


def meant(name: str, known: Iterable[str]) -> str:
    """Ask for the known name that is nearest: `; did you mean …?`, or nothing where none is near."""
    found = near(name, known)
    return "" if found is None else f"; did you mean {found}?"


def _form(name: str) -> str:
    return name.lower().replace("-", "").replace("_", "")[:200]
