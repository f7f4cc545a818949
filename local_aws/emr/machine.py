"""The life of one cluster: STARTING, BOOTSTRAPPING, RUNNING and WAITING in turns, TERMINATING, and its end.

https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-overview.html#emr-overview-cluster-lifecycle
"""

from collections.abc import Sequence
from copy import copy
from typing import Final

from local_aws.emr.entities import TASK, Cluster, Json
from local_aws.emr.guesses import (
    IDLE_TERMINATION_CODE,
    IDLE_TERMINATION_MESSAGE,
    INTERRUPTING_CODES,
    WAITING_AFTER_CANCEL,
)
from local_aws.emr.provisioning import Provisioner
from local_aws.emr.scaling import Scaler
from local_aws.emr.steps import StepQueue
from local_aws.emr.world import SECOND, World

_READY: Final = frozenset({"RUNNING", "WAITING"})
_UP: Final = frozenset({"BOOTSTRAPPING", "RUNNING"})
# HDFS that is fuller is never idle.
_IDLE_HDFS: Final = 0.1
_WITHOUT_ERRORS: Final = frozenset({"USER_REQUEST", "ALL_STEPS_COMPLETED"})
_COMPLETED_WITH_ERRORS: Final = "Steps completed with errors"
_WAITING: Final = {
    "COMPLETED": "Cluster ready after last step completed.",
    "FAILED": "Cluster ready after last step failed.",
    "CANCELLED": WAITING_AFTER_CANCEL,
}


