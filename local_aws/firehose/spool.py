"""Direct puts, kept in a file before they are acknowledged, until they are delivered."""

import base64
import json
import os
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from local_aws.firehose.records import Record

SHARD: Final = "direct"
_MOST_A_READ: Final = 10_000


class Spool:
    """A source of records: a line of JSON for each, with its number. A line that was cut off was never acknowledged."""

    def __init__(self, path: Path, delivered: Mapping[str, str]) -> None:
        """Take up the file where there is one; numbers go on after what is delivered."""
        self._path = path
        self._lock = threading.Lock()
        self._waiting: list[Record] = []
        self._last = int(delivered.get(SHARD, "0"))
        if path.exists():
            whole = path.read_bytes()
            whole = whole[: whole.rfind(b"\n") + 1]
            os.truncate(path, len(whole))  # written anew, a crash would lose what was acknowledged
            for line in whole.splitlines():
                number, arrived_at, data = json.loads(line)
                self._last = max(self._last, number)
                self._waiting.append(_record(number, arrived_at, base64.b64decode(data)))
        self._file = path.open("ab")

    def put(self, blobs: Sequence[bytes], now: int) -> list[str]:
        """Keep records, and return their ids; when this returns they survive the process."""
        with self._lock:
            records = [_record(self._last + 1 + at, now, blob) for at, blob in enumerate(blobs)]
            self._last += len(records)
            lines = [
                json.dumps([int(each.sequence), now, base64.b64encode(each.data).decode()])
                for each in records
            ]
            self._file.write("".join(f"{line}\n" for line in lines).encode())
            self._file.flush()
            os.fsync(self._file.fileno())
            self._waiting += records
            return [each.sequence for each in records]

    def read(self, delivered: Mapping[str, str]) -> list[Record]:
        """Return records that have come since the last time; none that are delivered."""
        with self._lock:
            taken, self._waiting = self._waiting[:_MOST_A_READ], self._waiting[_MOST_A_READ:]
        done = int(delivered.get(SHARD, "0"))
        return [record for record in taken if int(record.sequence) > done]

    def forget(self, delivered: Mapping[str, str]) -> None:
        """Empty the file where all of it is delivered."""
        with self._lock:
            if not self._waiting and int(delivered.get(SHARD, "0")) == self._last:
                self._file.truncate(0)

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def _record(number: int, arrived_at: int, data: bytes) -> Record:
    return Record(data, arrived_at, SHARD, f"{number:020d}")
