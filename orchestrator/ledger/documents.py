"""What the ledger writes: each document once, on the condition that none is there (docs/decisions/0010).

_state/ledger/<pipeline>/
  arrived/<generation>/<instant>-<nonce>.json   a Segment: events of one round, or deeds
  batches/<n>.json                              a Batch, n from 1, dense
  closed/<n>.json                               its Closing
  sealed/<generation>.json                      nothing is put into that generation any more
  folded/<generation>.json                      a Snapshot: all that came before that generation
  shards/<generation>-<nonce>/<i>.json          its keys
  archive/<generation>-<nonce>.json             an Archive: what it has forgotten
"""

from enum import StrEnum

import msgspec

from ingestion.s3_events.model import ObjectEvent
from orchestrator.ledger.standing import Standing


class Deed(StrEnum):
    """What a person does about objects."""

    RETRY = "retry"
    FORGET = "forget"


class Act(msgspec.Struct, frozen=True, array_like=True):
    """A deed upon one version: a retry names the batch in which it died, so that it counts once."""

    deed: Deed
    event: ObjectEvent
    batch: int = 0


class Segment(msgspec.Struct, frozen=True):
    """What one consumer has recorded in one put; instants in seconds of the Unix epoch."""

    recorded_at: float
    nonce: str
    events: tuple[ObjectEvent, ...] = ()
    acts: tuple[Act, ...] = ()


class Item(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """An object of a batch; `failures` counts the batches with it that have failed before."""

    event: ObjectEvent
    since: float
    failures: int = 0


class Batch(msgspec.Struct, frozen=True):
    """The exact list of objects of one job run; `number` names it for good.

    A key is in one open batch at a time, and a version in no batch after one that was done. An object that fails alone,
    `max_attempts` batches with it having failed, is dead.
    """

    number: int
    cut_at: float
    nonce: str
    items: tuple[Item, ...]
    max_attempts: int = 3

    @property
    def objects(self) -> tuple[ObjectEvent, ...]:
        """Return its objects, as their events told of them."""
        return tuple(item.event for item in self.items)

    @property
    def size(self) -> int:
        """Return how many bytes they have together."""
        return sum(item.event.size for item in self.items)


class Outcome(StrEnum):
    """How a batch's run has ended.

    `RETURNED` says that it was not run, or failed for a reason that is none of the objects': a full step queue, no
    capacity, a cancelled run. The batch is taken again as it is, and nobody counts it.
    """

    DONE = "done"
    FAILED = "failed"
    RETURNED = "returned"


class Closing(msgspec.Struct, frozen=True):
    """What became of a batch; the first one stands."""

    outcome: Outcome
    closed_at: float
    nonce: str
    reason: str | None = None
    run_id: str | None = None


class Sealed(msgspec.Struct, frozen=True):
    """A generation into which nothing is put any more."""

    sealed_at: float
    nonce: str


class Row(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """How one key stands, in a shard."""

    bucket: str
    key: str
    standing: Standing


class Snapshot(msgspec.Struct, frozen=True):
    """All that came before a generation: its shards have the keys, by gzip, and `open` the batches without an end."""

    generation: int
    folded_at: float
    nonce: str
    next_batch: int
    horizon: float
    refused: int
    open: tuple[Batch, ...] = ()
    shards: tuple[str, ...] = ()


class Archive(msgspec.Struct, frozen=True):
    """Digests of versions that are done and forgotten: so that a listing does not bring them back."""

    digests: tuple[str, ...]
