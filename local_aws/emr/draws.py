"""Draws from a seed: each belongs to a thing by its name, so that one more of them elsewhere changes no other."""

from random import Random


def draw_for(*what: object) -> Random:
    """Return a source of draws for a thing: the seed, then the names that tell it from others."""
    return Random("/".join(map(str, what)))  # noqa: S311 - draws are to be foreseen, and keep no secret
