"""Progress on standard error: news at once, and a sign of life now and then."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from orchestrator.aws.emr import Emr
from orchestrator.commands.progress import Teller
from orchestrator.engine.drive import Progress
from orchestrator.engine.edge import Edge
from orchestrator.errors import RefusedError
from tests.orchestrator.aws.pretended import StillClock

FLEETS: list[dict[str, Any]] = [
    {"InstanceFleetType": "MASTER", "TargetOnDemandCapacity": 1, "ProvisionedOnDemandCapacity": 1},
    {
        "InstanceFleetType": "TASK",
        "TargetOnDemandCapacity": 4,
        "ProvisionedOnDemandCapacity": 2,
        "TargetSpotCapacity": 8,
    },
    {"InstanceFleetType": "CORE"},
]


@dataclass
class Watched:
    """A teller, what it says, and the fleets that it asks for."""

    monkeypatch: pytest.MonkeyPatch
    said: list[str] = field(default_factory=list)
    asked: int = 0
    fleets: list[dict[str, Any]] | None = None

    def __post_init__(self) -> None:
        """Make it."""
        self.clock = StillClock()
        emr = Emr(None, None, self.clock)
        self.monkeypatch.setattr(emr, "fleets", self._fleets)
        store: Any = None
        self.teller = Teller(Edge(emr, store, self.clock, str, say=self.said.append))

    def _fleets(self, cluster_id: str, until: float) -> list[dict[str, Any]]:
        assert (cluster_id, until > self.clock.now()) == ("j-1", True)
        self.asked += 1
        if self.fleets is None:
            raise RefusedError("it has groups")
        return self.fleets

    def tell(self, cluster: str, after_s: float = 0, cluster_id: str | None = "j-1", **jobs: str) -> None:
        """Let time pass, and tell."""
        self.clock.sleep(after_s)
        self.teller.tell(Progress("r1", cluster_id, cluster, jobs))


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> Watched:
    """Give one."""
    return Watched(monkeypatch, fleets=FLEETS)


def test_phase_fleets_steps_and_elapsed_time_are_told(watched: Watched) -> None:
    watched.tell("STARTING")
    watched.tell("RUNNING", 3725, readings="RUNNING", hourly="PENDING")
    assert watched.said == [
        "[0:00:00] cluster j-1 STARTING; master 1/1 On-Demand, task 2/4 On-Demand + 0/8 Spot, core 0",
        "[1:02:05] cluster j-1 RUNNING; readings RUNNING; hourly PENDING",
    ]


def test_no_news_are_told_once_a_minute(watched: Watched) -> None:
    for _ in range(13):
        watched.tell("RUNNING", 10, readings="RUNNING")
    assert [line.partition("]")[0] for line in watched.said] == ["[0:00:10", "[0:01:10", "[0:02:10"]


def test_fleets_are_asked_for_every_half_minute_and_only_while_they_fill(watched: Watched) -> None:
    for _ in range(10):
        watched.tell("STARTING", 10)
    assert watched.asked == 4
    watched.tell("RUNNING", 10)
    watched.tell("STARTING", 10, cluster_id=None)
    assert watched.asked == 4


def test_a_cluster_without_fleets_is_told_without(watched: Watched) -> None:
    watched.fleets = None
    for _ in range(4):
        watched.tell("BOOTSTRAPPING", 10)
    assert watched.said == ["[0:00:10] cluster j-1 BOOTSTRAPPING"]
    assert watched.asked <= 2