class Machine:
    """A cluster with its steps, its instances and its scaling."""

    def __init__(self, world: World, cluster: Cluster) -> None:
        """Take care of a cluster that was just asked for."""
        self.world, self.cluster = world, cluster
        self.steps = StepQueue(world, cluster, self)
        self.provisioner = Provisioner(world, cluster, self)
        self.scaler = Scaler(world, cluster, self.provisioner)
        self._watch = 0
        self._remember()

    def start(self, zones: Sequence[str], failure: tuple[str, str] | None = None) -> None:
        """Begin to provision; or fail, as AWS finds some faults only after it has accepted a request."""
        self.world.agenda.after(self.world.durations.request, lambda: self._provision(zones, failure))

    def _provision(self, zones: Sequence[str], failure: tuple[str, str] | None) -> None:
        if self.cluster.is_ending:
            return
        if failure:
            self.terminate(*failure)
            return
        self._become("STARTING", None, "Provisioning Amazon EC2 capacity")
        self.provisioner.launch(zones)

    def capacity_changed(self) -> None:
        """Go on once master and core are there, and once they are ready; a task fleet holds nothing up."""
        if self.cluster.status.state not in ("STARTING", "BOOTSTRAPPING"):
            return
        required = [found for found in self.cluster.collections if found.role != TASK]
        states = {instance.status.state for found in required for instance in found.live}
        if (
            self.cluster.status.state == "STARTING"
            and all(found.is_fulfilled for found in required)
            and states <= _UP
        ):
            self._become("BOOTSTRAPPING", None, "Running bootstrap actions")
        is_up = all(found.status.state == "RUNNING" for found in required)
        if self.cluster.status.state == "BOOTSTRAPPING" and is_up:
            self._get_ready()

    def _get_ready(self) -> None:
        self.cluster.status.ready_at = self.world.now
        if self.steps.active:
            self._become("RUNNING", None, "Running step")
            self.steps.begin()
        elif self.cluster.keeps_alive:
            self._wait("Cluster ready to run steps.")
        else:
            self._complete()
        self.scaler.look_soon()

    def accepts_steps(self) -> bool:
        """Tell whether steps may begin now."""
        return self.cluster.status.state in _READY

    def steps_began(self) -> None:
        """Be RUNNING."""
        if self.cluster.status.state == "WAITING":
            self.cluster.idle_since = None
            self._become("RUNNING", None, "Running step")

    def load_changed(self) -> None:
        """Let the size of the cluster follow."""
        self.scaler.look_soon()

    def steps_failed(self) -> None:
        """End, unless termination protection keeps a cluster that lives on after its steps."""
        if self.cluster.is_protected and self.cluster.keeps_alive:
            self.steps.cancel_pending()
        else:
            self.terminate("STEP_FAILURE", "Shut down as step failed")

    def steps_done(self) -> None:
        """Wait for further steps, or end."""
        if self.cluster.status.state != "RUNNING":
            return
        if self.cluster.keeps_alive:
            last = self.cluster.steps[-1].status.state
            self._wait(_WAITING.get(last, _WAITING["COMPLETED"]))
        else:
            self._complete()

    def gave_up(self, code: str, message: str, *details: Json) -> None:
        """End with errors."""
        if not self.cluster.is_ending:
            self.cluster.error_details += details
        self.terminate(code, message)

    def keep_alive(self, *, keeps_alive: bool) -> None:
        """Live on after the last step, or not; one that waits then ends."""
        self.cluster.keeps_alive = keeps_alive
        if not keeps_alive and self.cluster.status.state == "WAITING":
            self._complete()

    def watch_idleness(self) -> None:
        """Look again whether the cluster has been idle for as long as its auto-termination policy says."""
        timeout, since = self.cluster.idle_timeout, self.cluster.idle_since
        self._watch += 1
        watch = self._watch
        if timeout is not None and since is not None:
            wait = since + timeout * SECOND - self.world.now
            self.world.agenda.after(wait, lambda: self._end_if_idle(timeout, since, watch))

    def _end_if_idle(self, timeout: int, since: int, watch: int) -> None:
        if (
            self._watch != watch
            or (self.cluster.idle_timeout, self.cluster.idle_since) != (timeout, since)
            or self.cluster.is_ending
        ):
            return
        if self.cluster.hdfs_use >= _IDLE_HDFS or self.cluster.is_protected:
            self.world.agenda.after(timeout * SECOND, lambda: self._end_if_idle(timeout, since, watch))
        else:
            self.terminate(IDLE_TERMINATION_CODE, IDLE_TERMINATION_MESSAGE)

    def terminate(self, code: str, message: str) -> None:
        """Shut down: steps end at once, instances and the cluster somewhat later."""
        if self.cluster.is_ending:
            return
        self._become("TERMINATING", code, message)
        self.steps.end_all("INTERRUPTED" if code in INTERRUPTING_CODES else "CANCELLED")
        self.world.runner.end(self.cluster)
        for found in self.cluster.collections:
            self.world.change(
                found.status, found.id, "TERMINATING", "CLUSTER_TERMINATED", "Job flow terminated"
            )
        delay = self.world.draw(self.world.durations.terminate, self.cluster.id)
        self.world.agenda.after(delay, lambda: self._end(code, message))

    def _end(self, code: str, message: str) -> None:
        self.provisioner.end_all()
        for found in self.cluster.collections:
            found.status.ended_at = self.world.now
            self.world.change(
                found.status, found.id, "TERMINATED", "CLUSTER_TERMINATED", "Job flow terminated"
            )
        self.cluster.status.ended_at = self.world.now
        is_clean = code in _WITHOUT_ERRORS or message == _COMPLETED_WITH_ERRORS
        self._become("TERMINATED" if is_clean else "TERMINATED_WITH_ERRORS", code, message)

    def _complete(self) -> None:
        if any(step.status.state == "FAILED" for step in self.cluster.steps):
            self.terminate("STEP_FAILURE", _COMPLETED_WITH_ERRORS)
        else:
            self.terminate("ALL_STEPS_COMPLETED", "Steps completed")

    def _wait(self, message: str) -> None:
        self._become("WAITING", None, message)
        self.cluster.idle_since = self.world.now
        self.watch_idleness()

    def _become(self, state: str, code: str | None, message: str) -> None:
        self.world.change(self.cluster.status, self.cluster.id, state, code, message)
        self._remember()

    def _remember(self) -> None:
        self.cluster.history.append((self.world.now, copy(self.cluster.status)))
