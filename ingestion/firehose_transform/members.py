"""The members of a JSON object with their texts as they were written: one can be replaced, and no other changes."""

from typing import Final

import msgspec

from ingestion.firehose_transform.messages import parse_strictly

Members = dict[str, msgspec.Raw]

_decode: Final = msgspec.json.Decoder(Members).decode
write: Final = msgspec.json.Encoder().encode
"""Write members as compact JSON, their values as they were."""


def members_of(message: bytes) -> Members | None:
    """Take an object apart; None where that would not be safe, as a name comes twice and the jobs refuse it."""
    try:
        members = _decode(message)
        # Written again it is the same: then no name came twice. Blanks or escapes need the slower look.
        if write(members) != message:
            parse_strictly(message.decode())
    except (ValueError, RecursionError):
        return None
    return members
