"""Steps and bootstrap actions that only take their time: for simulations of many hours in a moment."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from local_aws.emr.entities import Cluster, Instance, Step
from local_aws.emr.world import MINUTE, SECOND, Outcome, World


@dataclass(frozen=True)
class StepPlan:
    """How steps whose name matches a pattern go: how long they take, how they end, what they ask YARN for."""

    name: str
    minutes: tuple[float, float] = (5, 30)
    exit_code: int = 0
    demand: int = 4


@dataclass(frozen=True)
class BootstrapPlan:
    """How a bootstrap action goes on instances of a role (None: all), for the first so many of them (None: all).

    One that `is_missing` could not be fetched.
    """

    number: int
    role: str | None = None
    exit_code: int = 1
    times: int | None = None
    is_missing: bool = False


@dataclass
class SimulatedRunner:
    """A runner that does nothing but end things at their time; of the plans that match, the first counts."""

    world: World
    steps: list[StepPlan] = field(default_factory=list)
    bootstraps: list[BootstrapPlan] = field(default_factory=list)
    _running: dict[str, Callable[[Outcome], None]] = field(default_factory=dict)
    _used: dict[int, int] = field(default_factory=dict)

    def run_step(self, _cluster: Cluster, step: Step, done: Callable[[Outcome], None], /) -> None:
        """Let a step end after its time."""
        plan = self._plan(step)
        low, high = plan.minutes
        delay = self.world.draw((int(low * MINUTE), int(high * MINUTE)), "step", step.id)
        self._running[step.id] = done
        self.world.agenda.after(delay, lambda: self._end(step.id, Outcome(plan.exit_code)))

    def stop_step(self, _cluster: Cluster, step: Step, /, *, is_forced: bool) -> None:
        """End a step: at once by force, else after some seconds."""
        delay = 0 if is_forced else 5 * SECOND
        self.world.agenda.after(delay, lambda: self._end(step.id, Outcome(143)))

    def run_bootstrap(
        self, cluster: Cluster, instance: Instance, number: int, done: Callable[[Outcome], None]
    ) -> None:
        """Let a bootstrap action end after its time."""
        outcome = self._outcome(instance, number)
        delay = self.world.draw(self.world.durations.bootstrap_action, cluster.id, instance.id, number)
        self.world.agenda.after(delay, lambda: done(outcome))

    def instance_changed(self, cluster: Cluster, instance: Instance, change: str) -> None:
        """Do nothing: steps do not run on instances."""

    def may_let_go(self, _cluster: Cluster, _instance: Instance) -> bool:
        """Let every instance go."""
        return True

    def end(self, cluster: Cluster) -> None:
        """Do nothing: bootstrap actions of instances that are gone are not heard of again."""

    def demand(self, cluster: Cluster) -> int:
        """Add up what running steps ask for."""
        return sum(self._plan(step).demand for step in cluster.steps if step.id in self._running)

    @property
    def running(self) -> int:
        """How many steps run."""
        return len(self._running)

    def begin_nothing(self) -> None:
        """Do nothing: a server that ends has nothing of it to end."""

    def close(self) -> None:
        """Do nothing, as above."""

    def _plan(self, step: Step) -> StepPlan:
        name = str(step.config["Name"])
        return next((plan for plan in self.steps if re.search(plan.name, name)), StepPlan(""))

    def _outcome(self, instance: Instance, number: int) -> Outcome:
        for at, plan in enumerate(self.bootstraps):
            used = self._used.get(at, 0)
            is_meant = plan.number == number and plan.role in (None, instance.role)
            if is_meant and (plan.times is None or used < plan.times):
                self._used[at] = used + 1
                return Outcome(plan.exit_code, is_missing=plan.is_missing)
        return Outcome()

    def _end(self, step_id: str, outcome: Outcome) -> None:
        if done := self._running.pop(step_id, None):
            done(outcome)
