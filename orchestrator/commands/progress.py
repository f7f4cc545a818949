"""Progress of a run on standard error: a line when something has changed, and one now and then while nothing does."""

from dataclasses import dataclass, field
from typing import Final

from orchestrator.engine.drive import Progress
from orchestrator.engine.edge import Edge
from orchestrator.errors import OrchestratorError

_QUIET_S: Final = 60.0
_PROVISIONING: Final = frozenset({"STARTING", "BOOTSTRAPPING"})
_FLEETS_EVERY_S: Final = 30.0


@dataclass
class Teller:
    """Tells the phase, the steps, how far fleets are filled while they are, and the time that went by."""

    edge: Edge
    _began_at: float = field(init=False)
    _told: str = ""
    _told_at: float = 0.0
    _fleets: str = ""
    _fleets_at: float | None = None

    def __post_init__(self) -> None:
        """Begin to count."""
        self._began_at = self.edge.clock.now()

    def tell(self, progress: Progress) -> None:
        """Say how far it is, where that is news."""
        text = self._text(progress)
        now = self.edge.clock.now()
        if text != self._told or now - self._told_at >= _QUIET_S:
            self._told, self._told_at = text, now
            self.edge.say(f"[{_elapsed(now - self._began_at)}] {text}")

    def _text(self, progress: Progress) -> str:
        parts = [f"cluster {progress.cluster_id} {progress.cluster}"]
        if progress.cluster in _PROVISIONING and progress.cluster_id is not None:
            parts.append(self._filled(progress.cluster_id))
        parts += [f"{job} {state}" for job, state in progress.jobs.items()]
        return "; ".join(filter(None, parts))

    def _filled(self, cluster_id: str) -> str:
        now = self.edge.clock.now()
        if self._fleets_at is None or now - self._fleets_at >= _FLEETS_EVERY_S:
            self._fleets_at = now
            try:
                self._fleets = ", ".join(map(_fleet, self.edge.emr.fleets(cluster_id, now + _FLEETS_EVERY_S)))
            except OrchestratorError:  # a cluster of groups has none; and progress is no reason to stop
                self._fleets = ""
        return self._fleets


def _fleet(fleet: object) -> str:
    told = fleet if isinstance(fleet, dict) else {}
    kinds = [
        f"{told.get(f'Provisioned{kind}Capacity', 0)}/{target} {name}"
        for kind, name in (("OnDemand", "On-Demand"), ("Spot", "Spot"))
        if (target := told.get(f"Target{kind}Capacity", 0))
    ]
    return f"{str(told.get('InstanceFleetType', '')).lower()} {' + '.join(kinds) or '0'}"


def _elapsed(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}"
