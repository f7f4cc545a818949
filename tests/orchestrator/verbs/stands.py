"""A user with files, a lake, and an account in memory: commands run there in no time."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.orchestrator_chaos.simulation import DAY_S, Circumstances, Simulation
from local_aws.api.errors import AwsError
from local_aws.emr.simulated_runner import StepPlan
from orchestrator.aws.objects import Objects
from orchestrator.engine.edge import Edge
from orchestrator.verbs.plan import Asked, Planned, plan
from tests.orchestrator.planning.world import BUCKET, Lake, write_files

QUICK = StepPlan("", minutes=(1, 2))


@dataclass
class Stand:
    """The user's folder, and what the user's commands meet; `said` is what they were told."""

    folder: Path
    steps: list[StepPlan] = field(default_factory=lambda: [QUICK])
    lake: Lake = field(default_factory=Lake)
    said: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Write the files, and begin with an empty account."""
        write_files(self.folder)
        self.simulation = Simulation(Circumstances(steps=self.steps))

    def do(self, command: Callable[[Edge], Any], begins_at: float = 0.0) -> Any:
        """Run a command to its end, and return what it returns."""
        actor = self.simulation.actor(f"user {len(self.simulation.wires)}", command, begins_at)
        self.simulation.play([actor])
        if actor.error is not None:
            raise actor.error
        return actor.result

    def ask(self, what: str, **further: Any) -> Asked:
        """Ask for something, by the names of files in the folder."""
        for name in ("job", "cluster"):
            if ".yaml" in str(further.get(name)):
                further[name] = str(self.folder / further[name])
        return Asked(str(self.folder / what), **further)

    def planned(self, edge: Edge, what: str, **further: Any) -> Planned:
        """Plan it, as a part of a command."""
        asked = self.ask(what, **further)
        return plan(edge, Objects(self.lake, edge.clock), BUCKET, asked, edge.clock.now() + DAY_S)

    def plan(self, what: str, **further: Any) -> Planned:
        """Plan it."""
        made = self.do(lambda edge: self.planned(edge, what, **further))
        assert isinstance(made, Planned)
        return made

    def refuse(self, operation: str, code: str = "AccessDeniedException") -> None:
        """Let EMR refuse an operation from now on."""
        answer = self.simulation.emr.call

        def call(name: str, request: Mapping[str, Any]) -> Any:
            if name == operation:
                raise AwsError(code, "not for you")
            return answer(name, request)

        self.simulation.emr.call = call  # type: ignore[method-assign] # it is what clients call

    def calls(self, operation: str) -> int:
        """Count the calls of an operation."""
        return sum(line.split()[1:] == ["CALL", operation] for line in self.simulation.emr.world.trace)

    def sent(self, cluster_id: str) -> dict[str, Any]:
        """Return the request that a cluster was launched by."""
        return dict(self.simulation.emr.cluster(cluster_id).request)
