"""Ids as EMR and EC2 make them, drawn from a seed: the same calls get the same ids."""

from itertools import count
from random import Random
from typing import Final

from local_aws.emr.draws import draw_for

_DIGITS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class Ids:
    """A source of ids; no two are the same."""

    def __init__(self, seed: str) -> None:
        """Begin the row of ids of a seed."""
        self._seed, self._numbers = seed, count()

    def emr(self, prefix: str) -> str:
        """Return an id of EMR's form, such as `j-2VGKO25FTPE15`: 64 bits to the base of 36, in thirteen digits."""
        # Thirteen digits, as most have: those from 36^12 on.
        value = self._random().randrange(36**12, 2**64)
        digits = ""
        while value:
            value, digit = divmod(value, 36)
            digits = _DIGITS[digit] + digits
        return f"{prefix}-{digits}"

    def ec2(self, prefix: str) -> str:
        """Return an id of EC2's form, such as `i-0abc…`: seventeen hexadecimal digits."""
        return f"{prefix}-0{self._random().getrandbits(64):016x}"

    def address(self) -> str:
        """Return a private IPv4 address."""
        parts = self._random().choices(range(1, 255), k=3)
        return ".".join(map(str, (10, *parts)))

    def _random(self) -> Random:
        return draw_for(self._seed, "ids", next(self._numbers))
