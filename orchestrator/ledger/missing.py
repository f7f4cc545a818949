"""What of a listing the ledger does not have: for a backfill, or where events were lost."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from ingestion.s3_events.model import Kind, ObjectEvent
from orchestrator.ledger.folding import Picture
from orchestrator.ledger.standing import Standing
from orchestrator.ledger.versions import is_same

# How far the clock of who lists may be before S3's: within it, what an event has told counts more.
SKEW_S: Final = 10.0


@dataclass(frozen=True)
class Listed:
    """An object of a listing, as ListObjectsV2 tells it; `last_modified` in seconds of the Unix epoch."""

    key: str
    etag: str
    size: int
    last_modified: float


@dataclass(frozen=True)
class Listing:
    """A listing of a bucket, or of a prefix; `begun_at` is the instant before its first page was asked for."""

    bucket: str
    begun_at: float
    objects: Iterable[Listed]


class Lack(StrEnum):
    """Why an object of a listing is to be taken."""

    MISSING = "missing"
    STALE = "stale"


@dataclass(frozen=True)
class Gap:
    """An object to be taken: record its `event`, and it is pending."""

    lack: Lack
    event: ObjectEvent


def missing(picture: Picture, listing: Listing, is_archived: Callable[[ObjectEvent], bool]) -> Iterator[Gap]:
    """Return what the ledger has not heard of, or knows another version of; what is dead or forgotten stays so.

    `is_archived` tells of a version whether it was done so long ago that the picture does not have it any more.
    """
    for each in listing.objects:
        event = sighting(listing, each)
        if each.key.endswith("/") and not each.size:
            continue
        standing = picture.standings.get((listing.bucket, each.key))
        if standing is None:
            if not is_archived(event):
                yield Gap(Lack.MISSING, event)
        elif (lack := _lack(standing, event)) is not None:
            yield Gap(lack, event)


def sighting(listing: Listing, listed: Listed) -> ObjectEvent:
    """Return what a listing says of an object: that this was its newest version when the listing began."""
    instant = max(listed.last_modified, listing.begun_at - SKEW_S)
    etag = listed.etag.strip('"')
    return ObjectEvent(Kind.CREATED, listing.bucket, listed.key, None, etag, None, listed.size, instant)


def _lack(standing: Standing, event: ObjectEvent) -> Lack | None:
    known = standing.now
    if known is None:
        return Lack.MISSING
    if is_same(known, event):
        # Archived once it was recorded, or erased and put again: neither is told by a listing.
        return None
    if known.event_time >= event.event_time:
        return None  # what the ledger knows is later than the listing
    if standing.take is not None and is_same(standing.take.event, event):
        return None  # done, and what came after it is gone
    return Lack.MISSING if known.kind is Kind.DELETED else Lack.STALE
