"""The steps of one cluster, from PENDING to their end, as many at once as its concurrency says.

https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-concurrent-steps.html and emr-cancel-steps.html there: steps
begin in the order of their submission; a step that is being cancelled keeps its slot until it has really ended; neither
a cancelled step nor one that fails while steps may run beside each other lets ActionOnFailure act.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final, Protocol

from local_aws.emr.entities import Cluster, Json, Status, Step
from local_aws.emr.guesses import CANNOT_CANCEL_STEP, DEFAULT_ACTION_ON_FAILURE
from local_aws.emr.world import Outcome, World

TERMINATE: Final = frozenset({"TERMINATE_CLUSTER", "TERMINATE_JOB_FLOW"})
CANCEL_AND_WAIT: Final = "CANCEL_AND_WAIT"


class Owner(Protocol):
    """The cluster, as its steps know it."""

    def accepts_steps(self) -> bool:
        """Tell whether steps may begin now."""

    def steps_began(self) -> None:
        """Hear that a step runs."""

    def load_changed(self) -> None:
        """Hear that other steps run than before."""

    def steps_failed(self) -> None:
        """Hear that a step has failed that is to end the cluster."""

    def steps_done(self) -> None:
        """Hear that no step is left to run."""


class StepQueue:
    """The steps of a cluster."""

    def __init__(self, world: World, cluster: Cluster, owner: Owner) -> None:
        """Take care of a cluster's steps."""
        self._world, self._cluster, self._owner = world, cluster, owner
        self._beginning: set[str] = set()
        self._latest_start = 0

    def add(self, configs: Sequence[Mapping[str, Json]], role_arn: str | None = None) -> list[Step]:
        """Append steps, which have been checked."""
        added = []
        for config in configs:
            filled = {"ActionOnFailure": DEFAULT_ACTION_ON_FAILURE, **config}
            step = Step(self._world.ids.emr("s"), filled, Status("PENDING", self._world.now), role_arn)
            self._world.say(step.id, "PENDING", self._cluster.id)
            added.append(step)
        self._cluster.steps += added
        self.begin()
        return added

    @property
    def active(self) -> list[Step]:
        """The steps that have not ended."""
        return [step for step in self._cluster.steps if step.is_active]

    def begin(self) -> None:
        """Begin as many steps as may run."""
        if not self._owner.accepts_steps():
            return
        held = len(self._beginning) + sum(step.status.state != "PENDING" for step in self.active)
        waiting = [
            step for step in self.active if step.status.state == "PENDING" and step.id not in self._beginning
        ]
        for step in waiting[: max(0, self._cluster.concurrency - held)]:
            self._beginning.add(step.id)
            # No step overtakes another.
            drawn = self._world.now + self._world.draw(self._world.durations.step_start, step.id)
            self._latest_start = max(self._latest_start, drawn)
            self._world.agenda.after(self._latest_start - self._world.now, partial(self._run, step))
        if waiting:
            self._owner.steps_began()

    def _run(self, step: Step) -> None:
        self._beginning.discard(step.id)
        if step.status.state != "PENDING" or not self._owner.accepts_steps():
            return
        step.status.started_at = self._world.now
        self._world.change(step.status, step.id, "RUNNING")
        self._world.runner.run_step(self._cluster, step, lambda outcome: self._ended(step, outcome))
        self._owner.load_changed()

    def _ended(self, step: Step, outcome: Outcome) -> None:
        was = step.status.state
        if was not in ("RUNNING", "CANCEL_PENDING"):
            return
        if was == "CANCEL_PENDING":
            self._end(step, "CANCELLED")
        elif outcome.exit_code == 0:
            self._end(step, "COMPLETED")
        else:
            step.failure = dict(outcome.failure or {"Reason": "Unknown Error."})
            self._end(step, "FAILED")
            if self._act(step):
                return
        self.after_end()

    def after_end(self) -> None:
        """Go on with the next step, or tell the cluster that there is none."""
        self.begin()
        self._owner.load_changed()
        if not self.active:
            self._owner.steps_done()

    def _act(self, step: Step) -> bool:
        """Do what a failed step's ActionOnFailure says; tell whether the cluster ends by it."""
        if self._cluster.concurrency > 1:
            return False
        if step.action_on_failure in TERMINATE:
            self._owner.steps_failed()
            return self._cluster.is_ending
        # After the concurrency was lowered while several steps ran, this one does not act.
        is_alone = all(other.status.state == "PENDING" for other in self.active)
        if step.action_on_failure == CANCEL_AND_WAIT and is_alone:
            self.cancel_pending()
        return False

    def cancel_pending(self) -> None:
        """End the steps that have not begun."""
        for step in self.active:
            if step.status.state == "PENDING":
                self._end(step, "CANCELLED")

    def cancel(self, step_ids: Sequence[str], *, is_forced: bool) -> list[dict[str, str]]:
        """Ask for the end of steps; answers for each whether that was taken, or why not."""
        answers = [self._cancel(step_id, is_forced=is_forced) for step_id in step_ids]
        self.after_end()
        return answers

    def _cancel(self, step_id: str, *, is_forced: bool) -> dict[str, str]:
        step = self._cluster.step(step_id)
        if step is None or not self._is_cancellable(step):
            state = "not found" if step is None else step.status.state
            reason = CANNOT_CANCEL_STEP.format(state=state)
            return {"StepId": step_id, "Status": "FAILED", "Reason": reason}
        if step.status.state == "PENDING":
            self._end(step, "CANCELLED")
        elif step.status.state == "RUNNING":
            self._world.change(step.status, step.id, "CANCEL_PENDING")
            self._world.runner.stop_step(self._cluster, step, is_forced=is_forced)
        elif is_forced:
            self._world.runner.stop_step(self._cluster, step, is_forced=True)
        return {"StepId": step_id, "Status": "SUBMITTED"}

    def _is_cancellable(self, step: Step) -> bool:
        """Tell whether a step has not ended, and if it runs, whether the release can cancel it then."""
        return step.is_active and (
            step.status.state == "PENDING" or self._cluster.release.cancels_running_steps
        )

    def end_all(self, running_become: str) -> None:
        """End every step because the cluster ends: those that have not begun are cancelled."""
        for step in self.active:
            if step.status.state == "PENDING":
                self._end(step, "CANCELLED")
                continue
            self._end(step, running_become)
            self._world.runner.stop_step(self._cluster, step, is_forced=True)

    def _end(self, step: Step, state: str) -> None:
        self._beginning.discard(step.id)
        if step.status.started_at is not None:
            step.status.ended_at = self._world.now
        self._world.change(step.status, step.id, state)
