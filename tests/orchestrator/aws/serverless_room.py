"""An embedded EMR Serverless in this process, and the orchestrator's edge to it."""

import random
from typing import Any

from benchmarks.orchestrator_chaos.direct import DirectClient, VirtualClock
from benchmarks.serverless_chaos.requests import application_request, job_run_request
from local_aws.emr.emulator import Emr as EmbeddedEmr
from local_aws.emr.faults import CallFault
from local_aws.emr.simulated_runner import SimulatedRunner as StepRunner
from local_aws.serverless.emulator import OPERATIONS, SERVICE
from local_aws.serverless.emulator import Serverless as EmbeddedServerless
from local_aws.serverless.simulated_runner import AttemptPlan, SimulatedRunner
from orchestrator.aws.both import EmrWithServerless
from orchestrator.aws.serverless import Serverless


class Room:
    """Both services at the same time, their quotas included; `said` is what the edge had to say."""

    def __init__(self, *plans: AttemptPlan) -> None:
        """Begin with nothing there."""
        self.said: list[str] = []
        embedded_emr = EmbeddedEmr(StepRunner)
        self.embedded = EmbeddedServerless(
            lambda world: SimulatedRunner(world, [*plans, AttemptPlan("", (1, 2))]),
            agenda=embedded_emr.world.agenda,
        )
        self.clock = VirtualClock(embedded_emr)
        draws = random.Random(1)  # noqa: S311 - repeatable, no secret
        self.client = DirectClient(self.embedded, SERVICE, OPERATIONS)
        self.serverless = Serverless(self.client, self.clock, draws=draws)
        client = DirectClient(embedded_emr)
        self.emr = EmrWithServerless(
            client, client, self.serverless, self.clock, draws=draws, say=self.said.append
        )

    def until(self, hours: float = 1) -> float:
        """Return an instant."""
        return self.clock.now() + hours * 3600

    def fault(self, kind: str, operation: str, rate: float = 1.0) -> None:
        """Let calls of an operation fail from now on."""
        self.embedded.faults.script.append(CallFault(kind, rate, operation))

    def mend(self) -> None:
        """Let no call fail any more."""
        self.embedded.faults.script.clear()

    def application(self, **further: Any) -> str:
        """Create an application, and let it come up."""
        made = self.serverless.create(application_request("made", **further), self.until())
        self.clock.sleep(60)
        return made

    def count(self) -> tuple[int, int]:
        """Tell how many applications and job runs there have ever been."""
        account = self.embedded.service.account
        return len(account.applications), len(account.job_runs)


def run_request(token: str = "run", **further: Any) -> dict[str, Any]:  # noqa: S107 - no secret
    """Ask for a job run, but for the application."""
    asked = job_run_request("", token, name=f"job {token}", **further)
    del asked["applicationId"]
    return asked
