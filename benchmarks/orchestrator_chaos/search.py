"""Faults at every call, one and two at a time, and schedules at random."""

import random
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from benchmarks.orchestrator_chaos import laws, serverless_laws
from benchmarks.orchestrator_chaos.calls import DRAWN, WITHIN, Fault, Place
from benchmarks.orchestrator_chaos.scenarios import SCENARIOS
from benchmarks.orchestrator_chaos.simulation import BOUNDS, Circumstances, Simulation
from orchestrator.aws.faults import RefusedCallError
from orchestrator.engine.leases import FormerLifeError

MOST_ACTORS: Final = 4
MOST_FAULTS: Final = 5
# The bound that the engine is built for: see orchestrator.engine.edge.Bounds.
MOST_LAG_S: Final = 60
# Every call of a run is struck: looks that only see that nothing has changed are left out.
_SELDOM_S: Final = 240.0
_TWO_PAGES: Final = 55
_SHARE_OF_WRITES: Final = 0.5
_SHARE_OF_CROWDS: Final = 0.1
_WRITES: Final = (
    "run_job_flow",
    "run_job_flow",
    "create_application",
    "start_job_run",
    "add_job_flow_steps",
    "add_job_flow_steps",
    "put_object",
    "cancel_steps",
    "terminate_job_flows",
    "list_clusters",
    "get_object",
)


@dataclass(frozen=True)
class Schedule:
    """All that a simulation is drawn from: the same schedule is the same simulation."""

    scenario: str
    actors: int = 1
    seed: str = "0"
    list_lag_s: int = MOST_LAG_S
    strangers: int = 0
    poll_s: float = BOUNDS.poll_s
    faults: Mapping[Place, Fault] = field(default_factory=dict)

    def __str__(self) -> str:
        """Write down what plays it again."""
        told = [f"{actor}:{number}:{fault}" for (actor, number), fault in self.faults.items()]
        drawn_from = f"seed={self.seed} lag={self.list_lag_s} strangers={self.strangers}"
        return f"{self.scenario} actors={self.actors} {drawn_from} {told}"


@dataclass
class Tally:
    """What was tried, and what broke."""

    schedules: Counter[str] = field(default_factory=Counter)
    calls: int = 0
    struck: Counter[tuple[str, str]] = field(default_factory=Counter)
    broken: list[tuple[Schedule, list[str]]] = field(default_factory=list)

    def lines(self) -> Iterator[str]:
        """Tell it."""
        for what, count in sorted(self.schedules.items()):
            yield f"{what:24} {count:8} schedules"
        faults = sorted({fault for _, fault in self.struck})
        yield f"{'struck by':28}" + "".join(f"{fault:>14}" for fault in faults)
        for operation in sorted({operation for operation, _ in self.struck}):
            yield f"{operation:28}" + "".join(f"{self.struck[operation, fault]:14}" for fault in faults)
        total = sum(self.schedules.values())
        faults_struck = sum(self.struck.values())
        yield f"{total} schedules, {self.calls} calls, {faults_struck} faults: {len(self.broken)} broke a law"


def play(schedule: Schedule, tally: Tally) -> Simulation:
    """Play a schedule and judge it."""
    bounds = replace(BOUNDS, poll_s=schedule.poll_s)
    simulation = Simulation(Circumstances(schedule.seed, schedule.list_lag_s, bounds=bounds), schedule.faults)
    simulation.crowd(schedule.strangers)
    scene = SCENARIOS[schedule.scenario](simulation, schedule.actors)
    for user in scene.actors:
        # Somebody mends what is not allowed, and the command is run again; as it is by who is told that the run was
        # cancelled, and begun again by another user.
        user.again_after = (RefusedCallError, FormerLifeError)
    simulation.play(scene.actors)
    found = [*laws.broken(simulation, scene.actors), *serverless_laws.broken(simulation)]
    found += scene.broken(simulation)
    if found:
        tally.broken.append((schedule, found))
    for wire in simulation.wires.values():
        tally.calls += len(wire.calls)
        for _, operation, fault in wire.struck:
            tally.struck[operation, str(fault)] += 1
    return simulation


def exhaustive(scenario: str, depth: int, tally: Tally, *, stride: int = 1) -> None:
    """Let every fault strike every call, and (depth 2) every fault every later call too; `cancelled` has two users.

    `stride` takes every so manieth of the second ones, for a share of them.
    """
    for number, first in enumerate(list(_deeper(scenario, {}, tally))):
        if depth > 1:
            for _ in _deeper(scenario, first, tally, stride=stride, offset=number):
                pass


def _deeper(
    scenario: str,
    faults: Mapping[Place, Fault],
    tally: Tally,
    *,
    stride: int = 1,
    offset: int = 0,
) -> Iterator[Mapping[Place, Fault]]:
    """Play all schedules with one fault more, after those that there are, and return each."""
    calm = play(Schedule(scenario, poll_s=_SELDOM_S, faults=faults), Tally())
    last = max(((actor, int(number)) for actor, number in faults), default=("", -1))
    calls = [(name, at) for name, wire in sorted(calm.wires.items()) for at in range(len(wire.calls))]
    places = [(place, fault) for place in calls if place > last for fault in WITHIN]
    for place, fault in places[offset % stride :: stride]:
        more = {**faults, place: fault}
        play(Schedule(scenario, poll_s=_SELDOM_S, faults=more), tally)
        tally.schedules[f"{scenario}, depth {len(more)}"] += 1
        yield more


def drawn(count: int, seed: int) -> Iterator[Schedule]:
    """Draw schedules: up to four users, up to five faults, lists behind within the bound, lists of one page or two."""
    draws = random.Random(seed)  # noqa: S311 - a seed that gives the same again
    for number in range(count):
        actors = draws.randint(1, MOST_ACTORS)
        scenario = draws.choice(list(SCENARIOS))
        names = [f"user {n}" for n in range(actors)] + ["canceller"] * (
            scenario in {"cancelled", "withdrawn"}
        )
        faults = {
            (draws.choice(names), _place(draws)): draws.choice(DRAWN)
            for _ in range(draws.randint(0, MOST_FAULTS))
        }
        lag = draws.choice((0, draws.randint(1, MOST_LAG_S), MOST_LAG_S))
        strangers = _TWO_PAGES if draws.random() < _SHARE_OF_CROWDS else 0
        yield Schedule(scenario, actors, f"{seed}/{number}", lag, strangers, faults=faults)


def _place(draws: random.Random) -> int | str:
    """Draw a call, every other time one that writes: most calls only look."""
    if draws.random() < _SHARE_OF_WRITES:
        return f"{draws.choice(_WRITES)}#{int(draws.expovariate(1 / 2))}"
    return int(draws.expovariate(1 / 25))
