"""What a pipeline's ledger has not heard of, or knows another version of: found by a listing, taken in waves."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from orchestrator.aws.retrying import Retrying
from orchestrator.events.road import Road
from orchestrator.ledger.ledger import Ledger
from orchestrator.ledger.missing import Gap, Lack, Listed, Listing
from orchestrator.planning.inputs import is_input

DAY_S: Final = 86_400.0


@dataclass(frozen=True)
class Span:
    """Days of S3's LastModified, in UTC; both included."""

    first: date
    last: date

    def has(self, listed: Listed) -> bool:
        """Tell whether an object was written on one of them."""
        return self.first.toordinal() <= _day(listed.last_modified) <= self.last.toordinal()


@dataclass(frozen=True)
class Scope:
    """What a backfill would take: `objects` were looked at, `gaps` are what is missing or stale."""

    objects: int
    gaps: tuple[Gap, ...]

    def count(self, lack: Lack) -> int:
        """Count objects by why they are to be taken."""
        return sum(gap.lack is lack for gap in self.gaps)

    @property
    def size(self) -> int:
        """Return how many bytes they have together."""
        return sum(gap.event.size for gap in self.gaps)


def scope(road: Road, ledger: Ledger, s3: Any, retrying: Retrying, span: Span, until: float) -> Scope:
    """List what the pipeline reads, and find what of it is missing or stale.

    Raises:
        RefusedError: A bucket may not be listed.
    """
    objects, gaps = 0, []
    for bucket, prefixes in road.prefixes.items():
        for prefix in prefixes:
            begun_at = road.edge.clock.now()
            listed = [each for each in _listed(s3, retrying, bucket, prefix, until) if span.has(each)]
            objects += len(listed)
            gaps += ledger.missing(Listing(bucket, begun_at, listed), until)
    gaps.sort(key=lambda gap: (gap.event.event_time, gap.event.key))
    return Scope(objects, tuple(gaps))


def waves(gaps: Sequence[Gap], count: int) -> list[Sequence[Gap]]:
    """Cut what is missing into so many waves of about the same number of objects, the oldest first."""
    size = -(-len(gaps) // max(1, count)) if gaps else 1
    return [gaps[begin : begin + size] for begin in range(0, len(gaps), size)]


def _listed(s3: Any, retrying: Retrying, bucket: str, prefix: str, until: float) -> Iterator[Listed]:
    token: dict[str, str] = {}
    while True:
        answer = retrying.read(
            "ListObjectsV2",
            lambda token=token: s3.list_objects_v2(Bucket=bucket, Prefix=prefix, **token),  # type: ignore[misc] # no default in a lambda
            until,
        )
        for each in answer.get("Contents", []):
            if is_input(each["Key"], prefix) and each["Size"]:
                yield Listed(each["Key"], each["ETag"], each["Size"], each["LastModified"].timestamp())
        if not answer.get("IsTruncated"):
            return
        token = {"ContinuationToken": answer["NextContinuationToken"]}


def _day(seconds: float) -> int:
    return date(1970, 1, 1).toordinal() + int(seconds // DAY_S)
