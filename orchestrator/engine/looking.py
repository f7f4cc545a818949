"""How far a run is by what AWS says now, whoever has driven it."""

from collections.abc import Iterable, Mapping

import msgspec

from orchestrator.aws.emr import Record
from orchestrator.engine import records
from orchestrator.engine.edge import Edge
from orchestrator.engine.judging import is_lost, state_of
from orchestrator.engine.records import JobRecord, RunRecord, State
from orchestrator.identity import Token, token_of
from orchestrator.plans import ClusterKind, PlannedJob


def refreshed(edge: Edge, record: RunRecord, until: float) -> RunRecord:
    """Return the record with the states of its steps as they are now; nothing is written."""
    if record.state in records.OVER or record.cluster_id is None:
        return record
    return msgspec.structs.replace(record, jobs=by_steps(record, edge.emr.steps(record.cluster_id, until)))


def by_steps(record: RunRecord, steps: Iterable[Record]) -> dict[str, JobRecord]:
    """Return how far the jobs of a run are, by all steps of its cluster; what is done stays done."""
    by_token = {token_of(str(step["Name"])): step for step in steps}
    return {job.name: _by_step(record, job, by_token) for job in record.plan.jobs}


def _by_step(record: RunRecord, job: PlannedJob, by_token: Mapping[Token | None, Record]) -> JobRecord:
    known = record.jobs[job.name]
    attempt = record.attempt if record.plan.cluster.kind is ClusterKind.OWN else known.attempt
    step = by_token.get(Token(job.base, attempt))
    if step is None or known.state is State.SUCCEEDED:
        return known
    return msgspec.structs.replace(
        known,
        state=state_of(step),
        attempt=attempt,
        cluster_id=record.cluster_id,
        step_id=str(step["Id"]),
        is_lost=is_lost(step),
    )
