"""Making one snapshot of many documents, and sweeping what nobody needs any more.

1. *seal*: `sealed/<g>` is put; from then on whoever has put a segment into generation g puts it once more into the next
   one, for it cannot know whether it was read. Who puts the seal has the turn.
2. *fold*: all segments of g are listed and read after the seal.
3. *snapshot*: shards first, then `folded/<g+1>` on the condition that none is there: from then on readers begin with
   it.
4. *sweep*: segments, snapshots and shards of generations before g are deleted. Those of g stay for one more turn, for
   slow readers; a reader who finds something gone begins anew.

Seals, batches, closings and archives are kept.
"""

import gzip
import hashlib
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import msgspec

from ingestion.s3_events.model import ObjectEvent
from orchestrator.engine.documents import decode, encode
from orchestrator.ledger.documents import Archive, Row, Sealed, Snapshot
from orchestrator.ledger.folding import Picture, prune
from orchestrator.ledger.looking import SweepingStore, View, look
from orchestrator.ledger.names import Names, generation_of

MOST_SEGMENTS: Final = 200
# A snapshot writes all keys: it has to be worth it.
FEWEST_EVENTS: Final = 20_000
KEYS_AN_EVENT: Final = 4
KEYS_A_SHARD: Final = 50_000
# Who put the seal is gone when no snapshot is there after so long.
TURN_S: Final = 300.0


@dataclass(frozen=True)
class Turn:
    """One attempt: when, by whom, and what is forgotten with it."""

    now: float
    nonce: str
    horizon: float


def is_due(view: View) -> bool:
    """Tell whether so much came after the snapshot that a new one is worth it."""
    keys = len(view.picture.standings)
    return len(view.read) >= MOST_SEGMENTS or view.events >= max(FEWEST_EVENTS, keys // KEYS_AN_EVENT)


def compact(store: SweepingStore, names: Names, view: View, turn: Turn, until: float) -> View:
    """Make a snapshot, unless another one has its turn; return what is known then."""
    if not _take_turn(store, names, view.generation, turn, until):
        return view
    generation = view.generation
    view = look(store, names, view, until)
    if view.generation != generation:
        return view
    gone = prune(view.picture, turn.horizon)
    if gone:
        archive = Archive(tuple(sorted(digest_of(event) for event in gone)))
        store.create(names.archive(generation + 1, turn.nonce), encode(archive), until)
    shards = tuple(_put_shards(store, names, view.picture, generation + 1, turn.nonce, until))
    snapshot = _snapshot(view.picture, generation + 1, turn, shards)
    if store.create(names.snapshot(generation + 1), encode(snapshot), until) is None:
        return look(store, names, view, until)
    view.generation, view.events = generation + 1, 0
    view.read = {name for name in view.read if generation_of(name, names.arrived) > generation}
    sweep(store, names, generation, until)
    return view


def sweep(store: SweepingStore, names: Names, generation: int, until: float) -> None:
    """Delete what is older than a generation, of which the next one's snapshot is there."""
    for folder in (names.arrived, names.folded, names.shards):
        for name in store.keys(folder, until):
            if generation_of(name, folder) < generation:
                store.delete(name, until)


def digest_of(event: ObjectEvent) -> str:
    """Return what stands for a version in an archive: of its bucket, key and ETag, which a listing has too."""
    text = f"{event.bucket}\0{event.key}\0{event.etag or event.version_id}"
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()


def _take_turn(store: SweepingStore, names: Names, generation: int, turn: Turn, until: float) -> bool:
    name = names.sealed(generation)
    found = store.get(name, until)
    if found is None:
        return store.create(name, encode(Sealed(turn.now, turn.nonce)), until) is not None
    return decode(name, found.body, Sealed).sealed_at + TURN_S <= turn.now


def _put_shards(
    store: SweepingStore, names: Names, picture: Picture, generation: int, nonce: str, until: float
) -> Iterator[str]:
    count = max(1, math.ceil(len(picture.standings) / KEYS_A_SHARD))
    rows: list[Row] = []
    places = sorted(picture.standings)
    for number in range(count):
        chosen = places[number * KEYS_A_SHARD : (number + 1) * KEYS_A_SHARD]
        rows = [Row(*place, picture.standings[place]) for place in chosen]
        name = names.shard(generation, nonce, number)
        store.create(name, gzip.compress(msgspec.json.encode(rows), 1, mtime=0), until)
        yield name


def _snapshot(picture: Picture, generation: int, turn: Turn, shards: tuple[str, ...]) -> Snapshot:
    return Snapshot(
        generation=generation,
        folded_at=turn.now,
        nonce=turn.nonce,
        next_batch=picture.next_batch,
        horizon=picture.horizon,
        refused=picture.refused,
        open=tuple(picture.open.values()),
        shards=shards,
    )
