"""What all clusters of an account in a Region share: time, ids, supply, how long things take, and who runs steps."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from local_aws.emr.entities import Cluster, Instance, Status, Step
from local_aws.emr.ids import Ids
from local_aws.emr.scene import Scene
from local_aws.emr.supply import RegionSupply

SECOND: Final = 1000
MINUTE: Final = 60 * SECOND


@dataclass(frozen=True)
class Durations:
    """How long things take, in milliseconds; where there are two, a seeded draw lies between.

    By default about what clusters on AWS take: four to seven minutes to be ready, one to five to end.
    """

    request: int = 2 * SECOND
    provision: tuple[int, int] = (60 * SECOND, 120 * SECOND)
    applications: tuple[int, int] = (120 * SECOND, 180 * SECOND)
    bootstrap_action: tuple[int, int] = (10 * SECOND, 30 * SECOND)
    step_start: tuple[int, int] = (3 * SECOND, 10 * SECOND)
    retry_capacity: int = 30 * SECOND
    spot_notice: int = 2 * MINUTE
    notice_loss: int = 60 * SECOND
    shrink: tuple[int, int] = (30 * SECOND, 120 * SECOND)
    scale: int = 60 * SECOND
    terminate: tuple[int, int] = (60 * SECOND, 300 * SECOND)
    # How long On-Demand capacity is asked for at launch, before the cluster is given up.
    on_demand_patience: int = 20 * MINUTE
    # How long the applications on an instance that is to go may hold it up, as YARN on EMR has it.
    decommission: int = 60 * MINUTE

    def faster(self, times: int) -> "Durations":
        """Return the same, but with the lives of clusters so many times shorter; what AWS promises stays as it is."""
        names = ("spot_notice", "on_demand_patience", "decommission")
        promised = {name: getattr(self, name) for name in names}
        shorter = {name: _divided(value, times) for name, value in vars(self).items()}
        return Durations(**{**shorter, **promised})


def _divided(value: Any, times: int) -> Any:
    return tuple(part // times for part in value) if isinstance(value, tuple) else value // times


@dataclass(frozen=True)
class Outcome:
    """How a step or a bootstrap action ended.

    Its exit code; for a step, what the failure was; for a bootstrap action, whether its script could not be fetched.
    """

    exit_code: int = 0
    failure: Mapping[str, str] | None = None
    is_missing: bool = False


# What a runner hears of instances.
RUNNING, NOTICED, LEAVING, STAYING, GONE = "RUNNING", "NOTICED", "LEAVING", "STAYING", "GONE"


class Runner(Protocol):
    """Who runs steps and bootstrap actions; each `done` is called once, later, unless it is stopped before."""

    def run_step(self, cluster: Cluster, step: Step, done: Callable[[Outcome], None], /) -> None:
        """Begin a step."""

    def stop_step(self, cluster: Cluster, step: Step, /, *, is_forced: bool) -> None:
        """End a step before its time; its `done` may still be called, or is called when it has ended."""

    def run_bootstrap(
        self, cluster: Cluster, instance: Instance, number: int, done: Callable[[Outcome], None]
    ) -> None:
        """Begin a bootstrap action, counted from 1, on an instance."""

    def instance_changed(self, cluster: Cluster, instance: Instance, change: str) -> None:
        """Hear that an instance is ready, has notice, is to go, is to stay after all, or is gone: RUNNING to GONE."""

    def may_let_go(self, cluster: Cluster, instance: Instance) -> bool:
        """Tell whether nothing runs any more on an instance that is to go."""

    def end(self, cluster: Cluster) -> None:
        """Hear that a cluster shuts down; its steps have been stopped before."""

    def demand(self, cluster: Cluster) -> int:
        """Return the units of capacity that the applications of running steps ask YARN for."""


@dataclass
class World(Scene):
    """The account in its Region."""

    ids: Ids
    supply: RegionSupply
    durations: Durations
    runner: Runner = field(init=False)
    clusters: dict[str, Cluster] = field(default_factory=dict)

    def change(
        self, status: Status, of: str, state: str, code: str | None = None, message: str | None = None
    ) -> None:
        """Bring a thing into a state, with the reason for it, and trace it."""
        status.state, status.code, status.message = state, code, message
        self.say(of, state, code or "-", message or "-")
