"""Ranges that AWS states in prose."""


def is_outside(value: float | None, least: float, most: float) -> bool:
    """Tell whether a value that is given lies outside a range, whose ends belong to it."""
    return value is not None and not least <= value <= most
