"""Attempts that only take their time: for simulations of many hours in a moment."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from local_aws.serverless.entities import JobRun
from local_aws.serverless.world import MINUTE, SECOND, Outcome, World


@dataclass(frozen=True)
class AttemptPlan:
    """How attempts of job runs whose name matches a pattern go: how long they take, and how the first so many end.

    Those after the first `times` end well; None: all end so.
    """

    name: str
    minutes: tuple[float, float] = (5, 30)
    exit_code: int = 0
    times: int | None = None


@dataclass
class SimulatedRunner:
    """A runner that does nothing but end things at their time; of the plans that match, the first counts."""

    world: World
    plans: list[AttemptPlan] = field(default_factory=list)
    # All that was ever begun, in its order.
    begun: list[tuple[str, int]] = field(default_factory=list)
    _running: dict[tuple[str, int], Callable[[Outcome], None]] = field(default_factory=dict)

    def run(self, job_run: JobRun, attempt: int, done: Callable[[Outcome], None], /) -> None:
        """Let an attempt end after its time."""
        plan = self._plan(job_run)
        low, high = plan.minutes
        delay = self.world.draw((int(low * MINUTE), int(high * MINUTE)), "attempt", job_run.id, attempt)
        fails = plan.exit_code and (plan.times is None or attempt <= plan.times)
        outcome = Outcome(plan.exit_code, "planned") if fails else Outcome()
        self.begun.append((job_run.id, attempt))
        self._running[job_run.id, attempt] = done
        self.world.agenda.after(delay, lambda: self._end((job_run.id, attempt), outcome))

    def stop(self, job_run: JobRun, attempt: int, /, *, is_forced: bool) -> None:
        """End an attempt: at once by force, else after some seconds."""
        delay = 0 if is_forced else 5 * SECOND
        self.world.agenda.after(delay, lambda: self._end((job_run.id, attempt), Outcome(143)))

    @property
    def running(self) -> int:
        """How many attempts run."""
        return len(self._running)

    def begin_nothing(self) -> None:
        """Do nothing: a server that ends has nothing of it to end."""

    def close(self) -> None:
        """Do nothing, as above."""

    def _plan(self, job_run: JobRun) -> AttemptPlan:
        name = str(job_run.request.get("name", ""))
        return next((plan for plan in self.plans if re.search(plan.name, name)), AttemptPlan(""))

    def _end(self, of: tuple[str, int], outcome: Outcome) -> None:
        if done := self._running.pop(of, None):
            done(outcome)
