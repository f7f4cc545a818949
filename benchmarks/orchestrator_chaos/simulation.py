"""One account in memory, and orchestrators that meet there."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from benchmarks.emr_chaos.requests import FLEETS, launch_request
from benchmarks.orchestrator_chaos.calls import Fault, Script, Wire, WiredClient
from benchmarks.orchestrator_chaos.direct import DirectClient
from benchmarks.orchestrator_chaos.memory_s3 import MemoryS3
from benchmarks.orchestrator_chaos.stage import Actor, Stage
from benchmarks.serverless_chaos.requests import ROLE, SMALL, application_request
from local_aws.emr.emulator import Emr as EmbeddedEmr
from local_aws.emr.quotas import Quotas
from local_aws.emr.simulated_runner import SimulatedRunner, StepPlan
from local_aws.emr.world import World
from local_aws.serverless.emulator import OPERATIONS, SERVICE
from local_aws.serverless.emulator import Serverless as EmbeddedServerless
from local_aws.serverless.simulated_runner import AttemptPlan
from local_aws.serverless.simulated_runner import SimulatedRunner as AttemptRunner
from local_aws.serverless.world import World as ServerlessWorld
from orchestrator.aws.both import EmrWithServerless
from orchestrator.aws.emr import Emr
from orchestrator.aws.serverless import Serverless
from orchestrator.aws.store import S3Store
from orchestrator.engine.edge import Bounds, Edge
from orchestrator.identity import Token, digest, named, named_application
from orchestrator.ownership import Ownership
from orchestrator.plans import ClusterKind, Plan, PlannedCluster, PlannedJob, step_of

BUCKET: Final = "state"
# As on AWS, but that a look every minute is enough.
BOUNDS: Final = Bounds(poll_s=60)
DAY_S: Final = 86_400.0
# What the tags of clusters allow, where a reaper is there to see.
IDLE_S: Final = 3600.0
_MANY_VCPUS: Final = 256
_SHORT: Final = (StepPlan("", minutes=(1, 3)),)


@dataclass(frozen=True)
class Circumstances:
    """What a simulation is like; steps go as `steps` say, lists are `list_lag_s` behind."""

    seed: str = "0"
    list_lag_s: int = 0
    steps: Sequence[StepPlan] = _SHORT
    has_quotas: bool = False
    bounds: Bounds = BOUNDS


class Simulation:
    """The account, and the commands that users run in it."""

    def __init__(self, circumstances: Circumstances = Circumstances(), script: Script | None = None) -> None:
        """Begin with an empty account."""
        self.circumstances = circumstances
        self.script: Script = script or {}
        self.draws = random.Random(circumstances.seed)  # noqa: S311 - a seed that gives the same again
        self.emr = EmbeddedEmr(self._runner, seed=circumstances.seed)
        self.emr.account.list_lag = circumstances.list_lag_s * 1000
        if not circumstances.has_quotas:
            self.emr.quotas = None
        self.serverless: EmbeddedServerless | None = None
        self.s3 = MemoryS3()
        self.stage = Stage(self.emr, self._choose)
        self.wires: dict[str, Wire] = {}
        self.strikes: Callable[[str], Fault | None] = lambda _operation: None
        self._nonces = 0

    def actor(
        self, name: str, command: Callable[[Edge], object], begins_at: float = 0.0, patience_s: float = 30.0
    ) -> Actor:
        """Make a user who runs a command, each time in a new process."""
        actor = Actor(name, lambda actor: command(self.edge(actor)), self.stage, begins_at, patience_s)
        self.wires[name] = Wire(actor, self.script, self.strikes)
        return actor

    def edge(self, actor: Actor) -> Edge:
        """Make the world of a process."""
        wire = self.wires[actor.name]
        client = WiredClient(DirectClient(self.emr), wire)
        draws = random.Random(self.draws.random())  # noqa: S311 - drawn from the seed, no secret
        emr = Emr(client, client, actor, draws=draws)
        if self.serverless is not None:
            direct = DirectClient(self.serverless, SERVICE, OPERATIONS)
            serverless = Serverless(WiredClient(direct, wire), actor, draws=draws)
            emr = EmrWithServerless(client, client, serverless, actor, draws=draws)
        store = S3Store(WiredClient(self.s3, wire), BUCKET, actor, draws=draws)
        return Edge(emr, store, actor, self.nonce, self.circumstances.bounds)

    def open_serverless(self) -> None:
        """Let there be an EMR Serverless too, at the same time."""
        made = EmbeddedServerless(_attempts, seed=self.circumstances.seed, agenda=self.emr.world.agenda)
        made.world.vcpus = _MANY_VCPUS
        if not self.circumstances.has_quotas:
            made.quotas = None
        self.serverless = made

    def crowd(self, count: int) -> None:
        """Let so many clusters of others be there, launched while ours are."""
        for number in range(count):
            self.emr.call("RunJobFlow", launch_request(f"somebody's {number}", FLEETS[:1]))

    def turn_quotas_on(self) -> None:
        """Let EMR throttle from now on, its buckets full."""
        self.emr.quotas = Quotas(self.emr.world.now)

    def play(self, actors: Sequence[Actor]) -> None:
        """Let all of them come to their end."""
        self.stage.play(actors)

    def _runner(self, world: World) -> SimulatedRunner:
        self.runner = SimulatedRunner(world, list(self.circumstances.steps))
        return self.runner

    def _choose(self, ready: Sequence[Actor]) -> Actor:
        return ready[0] if len(ready) == 1 else self.draws.choice(ready)

    def nonce(self) -> str:
        """Return a text that nobody else has."""
        self._nonces += 1
        return str(self._nonces)


def planned_job(name: str, run: str, output: str, **further: Any) -> PlannedJob:
    """Make a job of a plan."""
    jar = {"Jar": "command-runner.jar", "Args": ["spark-submit", f"s3://code/{name}.py"]}
    return PlannedJob(
        name=name,
        run_id=f"r{digest(run, name)}",
        base=digest("step", run, name),
        step={"Name": name, "ActionOnFailure": further.pop("action", "CONTINUE"), "HadoopJarStep": jar},
        output=output,
        manifest=f"s3://state/{name}.json",
        **further,
    )


def _attempts(world: ServerlessWorld) -> AttemptRunner:
    return AttemptRunner(world, [AttemptPlan("", minutes=(1, 3))])


def planned_job_run(name: str, run: str, output: str, **further: Any) -> PlannedJob:
    """Make a job of a plan for an application."""
    base = digest("step", run, name)
    driver = {"sparkSubmit": {"entryPoint": f"s3://code/{name}.py", "sparkSubmitParameters": SMALL}}
    asked = {"name": name, "clientToken": str(Token(base)), "executionRoleArn": ROLE, "jobDriver": driver}
    return PlannedJob(
        name=name,
        run_id=f"r{digest(run, name)}",
        base=base,
        step=asked,
        output=output,
        manifest=f"s3://state/{name}.json",
        **further,
    )


def planned_application(name: str) -> PlannedCluster:
    """Plan an application of EMR Serverless."""
    base = digest("application", name)
    request = application_request(str(Token(base)), name=named_application(name, Token(base)))
    return PlannedCluster(kind=ClusterKind.SHARED, why="an application", base=base, request=request)


def plan_of(run: str, jobs: Sequence[PlannedJob], cluster: PlannedCluster) -> Plan:
    """Make a plan."""
    return Plan(
        name=run, run_id=f"r{digest(run)}", key="key", bucket=BUCKET, cluster=cluster, jobs=list(jobs)
    )


def own_cluster(run: str, jobs: Sequence[PlannedJob], **further: Any) -> PlannedCluster:
    """Plan a cluster for one run."""
    base = digest("cluster", run)
    steps = [step_of(job, 1) for job in jobs]
    tags = Ownership(BUCKET, f"r{digest(run)}", DAY_S, IDLE_S).tags()
    request = launch_request(named(run, Token(base)), steps=steps, keep=False, Tags=tags, **further)
    return PlannedCluster(kind=ClusterKind.OWN, why="the run's own", base=base, request=request)


def shared_cluster(name: str, **further: Any) -> PlannedCluster:
    """Plan a long-running cluster."""
    base = digest("cluster", name)
    return PlannedCluster(
        kind=ClusterKind.SHARED,
        why="long-running",
        base=base,
        request=launch_request(
            named(name, Token(base)), Tags=Ownership(BUCKET, None, DAY_S, IDLE_S).tags(), **further
        ),
    )


def given_cluster(cluster_id: str) -> PlannedCluster:
    """Plan to use a cluster that is there."""
    return PlannedCluster(kind=ClusterKind.GIVEN, why="given", id=cluster_id)
