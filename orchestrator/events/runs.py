"""The runs of batches, by the engine: each batch has one, under a key that follows from its number alone."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from orchestrator.aws.objects import Objects
from orchestrator.engine import records, running
from orchestrator.engine.documents import load, save
from orchestrator.engine.drive import CancelledError, Rules
from orchestrator.engine.edge import Edge
from orchestrator.engine.ending import cancel
from orchestrator.engine.polling import Poller
from orchestrator.engine.records import OVER, RunRecord
from orchestrator.errors import FailedError, TimedOutError
from orchestrator.identity import digest
from orchestrator.ledger.documents import Batch
from orchestrator.planning.inputs import Listing
from orchestrator.verbs.plan import Planned

# How long a run is driven before others have their turn.
SLICE_S: Final = 30.0
_MOST_TOLD: Final = 3


class Begun(msgspec.Struct, frozen=True):
    """Which run a batch has: a pipeline's file that is changed meanwhile makes no other one of it."""

    batch: int
    run_id: str
    nonce: str


@dataclass(frozen=True)
class EngineRuns:
    """Runs of one pipeline.

    `plan` plans a run for the objects of a batch, under a key; `begin` uploads what it needs and begins it; `followed`
    does what follows it.
    """

    edge: Edge
    objects: Objects
    pipeline: str
    job: str
    rules: Rules
    plan: Callable[[str, Listing, float], Planned]
    begin: Callable[[Planned, float], object]
    followed: Callable[[RunRecord, float], object]
    slice_s: float = SLICE_S

    def advance(self, batch: Batch, until: float, /) -> RunRecord | None:
        """Begin the batch's run or find it, and drive it for a while; None where it could not begin yet."""
        edge = self.edge
        record = self._found(batch, until)
        slice_end = min(until, edge.clock.now() + self.slice_s)
        try:
            if record is None:
                record = self._begin(batch, until)
            if record.state in OVER:
                return record
            poller = Poller(edge.emr, edge.clock, edge.bounds.poll_s)
            return running.run(edge, poller, record, self.rules, slice_end)
        except TimedOutError:
            # It goes on, or had no room to begin: a full cluster is no fault of the objects.
            return self._found(batch, until)
        except CancelledError:
            return self._cancelled(batch, slice_end)

    def unread(self, batch: Batch, record: RunRecord, until: float, /) -> str | None:
        """Tell what of the batch the run's manifest does not list; None where it has read all of it.

        Raises:
            FailedError: There is no manifest, or it cannot be read.
        """
        [job] = [each for each in record.plan.jobs if each.name == self.job]
        read = {_plain(each["uri"]) for each in self._manifest(job.manifest, until)["inputs"]}
        left = sorted(uri for uri in map(_plain, uris(batch)) if uri not in read)
        if not left:
            return None
        told = ", ".join(left[:_MOST_TOLD]) + (", …" if len(left) > _MOST_TOLD else "")
        return (
            f"the manifest {job.manifest} lists {len(read)} objects, and not {len(left)} of the batch: {told}"
        )

    def follow(self, record: RunRecord, until: float, /) -> None:
        """Do what follows the run."""
        self.followed(record, until)

    def _found(self, batch: Batch, until: float) -> RunRecord | None:
        begun = load(self.edge, self._key(batch), Begun, until)
        return None if begun is None else records.find(self.edge, begun[0].run_id, until)

    def _cancelled(self, batch: Batch, until: float) -> RunRecord | None:
        """Carry a cancellation to its end: where who asked for it has died, the batch would stay open for ever."""
        record = self._found(batch, until)
        if record is None or record.state in OVER:
            return record
        try:
            return cancel(self.edge, record.run_id, until)
        except TimedOutError:
            return self._found(batch, until)

    def _begin(self, batch: Batch, until: float) -> RunRecord:
        """Write down which run it is, then begin that."""
        key = key_of(batch)
        planned = self.plan(key, Listing(tuple(sorted(uris(batch))), key), until)
        run_id = planned.plan.run_id
        found = load(self.edge, self._key(batch), Begun, until)
        if found is None or found[0].run_id != run_id:
            # Another one was never begun: its record would have been found.
            begun = Begun(batch.number, run_id, self.edge.nonce())
            save(self.edge, self._key(batch), begun, found[1] if found else None, until)
        self.begin(planned, until)
        return records.read(self.edge, run_id, until)

    def _key(self, batch: Batch) -> str:
        return f"events/{self.pipeline}/runs/{batch.number:08d}.json"

    def _manifest(self, uri: str, until: float) -> Mapping[str, Any]:
        bucket, _, key = uri.removeprefix("s3://").partition("/")
        body = self.objects.read(bucket, key, until)
        try:
            found: Mapping[str, Any] = json.loads(body or b"")
        except ValueError as fault:
            raise FailedError(
                f"{uri}: expected the manifest of a run that has succeeded, got none that can be read ({fault}); the "
                "batch stays open until it is put back"
            ) from fault
        return found


def key_of(batch: Batch) -> str:
    """Return what makes the run of a batch another one than that of any other batch."""
    return f"batch-{batch.number}-{digest('batch', batch.nonce)}"


def uris(batch: Batch) -> list[str]:
    """Return the URIs of a batch's objects, each once."""
    return list(dict.fromkeys(f"s3://{event.bucket}/{event.key}" for event in batch.objects))


def _plain(uri: str) -> str:
    scheme, _, rest = uri.partition("://")
    return f"s3://{rest}" if scheme in {"s3", "s3a", "s3n"} else uri
