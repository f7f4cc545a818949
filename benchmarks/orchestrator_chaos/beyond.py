"""Beyond the bounds: calls that leave long after their claim is over, and lists that are further behind than promised.

Then a cluster or a step may be there twice. A reaper without state runs every two minutes, and what is judged is what
becomes of it: clusters too many end, nothing lives on that no claim records, runs end, and no run begins to write a
table that it knows to be another's.
"""

import itertools
import random
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import msgspec

from benchmarks.orchestrator_chaos import laws
from benchmarks.orchestrator_chaos.calls import Fault, Place
from benchmarks.orchestrator_chaos.scenarios import SCENARIOS, read_record
from benchmarks.orchestrator_chaos.search import MOST_ACTORS, MOST_LAG_S
from benchmarks.orchestrator_chaos.simulation import BUCKET, IDLE_S, Circumstances, Simulation
from benchmarks.orchestrator_chaos.stage import Actor
from local_aws.emr.entities import Cluster
from local_aws.emr.simulated_runner import StepPlan
from orchestrator.engine.edge import Edge
from orchestrator.engine.leases import LostLeaseError
from orchestrator.engine.once import Claim
from orchestrator.engine.records import State
from orchestrator.identity import Token, token_of
from orchestrator.verbs.reap import Reaper

EVERY_S: Final = 120.0
MOST_BEHIND_S: Final = 600
# A round, then up to five minutes in which EMR terminates a cluster, and some for the calls.
_TO_END_S: Final = EVERY_S + 300 + 60
_OVER: Final = frozenset({State.SUCCEEDED, State.FAILED, State.CANCELLED})
_PAUSES: Final = (Fault.PAUSED, Fault.PAUSED, Fault.PAUSED_TO_DEATH)
_SHORT: Final = (1.0, 3.0)
_LONG: Final = (10.0, 30.0)
_LOSSES: Final = (Fault.LOST, Fault.CRASH_AFTER)


@dataclass(frozen=True)
class Schedule:
    """All that a simulation is drawn from; `minutes` is how long steps take, from and to."""

    kind: str
    scenario: str
    actors: int
    seed: str
    list_lag_s: int
    faults: Mapping[Place, Fault]
    minutes: tuple[float, float] = _SHORT

    def __str__(self) -> str:
        """Write down what plays it again."""
        told = [f"{actor}:{number}:{fault}" for (actor, number), fault in self.faults.items()]
        drawn_from = f"seed={self.seed} lag={self.list_lag_s} minutes={self.minutes}"
        return f"{self.kind}: {self.scenario} actors={self.actors} {drawn_from} {told}"


@dataclass
class Tally:
    """What was tried, and what came of it; seconds are the longest."""

    schedules: Counter[str] = field(default_factory=Counter)
    clusters: int = 0
    steps: int = 0
    together_s: float = 0.0
    alone_s: float = 0.0
    ends: Counter[str] = field(default_factory=Counter)
    of_one_run: int = 0
    of_two_runs: int = 0
    broken: list[tuple[Schedule, list[str]]] = field(default_factory=list)

    def lines(self) -> Iterator[str]:
        """Tell it."""
        for kind, count in sorted(self.schedules.items()):
            yield f"beyond the bounds, {kind:16} {count:8} schedules"
        yield (
            f"{self.clusters} clusters and {self.steps} steps too many; a cluster too many lived beside its double for "
            f"up to {self.together_s:.0f} s, where that had ended for up to {self.alone_s:.0f} s"
        )
        ends = ", ".join(f"{count} {end}" for end, count in sorted(self.ends.items()))
        yield f"runs: {ends}"
        yield f"a table written at once by two steps of one run: {self.of_one_run}, of two runs: {self.of_two_runs}"
        yield f"{sum(self.schedules.values())} schedules beyond the bounds: {len(self.broken)} broke a law"


def drawn(count: int, seed: int) -> Iterator[Schedule]:
    """Draw schedules: processes that sleep before a call, lists that are behind, and both."""
    draws = random.Random(seed)  # noqa: S311 - a seed that gives the same again
    for number in range(count):
        kind = ("paused", "behind", "both")[number % 3]
        actors = draws.randint(1, MOST_ACTORS)
        choices = {"paused": _PAUSES, "behind": _LOSSES, "both": _PAUSES + _LOSSES}[kind]
        operation = draws.choice(("run_job_flow", "run_job_flow", "add_job_flow_steps"))
        faults: dict[Place, Fault] = {
            (f"user {draws.randrange(actors)}", f"{operation}#{draws.randint(0, 1)}"): draws.choice(choices)
            for _ in range(draws.randint(1, 3))
        }
        lag = (
            draws.randint(0, MOST_LAG_S) if kind == "paused" else draws.randint(MOST_LAG_S + 1, MOST_BEHIND_S)
        )
        scenario, minutes = draws.choice(list(SCENARIOS)), draws.choice((_SHORT, _LONG))
        yield Schedule(kind, scenario, actors, f"{seed}/{number}", lag, faults, minutes)


