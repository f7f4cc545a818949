"""Release labels as numbers: `emr-7.14.0` and `emr-spark-8.0.0`."""

import re
from typing import Final

_LABEL: Final = re.compile(r"emr-(?:spark-)?(0|[1-9][0-9]{0,3})\.(0|[1-9][0-9]{0,3})\.(0|[1-9][0-9]{0,3})")
Release = tuple[int, int, int]


def parse(label: str) -> Release | None:
    """Read a label; None where it is not one."""
    found = _LABEL.fullmatch(label)
    if found is None:
        return None
    major, minor, patch = map(int, found.groups())
    return major, minor, patch


def is_from(release: Release, first: tuple[int, ...], without: tuple[int, ...] | None = None) -> bool:
    """Tell whether a release is the first one with a feature or later, and none of a line without it."""
    return release >= first and (without is None or release[: len(without)] != without)
