"""An account for the reaper: clusters of ours and of strangers in the embedded EMR, in virtual time."""

import random
from typing import Any

from benchmarks.emr_chaos.requests import launch_request, step
from benchmarks.orchestrator_chaos.direct import DirectClient, VirtualClock
from local_aws.emr.emulator import Emr as EmbeddedEmr
from local_aws.emr.faults import CallFault
from local_aws.emr.simulated_runner import SimulatedRunner, StepPlan
from orchestrator.aws.emr import Emr
from orchestrator.identity import Token, named
from orchestrator.ownership import Ownership

OWNER = "mine"


class Room:
    """The account, and the edge to it as a process would have it that has just begun."""

    def __init__(self, seed: str = "0") -> None:
        """Begin without clusters."""
        plans = [StepPlan("^long", (600, 600)), StepPlan("", (5, 30))]
        self.embedded = EmbeddedEmr(lambda world: SimulatedRunner(world, plans), seed=seed)
        self.clock, self.client = VirtualClock(self.embedded), DirectClient(self.embedded)
        self._numbers = random.Random(seed)  # noqa: S311 - repeatable, no secret

    def emr(self) -> Emr:
        """Return a new edge: its buckets are full."""
        return Emr(self.client, self.client, self.clock, draws=random.Random(self._numbers.random()))  # noqa: S311 - as above

    def until(self, seconds: float = 3600) -> float:
        """Return an instant."""
        return self.clock.now() + seconds

    def launch(self, base: str = "a", ownership: Ownership | None = None, **further: Any) -> str:
        """Launch a cluster of ours, past the quotas."""
        tags = (ownership or Ownership(OWNER, "r1", 3600, 600)).tags()
        name = further.pop("name", named("nightly", Token((base * 20)[:20])))
        return self.launch_other(name, Tags=tags, **further)

    def launch_other(self, name: str, **further: Any) -> str:
        """Launch any cluster, past the quotas and faults."""
        quotas, faults = self.embedded.quotas, self.embedded.faults.script
        self.embedded.quotas, self.embedded.faults.script = None, []
        try:
            cluster_id = self.client.run_job_flow(**launch_request(name, **further))["JobFlowId"]
        finally:
            self.embedded.quotas, self.embedded.faults.script = quotas, faults
        return str(cluster_id)

    def state(self, cluster_id: str) -> str:
        """Return a cluster's state."""
        return self.embedded.cluster(cluster_id).status.state

    def fault(self, kind: str, rate: float = 1.0, operation: str | None = None) -> None:
        """Let calls fail."""
        self.embedded.faults.script.append(CallFault(kind, rate, operation))

    def calls(self) -> list[str]:
        """Return the operations that were called, with what became of them."""
        return [line.split(" CALL ", 1)[1] for line in self.embedded.world.trace if " CALL " in line]


__all__ = ["OWNER", "Room", "step"]
