"""Ids as EMR Serverless makes them, drawn from a seed: the same calls get the same ids."""

from itertools import count
from typing import Final

from local_aws.emr.draws import draw_for

_DIGITS: Final = "0123456789abcdefghijklmnopqrstuv"


class Ids:
    """A source of ids such as `00fvk8a7dhcpqo0b`; no two are the same."""

    def __init__(self, seed: str) -> None:
        """Begin the row of ids of a seed."""
        self._seed, self._numbers = seed, count()

    def next(self) -> str:
        """Return an id: sixteen digits to the base of 32, as those of AWS beginning with two noughts."""
        drawn = draw_for(self._seed, "serverless ids", next(self._numbers))
        return f"00{''.join(drawn.choices(_DIGITS, k=14))}"
