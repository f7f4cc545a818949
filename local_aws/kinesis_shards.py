"""What moto's shards of a Kinesis stream lack: puts that may meet, and costs that do not grow with what they hold.

Moto copies all numbers of a shard for each record that is put, so that 60,000 records took a minute, and two puts at
once could get the same number: one of the records was lost. Its numbers are dense, from 1.
"""

import threading
from typing import Any, Final

from moto.kinesis.models import Shard

_ORIGINAL_PUT: Final = Shard.put_record
# One for all shards: a put takes some microseconds.
_PUTTING: Final = threading.Lock()


def complete() -> None:
    """Let moto's shards be so from now on; more than once does no harm."""
    shard: Any = Shard
    shard.put_record, shard.get_records = _put, _read
    shard.get_min_sequence_number, shard.get_max_sequence_number = _first, _last


def _put(self: Any, partition_key: str, data: str, explicit_hash_key: str) -> str:
    with _PUTTING:
        return _ORIGINAL_PUT(self, partition_key, data, explicit_hash_key)


def _read(self: Any, last_sequence_id: str, limit: int | None) -> tuple[list[Any], int, int]:
    """Return the records after a number, the last one's number, and how many milliseconds it is behind the newest."""
    after, newest = int(last_sequence_id), _last(self)
    end = newest if limit is None else min(newest, after + limit)
    found = [self.records[number] for number in range(after + 1, end + 1)]
    if not found:
        return [], after, 0
    behind_s = self.records[newest].created_at - found[-1].created_at
    return found, end, int(behind_s * 1000)


def _first(self: Any) -> int:
    return next(iter(self.records), 0)


def _last(self: Any) -> int:
    return next(reversed(self.records), 0)
