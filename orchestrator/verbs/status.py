"""Tells how far runs are, by what AWS says now."""

import msgspec

from orchestrator.engine import records
from orchestrator.engine.edge import Edge
from orchestrator.engine.judging import state_of
from orchestrator.engine.records import JobRecord, RunRecord
from orchestrator.identity import Token, token_of
from orchestrator.plans import ClusterKind


def runs(edge: Edge, until: float) -> list[RunRecord]:
    """Return all runs that the state has, the newest first."""
    found = [records.read(edge, run_id, until) for run_id in records.run_ids(edge, until)]
    return sorted(found, key=lambda record: record.began_at, reverse=True)


def status(edge: Edge, run_id: str, until: float) -> RunRecord:
    """Return a run as it is now, whether somebody waits for it or not; nothing is written.

    Raises:
        UsageError: There is no such run.
    """
    record = records.read(edge, run_id, until)
    if record.state in records.OVER or record.cluster_id is None:
        return record
    steps = {token_of(str(step["Name"])): step for step in edge.emr.steps(record.cluster_id, until)}
    jobs: dict[str, JobRecord] = {}
    for job in record.plan.jobs:
        known = record.jobs[job.name]
        attempt = record.attempt if record.plan.cluster.kind is ClusterKind.OWN else known.attempt
        step = steps.get(Token(job.base, attempt))
        if step is not None:
            known = msgspec.structs.replace(
                known,
                state=state_of(step),
                attempt=attempt,
                cluster_id=record.cluster_id,
                step_id=str(step["Id"]),
            )
        jobs[job.name] = known
    return msgspec.structs.replace(record, jobs=jobs)
