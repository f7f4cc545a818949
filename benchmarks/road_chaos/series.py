"""One run after the other: devices send, everybody is killed, and what is left is judged."""

import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, sleep
from typing import Final

from benchmarks.road_chaos.blows import SIMULATOR, drawn
from benchmarks.road_chaos.evidence import gather, is_delivered
from benchmarks.road_chaos.laws import broken
from benchmarks.road_chaos.processes import Component, StuckError
from benchmarks.road_chaos.stage import Road, Scale

# Beside the real readings: late, doubled and corrected ones, which those have none of.
_INVENTED_SHARE: Final = 20
_LEAST_INVENTED: Final = 500
_TROUBLE: Final = ("--late-rate", "0.05", "--duplicate-rate", "0.05", "--correction-rate", "0.05")
_LOOK_AGAIN_S: Final = 0.1
_DRAINS: Final = 8


@dataclass(frozen=True)
class Plan:
    """What a run is: real readings from a folder, so many of them, drawn from a seed; `most_s` is its longest time."""

    source: Path
    transform: Path
    messages: int
    seed: str
    scale: Scale = field(default_factory=Scale)
    most_s: float = 1800.0


@dataclass
class Tally:
    """What was tried, and what came of it."""

    runs: int = 0
    messages: int = 0
    in_stream: int = 0
    objects: int = 0
    batches: Counter[str] = field(default_factory=Counter)
    struck: Counter[str] = field(default_factory=Counter)
    missed: list[str] = field(default_factory=list)
    begun: Counter[str] = field(default_factory=Counter)
    broken: list[tuple[str, str]] = field(default_factory=list)

    def lines(self) -> Iterator[str]:
        """Tell it."""
        yield from (f"killed {what:44} {count:4}" for what, count in sorted(self.struck.items()))
        if self.missed:
            yield f"never came to: {', '.join(self.missed)}"
        processes = ", ".join(f"{count} {name}" for name, count in sorted(self.begun.items()))
        ends = ", ".join(f"{count} {outcome}" for outcome, count in sorted(self.batches.items()))
        yield f"processes: {processes}; batches: {ends}"
        yield (
            f"{self.runs} runs, {self.messages} messages (in the stream {self.in_stream}), {self.objects} objects, "
            f"{self.struck.total()} kills: {len(self.broken)} broke a law"
        )


def play(plan: Plan, folder: Path, tally: Tally) -> None:
    """Play one run and judge it."""
    road = Road(folder, plan.transform, plan.scale)
    road.aws.blows = blows = drawn(random.Random(plan.seed), plan.messages)  # noqa: S311 - a seed that gives the same again
    tally.runs += 1
    try:
        _let_go(road, plan)
        found = gather(road)
        told = broken(found, blows)
        tally.messages += sum(count for _, count in found.promised.values())
        tally.in_stream += found.in_stream
        tally.objects += len(found.messages)
        tally.batches.update(str(closing.outcome) for closing in found.closings.values())
    except StuckError as error:
        told = [str(error)]
    finally:
        road.close()
    tally.broken += [(plan.seed, law) for law in told]
    tally.struck.update(str(blow) for blow in blows if blow.struck)
    tally.missed += [f"{blow} (seed {plan.seed})" for blow in blows if not blow.struck]
    for component in road.components.values():
        tally.begun[component.name.partition("-")[0]] += component.begun


def _let_go(road: Road, plan: Plan) -> None:
    """Let all of it go its way, until nothing is left to be done."""
    until = monotonic() + plan.most_s
    firehose = road.add_firehose()
    invented = ("--messages", str(max(_LEAST_INVENTED, plan.messages // _INVENTED_SHARE)), "--devices", "20")
    source = ("--source", str(plan.source), "--count", str(plan.messages))
    simulators = [
        road.add_simulator(f"{SIMULATOR}-1", "replay", *source),
        road.add_simulator(f"{SIMULATOR}-2", "synthetic", *invented, *_TROUBLE),
    ]
    consumers = [road.add_consumer(number, "serve") for number in (1, 2)]
    running = [firehose, *consumers]

    def is_over() -> bool:
        # Each is looked at, so that each is begun again.
        codes = {each.name: each.look() for each in simulators}
        for name, code in codes.items():
            if code:
                raise StuckError(f"{name} ended with {code}: {road.components[name].said()}")
        return None not in codes.values() and is_delivered(road)

    _wait(running, is_over, until)
    for component in running:
        component.end()
    _drain(road, until)


def _drain(road: Road, until: float) -> None:
    """Let what is left be done: with exit code 1 where a batch has failed, which the next one finds done in halves."""
    said = []
    for number in range(3, 3 + _DRAINS):
        drain = road.add_consumer(number, "drain")
        _wait([], lambda drain=drain: drain.look() is not None, until)  # type: ignore[misc] # no default in a lambda
        if drain.look() == 0:
            return
        said.append(drain.said())
    raise StuckError(f"{_DRAINS} drains did not do: {said[-1]}")


def _wait(running: Sequence[Component], is_so: Callable[[], bool], until: float) -> None:
    """Wait until something is so, while whoever is killed is begun again.

    Raises:
        StuckError: It is too late, or somebody has ended who should run.
    """
    while not is_so():
        for component in running:
            if (code := component.look()) is not None:
                raise StuckError(f"{component.name} ended with {code}: {component.said()}")
        if monotonic() > until:
            raise StuckError("it never came to its end")
        sleep(_LOOK_AGAIN_S)
