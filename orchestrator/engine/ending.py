"""Cancelling a run: nothing more of it begins, and what has begun ends."""

from collections.abc import Sequence

import msgspec

from orchestrator.engine import activity, leases, records
from orchestrator.engine.deeds import ClusterDeed, StepDeed
from orchestrator.engine.edge import Edge
from orchestrator.engine.leases import Tenant
from orchestrator.engine.looking import refreshed
from orchestrator.engine.once import close
from orchestrator.engine.records import RunRecord, State
from orchestrator.errors import TimedOutError


def cancel(edge: Edge, run_id: str, until: float) -> RunRecord:
    """Cancel a run and wait for the end of what it has begun; one that is over stays as it is.

    Where somebody else has ended this life of the run and opened it again meanwhile, the new life goes on.

    Raises:
        TimedOutError: Something of it had not ended when the time was over.
        UsageError: There is no such run.
    """
    record = records.read(edge, run_id, until)
    if record.state in records.OVER:
        _release(edge, record, until)  # who has ended it may have died before it did
        return record
    record = records.write(edge, run_id, _asked, until)
    begun = [(deed, id_) for deed in activity.deeds(edge, record) if (id_ := close(edge, deed, until))]
    alive = [(deed, id_) for deed, id_ in begun if activity.is_alive(edge, deed, id_, until)]
    for deed, id_ in alive:
        _end(edge, deed, id_, until)
    while any(activity.is_alive(edge, deed, id_, until) for deed, id_ in alive):
        if not edge.pause(until):
            raise TimedOutError(
                f"run {run_id}: its end was asked for, and has not come yet; run the same command again to see it"
            )
    # What was completed before its end came is done, whether an orchestrator has seen that or not.
    seen = refreshed(edge, _with_cluster(record, begun), until)
    ended = records.write(edge, run_id, lambda found: _ended(found, seen, edge.clock.now()), until)
    _release(edge, record, until)
    return ended


def _release(edge: Edge, record: RunRecord, until: float) -> None:
    for job in record.plan.jobs:
        leases.release(edge, job.output, Tenant(record.run_id, record.first_attempt), until)


def _end(edge: Edge, deed: ClusterDeed | StepDeed, id_: str, until: float) -> None:
    edge.say(f"{deed.token}: ending {id_}")
    if isinstance(deed, ClusterDeed):
        edge.emr.terminate([id_], until)
    else:
        edge.emr.cancel_steps(deed.cluster_id, [id_], until)


def _asked(record: RunRecord) -> RunRecord:
    return msgspec.structs.replace(record, is_cancelled=True)


def _with_cluster(record: RunRecord, begun: Sequence[tuple[ClusterDeed | StepDeed, str]]) -> RunRecord:
    """Add the cluster of its own that was launched and not recorded."""
    own = [(deed.token.number, id_) for deed, id_ in begun if isinstance(deed, ClusterDeed)]
    if not own:
        return record
    number, cluster_id = max(own)
    return msgspec.structs.replace(record, attempt=number, cluster_id=cluster_id)


def _ended(record: RunRecord, seen: RunRecord, now: float) -> RunRecord:
    if record.first_attempt != seen.first_attempt:
        return record
    known = {**record.jobs, **{name: job for name, job in seen.jobs.items() if name not in record.done}}
    jobs = {
        name: job if job.state is State.SUCCEEDED else msgspec.structs.replace(job, state=State.CANCELLED)
        for name, job in known.items()
    }
    return msgspec.structs.replace(record, state=State.CANCELLED, reason="cancelled", ended_at=now, jobs=jobs)
