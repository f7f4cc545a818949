"""What there is already of what a plan is about: its run, its cluster."""

from dataclasses import dataclass

import msgspec

from orchestrator.aws.emr import Record, is_forgotten
from orchestrator.aws.faults import RefusedCallError
from orchestrator.engine import launching, once, records
from orchestrator.engine.deeds import ENDED
from orchestrator.engine.edge import Edge
from orchestrator.engine.records import RunRecord, State
from orchestrator.errors import UsageError
from orchestrator.identity import Token
from orchestrator.planning.likeness import unlike
from orchestrator.plans import ClusterKind, Plan, request_of


@dataclass(frozen=True)
class Standing:
    """The run's record, the id of the cluster that would be used, and the number that a new one would have.

    Where the run has succeeded, neither is used. `state` is EMR's of a cluster that was named; `unlike` says how a
    long-running one that lives was made from another request than the plan's.
    """

    record: RunRecord | None = None
    cluster_id: str | None = None
    number: int = 1
    state: str | None = None
    unlike: str | None = None

    @property
    def has_succeeded(self) -> bool:
        """Tell whether there is nothing left to do."""
        return self.record is not None and self.record.state is State.SUCCEEDED


def look(edge: Edge, plan: Plan, until: float) -> Standing:
    """Look, and change nothing.

    Raises:
        UsageError: The cluster that was named takes no steps (any more).
    """
    record = records.find(edge, plan.run_id, until) if plan.jobs else None
    if record is not None and record.state is State.SUCCEEDED:
        return Standing(record, record.cluster_id, record.attempt)
    if record is not None and record.cluster_id is not None and record.state not in records.OVER:
        return Standing(record, record.cluster_id, record.attempt)
    if plan.cluster.kind is ClusterKind.SHARED:
        return _shared(edge, plan, record, until)
    state = None if plan.cluster.id is None else _living(edge, plan.cluster.id, until)
    number = record.next_attempt if record is not None else 1
    return Standing(record, plan.cluster.id, number, state)


def settled(plan: Plan, standing: Standing) -> Plan:
    """Return the plan with the request that would be sent as things stand."""
    cluster = plan.cluster
    if cluster.request is None or standing.number == cluster.number or standing.has_succeeded:
        return plan
    jobs = plan.jobs if cluster.kind is ClusterKind.OWN else []
    if standing.record is not None and cluster.kind is ClusterKind.OWN:
        jobs = [job for job in jobs if job.name not in standing.record.done]
    request = request_of(cluster, jobs, standing.number)
    return msgspec.structs.replace(
        plan, cluster=msgspec.structs.replace(cluster, number=standing.number, request=request)
    )


def _living(edge: Edge, cluster_id: str, until: float) -> str:
    """Return a cluster's state; stop where it takes no steps, before anything is written down about it."""
    cluster = _cluster(edge, cluster_id, until)
    if cluster is None:
        raise UsageError(
            f"cluster {cluster_id}: EMR knows no such cluster in this Region; orchestrator list shows ours"
        )
    state = str(cluster["Status"]["State"])
    if state in ENDED or state == "TERMINATING":
        raise UsageError(
            f"cluster {cluster_id}: expected one that takes steps, got {state}; name another one, or a cluster's file"
        )
    return state


def _cluster(edge: Edge, cluster_id: str, until: float) -> Record | None:
    """Return what EMR tells of a cluster; None where it knows none, or none any more."""
    try:
        return edge.emr.cluster(cluster_id, until)
    except RefusedCallError as refused:
        if not is_forgotten(refused):
            raise
        return None


def _shared(edge: Edge, plan: Plan, record: RunRecord | None, until: float) -> Standing:
    assert plan.cluster.base is not None  # noqa: S101 - only a cluster that was named has none
    assert plan.cluster.request is not None  # noqa: S101 - nor a request
    number = launching.newest(edge, plan.cluster.base, until)
    cluster_id = once.done(edge, Token(plan.cluster.base, number), until)
    if cluster_id is None:
        return Standing(record, None, number)
    cluster = _cluster(edge, cluster_id, until)
    if cluster is None or cluster["Status"]["State"] in {*ENDED, "TERMINATING"}:
        return Standing(record, None, number + 1)
    found = unlike(cluster, plan.cluster.request, has_key=not plan.jobs)
    return Standing(record, cluster_id, number, unlike=found)
