"""Which records fit into the answer: Lambda refuses one above its limit, and the whole batch with it.

Room is set aside for every record as it would be answered if it failed, with its original data, so that whatever
cannot be sent back can still be answered. What Firehose hands over is under the same limit, so the sum of these always
fits; only what a record grows by when it is opened takes from the rest. Records that were sent back before come first.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

# As Lambda writes an answer: blanks after colons and commas, the longest result.
_SURROUNDING_BYTES: Final = len(', {"recordId": "", "result": "ProcessingFailed", "data": ""}')
_LEAST_BYTES: Final = len('{"records": []}')
# With partition keys, and the padding of base64.
_MOST_SURROUNDING_BYTES: Final = 320
_METADATA_BYTES: Final = len(', "metadata": {"partitionKeys": {}}')


@dataclass(frozen=True, slots=True)
class Size:
    """How long a record's answer is: with its messages, failed with its original, and without any data."""

    written: int
    failed: int
    empty: int
    is_marked: bool = False


@dataclass(frozen=True)
class Fit:
    """Which places do not fit as they are, in order, with the room there is for each one's answer.

    `originals_fit`: records that fail can carry their original data.
    """

    rooms: Mapping[int, int]
    originals_fit: bool


def fit(sizes: Sequence[Size], most_bytes: int) -> Fit:
    """Choose the records that are answered as they are, in order, those that were sent back before first."""
    # Not so only where somebody calls with more than Lambda lets through: Firehose itself has the originals.
    originals_fit = _LEAST_BYTES + sum(size.failed for size in sizes) <= most_bytes
    rooms = [size.failed if originals_fit else size.empty for size in sizes]
    spare = most_bytes - _LEAST_BYTES - sum(rooms)
    too_large = {}
    for place in sorted(range(len(sizes)), key=lambda place: not sizes[place].is_marked):
        growth = sizes[place].written - rooms[place]
        if growth <= spare:
            spare -= growth
        else:
            too_large[place] = rooms[place]
    return Fit(dict(sorted(too_large.items())), originals_fit)


def surely_fit(records: int, data_bytes: int, id_characters: int, most_bytes: int) -> bool:
    """Tell at a glance that a batch fits as it is, given sums over its records; the exact look takes longer."""
    return records * _MOST_SURROUNDING_BYTES + 6 * id_characters + base64_bytes(data_bytes) <= most_bytes


def answer_bytes(record_id: str, data_bytes: int, keys: dict[str, str] | None = None) -> int:
    """Tell how long a record's answer is at most, given the length of its base64."""
    plain = record_id.isascii() and record_id.isalnum()
    named = len(record_id) if plain else len(json.dumps(record_id))
    metadata = _METADATA_BYTES + len(json.dumps(keys)) if keys else 0
    return _SURROUNDING_BYTES + named + data_bytes + metadata


def base64_bytes(count: int) -> int:
    """Tell how long so many bytes are in base64."""
    return (count + 2) // 3 * 4
