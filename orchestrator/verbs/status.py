"""Tells how far runs are, by what AWS says now."""

from dataclasses import dataclass, field
from typing import Final

import msgspec

from orchestrator.aws.emr import Record, is_forgotten
from orchestrator.aws.faults import RefusedCallError
from orchestrator.engine import records
from orchestrator.engine.deeds import ENDED
from orchestrator.engine.edge import Edge
from orchestrator.engine.judging import cluster_failure
from orchestrator.engine.looking import by_steps
from orchestrator.engine.records import RunRecord, State

# EMR forgets clusters two months after their end: https://docs.aws.amazon.com/emr/latest/APIReference/API_ListClusters.html
FORGOTTEN: Final = "FORGOTTEN"
STOPPED: Final = "stopped"


@dataclass(frozen=True)
class Seen:
    """A run as it is now; `cluster` is EMR's state of its cluster, None where there is none yet, or the run is over.

    `why` tells how the cluster ended that has ended under a run which is not over, as nobody was there to see it.
    """

    record: RunRecord
    cluster: str | None = None
    why: str | None = None

    @property
    def is_over(self) -> bool:
        """Tell whether nothing is left to wait for."""
        return self.record.state in records.OVER

    @property
    def state(self) -> str:
        """Return the run's state; `stopped` is one that neither goes on nor has been seen to its end."""
        has_ended = self.cluster is not None and self.cluster in {*ENDED, FORGOTTEN}
        return STOPPED if has_ended and not self.is_over else str(self.record.state)


def runs(edge: Edge, until: float, most: int | None = None) -> tuple[list[Seen], int]:
    """Return runs as they are now, the newest first, up to so many; and how many there are.

    Every record is read, as their names tell no time; AWS is asked about those that are shown and not over.
    """
    found = [records.find(edge, run_id, until) for run_id in records.run_ids(edge, until)]
    newest = sorted(filter(None, found), key=lambda record: record.began_at, reverse=True)
    looks = _Looks(edge, until)
    return [_seen(looks, record) for record in newest[:most]], len(newest)


def status(edge: Edge, run_id: str, until: float) -> Seen:
    """Return a run as it is now, whether somebody waits for it or not; nothing is written.

    Raises:
        UsageError: There is no such run.
    """
    return _seen(_Looks(edge, until), records.read(edge, run_id, until))


@dataclass
class _Looks:
    """What EMR has said of clusters, each asked about once: many runs may share one."""

    edge: Edge
    until: float
    _status: dict[str, Record] = field(default_factory=dict)
    _steps: dict[str, list[Record]] = field(default_factory=dict)

    def status(self, cluster_id: str) -> Record:
        if cluster_id not in self._status:
            try:
                self._status[cluster_id] = self.edge.emr.cluster(cluster_id, self.until)["Status"]
            except RefusedCallError as refused:
                if not is_forgotten(refused):
                    raise
                self._status[cluster_id] = {"State": FORGOTTEN}
        return self._status[cluster_id]

    def steps(self, cluster_id: str) -> list[Record]:
        if cluster_id not in self._steps:
            self._steps[cluster_id] = self.edge.emr.steps(cluster_id, self.until)
        return self._steps[cluster_id]


def _seen(looks: _Looks, record: RunRecord) -> Seen:
    if record.state in records.OVER or record.cluster_id is None:
        return Seen(record)
    status = looks.status(record.cluster_id)
    state = str(status["State"])
    if state == FORGOTTEN:
        return Seen(record, state, f"cluster {record.cluster_id}: EMR does not know it (any more)")
    jobs = by_steps(record, looks.steps(record.cluster_id))
    is_done = all(job.state is State.SUCCEEDED for job in jobs.values())
    seen = msgspec.structs.replace(record, jobs=jobs, state=State.SUCCEEDED if is_done else record.state)
    if is_done or state not in ENDED:
        return Seen(seen, state)
    return Seen(seen, state, str(cluster_failure(record.cluster_id, status)))
