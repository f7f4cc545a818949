"""How far a run is by what AWS says now, whoever has driven it."""

import msgspec

from orchestrator.engine import records
from orchestrator.engine.edge import Edge
from orchestrator.engine.judging import state_of
from orchestrator.engine.records import JobRecord, RunRecord, State
from orchestrator.identity import Token, token_of
from orchestrator.plans import ClusterKind


def refreshed(edge: Edge, record: RunRecord, until: float) -> RunRecord:
    """Return the record with the states of its steps as they are now; nothing is written, what is done stays done."""
    if record.state in records.OVER or record.cluster_id is None:
        return record
    steps = {token_of(str(step["Name"])): step for step in edge.emr.steps(record.cluster_id, until)}
    jobs: dict[str, JobRecord] = {}
    for job in record.plan.jobs:
        known = record.jobs[job.name]
        attempt = record.attempt if record.plan.cluster.kind is ClusterKind.OWN else known.attempt
        step = steps.get(Token(job.base, attempt))
        if step is not None and known.state is not State.SUCCEEDED:
            known = msgspec.structs.replace(
                known,
                state=state_of(step),
                attempt=attempt,
                cluster_id=record.cluster_id,
                step_id=str(step["Id"]),
            )
        jobs[job.name] = known
    return msgspec.structs.replace(record, jobs=jobs)
