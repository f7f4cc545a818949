"""What a run has on AWS: whether something of it may still write, and what has to be ended with it."""

from collections.abc import Iterator
from typing import Final

from orchestrator.engine import records
from orchestrator.engine.deeds import ENDED, OVER, ClusterDeed, StepDeed
from orchestrator.engine.documents import load
from orchestrator.engine.edge import Edge
from orchestrator.engine.once import LOOK_BACK_S, Claim, ClaimState, key_of
from orchestrator.engine.records import RunRecord
from orchestrator.identity import Token
from orchestrator.plans import ClusterKind, request_of

# The attempt that a run is at, and the one that it may be going on to.
_ATTEMPTS: Final = (0, 1)
Deeds = Iterator[ClusterDeed | StepDeed]


def deeds(edge: Edge, record: RunRecord) -> Deeds:
    """Return what the run may have begun, or be about to begin, and is not known to be over."""
    plan = record.plan
    if plan.cluster.kind is ClusterKind.OWN:
        assert plan.cluster.base is not None  # noqa: S101 - only a cluster that was named has none
        for more in _ATTEMPTS:
            token = Token(plan.cluster.base, record.attempt + more)
            yield ClusterDeed(edge, token, request_of(plan.cluster, plan.jobs, token.number))
    elif record.cluster_id is not None:
        for job in plan.jobs:
            if job.name not in record.done:
                for more in _ATTEMPTS:
                    token = Token(job.base, record.jobs[job.name].attempt + more)
                    yield StepDeed(edge, token, record.cluster_id, {})


def is_active(edge: Edge, run_id: str, until: float) -> bool:
    """Tell whether something of a run may still write to its tables."""
    record = records.find(edge, run_id, until)
    if record is None or record.state in records.OVER:
        return False
    return any(_is_going_on(edge, deed, until) for deed in deeds(edge, record))


def is_alive(edge: Edge, deed: ClusterDeed | StepDeed, id_: str, until: float) -> bool:
    """Tell whether a thing that was begun has not ended yet."""
    if isinstance(deed, ClusterDeed):
        return edge.emr.status(id_, until)["State"] not in ENDED
    return edge.emr.step_state(deed.cluster_id, id_, until) not in OVER


def _is_going_on(edge: Edge, deed: ClusterDeed | StepDeed, until: float) -> bool:
    found = load(edge, key_of(deed.token), Claim, until)
    if found is None or found[0].state in {ClaimState.FREE, ClaimState.CLOSED}:
        return False
    claim, _ = found
    if claim.id is not None:
        return is_alive(edge, deed, claim.id, until)
    if edge.clock.now() < claim.claimed_at + edge.bounds.takeover_s:
        return True
    return any(
        is_alive(edge, deed, id_, until) for id_ in deed.find(claim.first_claimed_at - LOOK_BACK_S, until)
    )
