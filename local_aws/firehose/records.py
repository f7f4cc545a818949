"""Records on their way, and how far each source has been delivered."""

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Record:
    """One record as it came: when, in milliseconds, and from where in its source.

    Records that were aggregated share a sequence number, and differ in `sub`.
    """

    data: bytes
    arrived_at: int
    shard: str
    sequence: str
    sub: int = 0
    partition_key: str | None = None


class Watermark:
    """How far each shard is delivered without a gap: where to go on after a crash.

    Records may be delivered out of order, as each partition has a buffer of its own; what is delivered after a gap is
    delivered again, for Firehose delivers at least once.
    """

    def __init__(self, delivered: Mapping[str, str] | None = None) -> None:
        """Begin where a former one ended."""
        self.delivered: dict[str, str] = dict(delivered or {})
        self._open: dict[str, OrderedDict[str, int]] = {}

    def take(self, records: Iterable[Record]) -> None:
        """Note records that are on their way from now on, in the order of their source."""
        for record in records:
            shard = self._open.setdefault(record.shard, OrderedDict())
            shard[record.sequence] = shard.get(record.sequence, 0) + 1

    def done(self, records: Iterable[Record]) -> bool:
        """Note records that need nothing any more; tells whether a shard is further than before."""
        touched = set()
        for record in records:
            self._open[record.shard][record.sequence] -= 1
            touched.add(record.shard)
        risen = [self._rise(shard) for shard in touched]
        return any(risen)

    def _rise(self, shard: str) -> bool:
        waiting, has_risen = self._open[shard], False
        while waiting and next(iter(waiting.values())) == 0:
            self.delivered[shard], _ = waiting.popitem(last=False)
            has_risen = True
        return has_risen