def play(schedule: Schedule, tally: Tally) -> Simulation:
    """Play a schedule and judge it."""
    steps = (StepPlan("", minutes=schedule.minutes),)
    simulation = Simulation(Circumstances(schedule.seed, schedule.list_lag_s, steps), schedule.faults)
    scene = SCENARIOS[schedule.scenario](simulation, schedule.actors)
    for user in scene.actors:
        # Who is told that another run has taken the table meanwhile runs the command again.
        user.again_after = (LostLeaseError,)
    reaper = simulation.actor("reaper", lambda edge: _reap(edge, scene.actors))
    simulation.play([*scene.actors, reaper])
    tally.schedules[schedule.kind] += 1
    found = [*laws.errors([*scene.actors, reaper]), *laws.orphans(simulation)]
    found += _clusters(simulation, schedule, tally)
    found += _writers(simulation, schedule, tally)
    _count_steps(simulation, tally)
    for run_id, states in scene.ends.items():
        record = read_record(simulation, run_id)
        tally.ends[str(record and record.state)] += 1
        if record is None or record.state not in states | _OVER:
            found.append(f"{run_id} had no end: {record and record.state}")
        elif record.state is State.FAILED and not record.reason:
            found.append(f"{run_id}: its failure has no name")
    if found:
        tally.broken.append((schedule, found))
    return simulation


def _reap(edge: Edge, users: Sequence[Actor]) -> None:
    """Reap every two minutes, without state, until users are gone and what they left may have been idle too long."""
    reaper = Reaper(edge.emr, BUCKET, edge.clock)
    alone_since = edge.clock.now()
    while edge.clock.now() < alone_since + 2 * IDLE_S:
        if not all(user.is_done for user in users):
            alone_since = edge.clock.now()
        reaper.reap(edge.clock.now() + EVERY_S, is_to_end=True)
        edge.clock.sleep(EVERY_S)


def _clusters(simulation: Simulation, schedule: Schedule, tally: Tally) -> Iterator[str]:
    """See that no two clusters of a token live beside each other for long."""
    by_token: dict[Token, list[Cluster]] = defaultdict(list)
    for cluster in simulation.emr.world.clusters.values():
        if (token := token_of(str(cluster.request["Name"]))) is not None:
            by_token[token].append(cluster)
    for token, clusters in by_token.items():
        tally.clusters += len(clusters) - 1
        for first, second in itertools.combinations(clusters, 2):
            together_s = (
                min(_end(simulation, first), _end(simulation, second)) - _later(first, second)
            ) / 1000
            tally.together_s = max(tally.together_s, together_s)
            if together_s > schedule.list_lag_s + _TO_END_S:
                yield f"{token}: {first.id} and {second.id} lived beside each other for {together_s:.0f} s"
        tally.alone_s = max([tally.alone_s, *_alone(simulation, token, clusters)])


def _alone(simulation: Simulation, token: Token, clusters: Sequence[Cluster]) -> Iterator[float]:
    """Tell how long clusters that no claim records lived after the recorded one had ended."""
    body = simulation.s3.objects.get(f"_state/calls/{token}.json")
    recorded = msgspec.json.decode(body, type=Claim).id if body else None
    ended = [_end(simulation, each) for each in clusters if each.id == recorded]
    for each in clusters:
        if each.id != recorded:
            yield (_end(simulation, each) - max([each.status.created_at, *ended])) / 1000


def _end(simulation: Simulation, cluster: Cluster) -> int:
    return simulation.emr.world.now if cluster.status.ended_at is None else cluster.status.ended_at


def _later(first: Cluster, second: Cluster) -> int:
    return max(first.status.created_at, second.status.created_at)


def _writers(simulation: Simulation, schedule: Schedule, tally: Tally) -> Iterator[str]:
    """See which steps write a table at once: the job's own journal fences them (decision D5).

    Steps of two runs do only where somebody took the table meanwhile, and whoever had begun the one that is late never
    heard of it: dead, or without an answer. Who does hear of it ends it before it has begun.
    """
    is_heard_of = all(fault is Fault.PAUSED for fault in schedule.faults.values())
    for overlap in laws.overlaps(simulation):
        if overlap.is_of_one_job:
            tally.of_one_run += 1
        elif is_heard_of:
            yield str(overlap)
        else:
            tally.of_two_runs += 1


def _count_steps(simulation: Simulation, tally: Tally) -> None:
    for cluster in simulation.emr.world.clusters.values():
        names = Counter(str(step.config["Name"]) for step in cluster.steps)
        tally.steps += sum(count - 1 for name, count in names.items() if token_of(name) is not None)
