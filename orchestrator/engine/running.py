"""A run from its plan to its end, whoever has begun it, and however often that was tried."""

from collections.abc import Callable

from orchestrator.engine import launching, records
from orchestrator.engine.deeds import RefusedDeedError
from orchestrator.engine.drive import CancelledError, Drive, OverError, Rules
from orchestrator.engine.edge import Edge
from orchestrator.engine.ending import cancel
from orchestrator.engine.once import ClosedError
from orchestrator.engine.own import drive_own, start_own
from orchestrator.engine.polling import Poller
from orchestrator.engine.records import RunRecord, State
from orchestrator.engine.shared import MovedError, drive_shared, submit_ready
from orchestrator.plans import ClusterKind, Plan, request_of


def begin(edge: Edge, plan: Plan, until: float) -> RunRecord:
    """Write the run down, or find it; one that somebody was cancelling is cancelled first, and then opened again."""
    record = records.begin(edge, plan, until)
    if record.is_cancelled and record.state not in records.OVER:
        cancel(edge, plan.run_id, until)
        record = records.begin(edge, plan, until)
    return record


def run(edge: Edge, poller: Poller, record: RunRecord, rules: Rules, until: float) -> RunRecord:
    """Drive a run to its end; one that is over stays as it is, and holds no lease any more.

    Raises:
        CancelledError: Somebody cancels it meanwhile.
        TimedOutError: It was not over when the time was; what was begun goes on.
        RefusedCallError: AWS refuses a call; where that was to begin something (RefusedDeedError), the run has failed.
    """
    return _driven(Drive(edge, poller, rules, record.plan, record.first_attempt, until), record, _drive)


def start(edge: Edge, poller: Poller, record: RunRecord, until: float) -> RunRecord:
    """Begin what can begin now, and wait for nothing but leases."""
    return _driven(Drive(edge, poller, Rules(), record.plan, record.first_attempt, until), record, _start)


def _driven(drive: Drive, record: RunRecord, how: Callable[[Drive], RunRecord]) -> RunRecord:
    if record.state in records.OVER:
        drive.release()  # who has ended it may have died before it did
        return record
    try:
        drive.take_leases()
        return how(drive)
    except OverError:
        drive.release()
        return records.read(drive.edge, record.run_id, drive.until)
    except ClosedError as closed:
        raise CancelledError(f"run {record.run_id} was cancelled") from closed


def _drive(drive: Drive) -> RunRecord:
    if drive.plan.cluster.kind is ClusterKind.OWN:
        return drive_own(drive)
    return _on_shared(drive, lambda cluster_id: drive_shared(drive, cluster_id))


def _start(drive: Drive) -> RunRecord:
    if drive.plan.cluster.kind is ClusterKind.OWN:
        return start_own(drive)
    return _on_shared(drive, lambda cluster_id: submit_ready(drive, cluster_id))


def _on_shared(drive: Drive, how: Callable[[str], RunRecord]) -> RunRecord:
    """Do it on the run's cluster, and on the next one where that one ends before the run has begun anything on it."""
    while True:
        try:
            return how(_cluster(drive, drive.look()))
        except MovedError:
            drive.edge.say(f"run {drive.plan.run_id}: its cluster has ended; going on to the next one")


def _cluster(drive: Drive, record: RunRecord) -> str:
    """Return the cluster of a run that shares it, launched where it is not there."""
    if record.cluster_id is not None:
        return record.cluster_id
    cluster = record.plan.cluster
    if cluster.id is not None:
        return cluster.id
    assert cluster.base is not None  # noqa: S101 - only a cluster that was named has none
    try:
        return launching.launch(
            drive.edge,
            cluster.base,
            lambda number: request_of(cluster, [], number),
            drive.until,
            drive.look,
        ).cluster_id
    except RefusedDeedError as refused:
        drive.end(State.FAILED, str(refused))
        raise
