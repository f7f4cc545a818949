"""One seed played and judged, and many of them."""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from benchmarks.ledger_chaos import laws
from benchmarks.ledger_chaos.consumer import DAY_S, PIPELINE, consume
from benchmarks.ledger_chaos.history import History, draw
from benchmarks.ledger_chaos.world import Queue, World
from benchmarks.orchestrator_chaos.calls import Fault, Script
from benchmarks.orchestrator_chaos.simulation import BUCKET, Circumstances, Simulation
from benchmarks.orchestrator_chaos.stage import SharedClock
from orchestrator.aws.store import S3Store
from orchestrator.ledger.ledger import Ledger

CONSUMERS: Final = 4
FAULTS: Final = (
    Fault.CRASH_BEFORE,
    Fault.CRASH_AFTER,
    Fault.LOST,
    Fault.THROTTLED,
    Fault.PAUSED,
    Fault.PAUSED_TO_DEATH,
)
# Of calls that write, and of the many more that only read. A process that crashes twenty times stays away.
_SHARE_OF_WRITES: Final = 0.05
_SHARE_OF_READS: Final = 0.003
_WRITES: Final = frozenset({"put_object", "delete_object"})


@dataclass
class Tally:
    """What was tried, and what broke."""

    seeds: int = 0
    events: int = 0
    versions: int = 0
    batches: int = 0
    puts: int = 0
    calls: int = 0
    struck: Counter[tuple[str, str]] = field(default_factory=Counter)
    broken: list[tuple[str, list[str]]] = field(default_factory=list)

    def lines(self) -> list[str]:
        """Tell it."""
        faults = sorted({fault for _, fault in self.struck})
        table = [f"{'struck by':18}" + "".join(f"{fault:>22}" for fault in faults)]
        for operation in sorted({operation for operation, _ in self.struck}):
            counts = "".join(f"{self.struck[operation, fault]:22}" for fault in faults)
            table.append(f"{operation:18}{counts}")
        return [
            *table,
            self._summary(),
        ]

    def _summary(self) -> str:
        return (
            f"{self.seeds} seeds, {self.events} events of {self.versions} versions, {self.batches} batches, "
            f"{self.calls} calls, {sum(self.struck.values())} faults, {self.puts / max(1, self.events):.3f} puts an "
            f"event: {len(self.broken)} broke a law"
        )


def play(
    seed: str, events: int, tally: Tally, script: Script | None = None, consumers: int = CONSUMERS
) -> World:
    """Play a seed, with faults drawn from it or by a script, and judge it."""
    simulation = Simulation(Circumstances(seed), script)
    draws = random.Random(f"history {seed}")  # noqa: S311 - a seed that gives the same again
    begins_at = simulation.emr.world.now / 1000
    history = draw(draws, events, begins_at)
    world = World(history, Queue(history.messages), begins_at)
    if script is None:
        simulation.strikes = _strikes(seed)
    actors = [
        simulation.actor(f"consumer {number}", lambda edge: consume(edge, world, draws))
        for number in range(consumers)
    ]
    simulation.play(actors)
    _count(simulation, world, tally)
    errors = [f"{actor.name}: {actor.error!r}" for actor in actors if actor.error is not None]
    found = [*errors, *_judged(simulation, world)]
    if found:
        tally.broken.append((seed, found))
    return world


def _strikes(seed: str) -> Callable[[str], Fault | None]:
    draws = random.Random(f"faults {seed}")  # noqa: S311 - a seed that gives the same again

    def strike(operation: str) -> Fault | None:
        share = _SHARE_OF_WRITES if operation in _WRITES else _SHARE_OF_READS
        return draws.choice(FAULTS) if draws.random() < share else None

    return strike


def _judged(simulation: Simulation, world: World) -> list[str]:
    clock = SharedClock(simulation.stage)
    ledger = Ledger(S3Store(simulation.s3, BUCKET, clock), PIPELINE, clock, simulation.nonce)
    return laws.broken(world, ledger, _puts(simulation), clock.now() + DAY_S)


def _puts(simulation: Simulation) -> int:
    return sum(wire.calls.count("put_object") for wire in simulation.wires.values())


def _count(simulation: Simulation, world: World, tally: Tally) -> None:
    history: History = world.history
    tally.seeds += 1
    tally.events += history.told
    tally.versions += sum(len(events) for events in history.events.values())
    tally.batches += len(world.runs)
    tally.puts += _puts(simulation)
    for wire in simulation.wires.values():
        tally.calls += len(wire.calls)
        for _, operation, fault in wire.struck:
            tally.struck[operation, str(fault)] += 1
