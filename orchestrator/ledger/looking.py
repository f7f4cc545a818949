"""Reading the ledger: its newest snapshot, and what came after it.

A look may begin with what an earlier one has read: then it reads only what is new, and adds it when all of it is read.
Names of segments are listed *before* those of snapshots: a generation is swept only when two newer snapshots are there,
so that none of its segments that count can be missing from the list.
"""

import gzip
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

import msgspec

from orchestrator.aws.store import Store
from orchestrator.engine.documents import decode
from orchestrator.ledger.documents import Batch, Closing, Row, Segment, Snapshot
from orchestrator.ledger.folding import Picture, fold
from orchestrator.ledger.names import Names, generation_of
from orchestrator.ledger.standing import Standing

_Document = TypeVar("_Document", bound=msgspec.Struct)


class SweepingStore(Store, Protocol):
    """Objects by key, of which old ones can be deleted; `orchestrator.aws.store.S3Store` is one."""

    def delete(self, key: str, until: float) -> None:
        """Delete an object, whether it is there or not."""


@dataclass
class View:
    """What has been read: the picture, the generation of its snapshot, and the segments that came after it."""

    generation: int = 0
    picture: Picture = field(default_factory=Picture)
    read: set[str] = field(default_factory=set)
    events: int = 0


class _SweptError(Exception):
    """Raised when what is to be read was swept meanwhile: a newer snapshot is there."""


def look(store: Store, names: Names, view: View | None, until: float) -> View:
    """Read all that is there now; a view that is given is gone on with, and used up."""
    while True:
        try:
            view = _read(store, names, view, until)
        except _SweptError:
            view = None
        else:
            return view


def newest_generation(store: Store, names: Names, until: float) -> int:
    """Return the generation of the newest snapshot, 0 where there is none."""
    found = store.keys(names.folded, until)
    return max((generation_of(name, names.folded) for name in found), default=0)


def _read(store: Store, names: Names, view: View | None, until: float) -> View:
    listed = store.keys(names.arrived, until)
    generation = newest_generation(store, names, until)
    if view is None or view.generation < generation:
        view = _load(store, names, generation, until)
    new = [
        name
        for name in listed
        if name not in view.read and generation_of(name, names.arrived) >= view.generation
    ]
    segments = [_get(store, name, Segment, until) for name in new]
    # Deeds name batches: what they name is read after them.
    batches = list(_batches(store, names, view.picture.next_batch, until))
    numbers = [*view.picture.open, *(batch.number for batch in batches)]
    closings = [
        (number, decode(name, found.body, Closing))
        for number in sorted(numbers)
        if (found := store.get(name := names.closing(number), until)) is not None
    ]
    fold(view.picture, segments, batches, closings)
    view.read.update(new)
    view.events += sum(len(segment.events) for segment in segments)
    return view


def _load(store: Store, names: Names, generation: int, until: float) -> View:
    view = View(generation)
    if not generation:
        return view
    snapshot = _get(store, names.snapshot(generation), Snapshot, until)
    picture = view.picture
    for name in snapshot.shards:
        found = store.get(name, until)
        if found is None:
            raise _SweptError
        for row in msgspec.json.decode(gzip.decompress(found.body), type=list[Row]):
            picture.put((row.bucket, row.key), _shared(row.standing))
    picture.open = {batch.number: batch for batch in snapshot.open}
    picture.next_batch, picture.horizon, picture.refused = (
        snapshot.next_batch,
        snapshot.horizon,
        snapshot.refused,
    )
    return view


def _shared(standing: Standing) -> Standing:
    """Let what was taken and what is newest be one event again: a million keys have a million of them less."""
    take = standing.take
    if take is None or take.event != standing.latest:
        return standing
    shared = msgspec.structs.replace(take, event=standing.latest)
    return msgspec.structs.replace(standing, take=shared)


def _batches(store: Store, names: Names, number: int, until: float) -> Iterator[Batch]:
    """Read all batches from a number on: they are dense."""
    while (found := store.get(names.batch(number), until)) is not None:
        yield decode(names.batch(number), found.body, Batch)
        number += 1


def _get(store: Store, name: str, kind: type[_Document], until: float) -> _Document:
    found = store.get(name, until)
    if found is None:
        raise _SweptError
    return decode(name, found.body, kind)
