"""Looking at clusters and steps again and again, for all runs of a process at once, below EMR's rates.

One or two clusters are described; more are listed, fifty a page. Steps are listed by cluster, and an answer is good for
as long as asking for all of them takes.
"""

from dataclasses import dataclass, field
from typing import Final

from orchestrator.aws.clock import Clock
from orchestrator.aws.emr import Emr, Record
from orchestrator.aws.limiter import BUCKETS, SHARE

ACTIVE: Final = ("STARTING", "BOOTSTRAPPING", "RUNNING", "WAITING", "TERMINATING")
_FEW: Final = 2
_STEP_LISTS_PER_S: Final = BUCKETS["ListSteps"].refill_per_s * SHARE


@dataclass
class Poller:
    """What was seen last, and when; `fresh_s` is how old an answer may be."""

    emr: Emr
    clock: Clock
    fresh_s: float = 10
    _watched: set[str] = field(default_factory=set)
    _status: dict[str, tuple[float, Record]] = field(default_factory=dict)
    _steps: dict[str, tuple[float, list[Record]]] = field(default_factory=dict)
    _listed_at: float = 0

    def watch(self, cluster_id: str) -> None:
        """Keep an eye on a cluster."""
        self._watched.add(cluster_id)

    def leave(self, cluster_id: str) -> None:
        """Look at it no more."""
        self._watched.discard(cluster_id)

    def status(self, cluster_id: str, until: float) -> Record:
        """Return the state of a cluster (`ClusterStatus`)."""
        if len(self._watched) > _FEW and self.clock.now() - self._listed_at >= self.fresh_s:
            self._list(until)
        seen = self._status.get(cluster_id)
        if seen is None or self.clock.now() - seen[0] >= self.fresh_s:
            # Few, or one that lists do not show: too new for them, or ended.
            described = self.emr.status(cluster_id, until)
            self._status[cluster_id] = seen = (self.clock.now(), described)
        return seen[1]

    def steps(self, cluster_id: str, until: float) -> list[Record]:
        """Return the steps of a cluster (`StepSummary`), oldest first."""
        seen = self._steps.get(cluster_id)
        if seen is None or self.clock.now() - seen[0] >= max(
            self.fresh_s, len(self._watched) / _STEP_LISTS_PER_S
        ):
            return self.steps_now(cluster_id, until)
        return seen[1]

    def steps_now(self, cluster_id: str, until: float) -> list[Record]:
        """Ask for the steps of a cluster, however new the last answer is."""
        found = self.emr.steps(cluster_id, until)
        self._steps[cluster_id] = (self.clock.now(), found)
        return found

    def _list(self, until: float) -> None:
        self._listed_at = self.clock.now()
        for cluster in self.emr.clusters(until, states=ACTIVE):
            if cluster["Id"] in self._watched:
                self._status[str(cluster["Id"])] = (self._listed_at, cluster["Status"])
