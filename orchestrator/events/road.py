"""What a pipeline's events need, put together: its queues, its ledger, and what takes turns."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from ingestion.s3_events.model import AllowList, Kind, ObjectEvent
from orchestrator.aws.objects import Objects
from orchestrator.aws.sqs import Queue
from orchestrator.config.pipeline import Pipeline
from orchestrator.engine.drive import Rules
from orchestrator.engine.edge import Edge
from orchestrator.engine.records import RunRecord
from orchestrator.errors import UsageError
from orchestrator.events.consuming import Source
from orchestrator.events.pausing import Pauses
from orchestrator.events.runs import EngineRuns
from orchestrator.events.turning import Turning
from orchestrator.ledger.cutting import GIB, MINUTE_S, Policy
from orchestrator.ledger.ledger import Ledger
from orchestrator.planning.inputs import Listing, is_input
from orchestrator.trigger_spec import Trigger
from orchestrator.verbs.plan import Planned

# S3A and EMRFS know the same bucket by other schemes.
_SCHEMES: Final = ("s3://", "s3a://", "s3n://")


@dataclass(frozen=True)
class Doing:
    """How runs of the pipeline are planned, begun and followed; `rules` say how they are driven."""

    plan: Callable[[str, Mapping[str, Listing], float], Planned]
    begin: Callable[[Planned, float], object]
    followed: Callable[[RunRecord, float], object]
    rules: Rules


@dataclass(frozen=True)
class Road:
    """The events of one pipeline, in one account; each thread makes its own ledger."""

    pipeline: Pipeline
    trigger: Trigger
    edge: Edge
    store: Any

    def ledger(self) -> Ledger:
        """Open the ledger."""
        return Ledger(self.store, self.pipeline.name, self.edge.clock, self.edge.nonce)

    def source(self, sqs: Any) -> Source:
        """Return where events come from, by a client of SQS."""
        clock, draws = self.edge.clock, random.Random()  # noqa: S311 - waits, not secrets
        prefixes = self.prefixes
        return Source(
            Queue(sqs, self.trigger.queue, clock, draws),
            Queue(sqs, self.trigger.dead_letter_queue, clock, draws),
            AllowList(prefixes),
            lambda event: _is_read(event, prefixes),
        )

    def turning(self, objects: Objects, doing: Doing, slice_s: float) -> Turning:
        """Return what takes turns, a run being driven for so long in each."""
        job, edge = self.trigger.job, self.edge
        runs = EngineRuns(
            edge,
            objects,
            self.pipeline.name,
            job,
            doing.rules,
            lambda key, listing, until: doing.plan(key, {job: listing}, until),
            doing.begin,
            doing.followed,
            slice_s,
        )
        pauses = Pauses(edge.store, self.pipeline.name, edge.clock, edge.nonce)
        return Turning(job, self.ledger(), runs, pauses, edge.clock)

    @property
    def prefixes(self) -> dict[str, list[str]]:
        """Return the buckets and prefixes that the job reads."""
        found: dict[str, list[str]] = {}
        for uri in self.pipeline.jobs[self.trigger.job].inputs:
            bucket, _, prefix = uri.split("://", 1)[1].partition("/")
            found.setdefault(bucket, []).append(prefix)
        return found

    def policy(self, *, is_due: bool = False) -> Policy:
        """Return when a batch is worth a run; with `is_due` whatever waits is."""
        trigger = self.trigger
        return Policy(
            max_batch_gib=trigger.max_batch_bytes / GIB,
            max_objects=trigger.max_objects,
            max_wait_minutes=0.0 if is_due else trigger.max_wait_s / MINUTE_S,
            max_attempts=trigger.max_attempts,
        )


def road(pipeline: Pipeline, edge: Edge, store: Any) -> Road:
    """Make the road of a pipeline.

    Raises:
        UsageError: No events make it run.
    """
    if pipeline.trigger is None:
        raise UsageError(
            f"{pipeline.file}: trigger: it has none; events make a pipeline run that names a queue: "
            "trigger: {queue: …, dead_letter_queue: …}"
        )
    return Road(pipeline, pipeline.trigger, edge, store)


def _is_read(event: ObjectEvent, prefixes: Mapping[str, list[str]]) -> bool:
    """Tell objects that a job reads from markers and hidden files: what a listing leaves out, an event does too."""
    is_empty = event.kind is Kind.CREATED and event.size == 0
    return not is_empty and any(
        event.key.startswith(prefix) and is_input(event.key, prefix)
        for prefix in prefixes.get(event.bucket, ())
    )
