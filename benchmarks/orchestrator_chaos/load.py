"""Many jobs on many clusters over a day: calls, throttles, and whether all of them come to their end."""

import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from benchmarks.emr_chaos.requests import launch_request
from benchmarks.orchestrator_chaos import laws
from benchmarks.orchestrator_chaos.calls import Wire, WiredClient
from benchmarks.orchestrator_chaos.direct import DirectClient
from benchmarks.orchestrator_chaos.simulation import (
    BUCKET,
    DAY_S,
    Circumstances,
    Simulation,
    given_cluster,
    plan_of,
    planned_job,
)
from benchmarks.orchestrator_chaos.stage import Actor, SharedClock
from orchestrator.aws.emr import Emr
from orchestrator.aws.store import S3Store
from orchestrator.engine import running
from orchestrator.engine.drive import Rules
from orchestrator.engine.edge import Bounds, Edge
from orchestrator.engine.polling import Poller
from orchestrator.engine.records import RunRecord, State
from orchestrator.plans import Plan

_SHORT_POLL: Final = Bounds(poll_s=30)


@dataclass(frozen=True)
class Load:
    """What a day has brought: calls by operation, how many of EMR's were throttled, how many jobs succeeded."""

    jobs: int
    clusters: int
    is_one_process: bool
    calls: Counter[str]
    throttled: int
    succeeded: int
    broken: list[str]
    wall_s: float

    def lines(self) -> list[str]:
        """Tell it."""
        where = "one process" if self.is_one_process else "a process each"
        told = ", ".join(f"{name} {count}" for name, count in self.calls.most_common())
        first = f"{self.jobs} jobs on {self.clusters} clusters, {where}: {self.succeeded} succeeded, "
        rest = f"{self.throttled} calls throttled, {len(self.broken)} laws broken, {self.wall_s:.1f} s"
        return [first + rest, f"  {told}"]


def day(jobs: int, clusters: int, seed: int, *, is_one_process: bool, span_s: float = DAY_S) -> Load:
    """Let jobs begin at moments of a day (or less) that are drawn, each a run on one of the clusters."""
    began = time.perf_counter()
    simulation = Simulation(Circumstances(str(seed), has_quotas=False, bounds=_SHORT_POLL))
    ids = [
        simulation.emr.call("RunJobFlow", launch_request(f"long {number}", StepConcurrencyLevel=4))[
            "JobFlowId"
        ]
        for number in range(clusters)
    ]
    simulation.emr.advance(3600)
    simulation.turn_quotas_on()
    draws = random.Random(seed)  # noqa: S311 - a seed that gives the same again
    shared = _Process(simulation) if is_one_process else None
    actors = [
        _user(simulation, shared, number, draws.choice(ids), draws.uniform(0, span_s))
        for number in range(jobs)
    ]
    simulation.play(actors)
    results = [actor.result for actor in actors]
    succeeded = sum(isinstance(each, RunRecord) and each.state is State.SUCCEEDED for each in results)
    calls: Counter[str] = Counter()
    for wire in simulation.wires.values():
        calls.update(wire.calls)
    throttled = sum(wire.throttled for wire in simulation.wires.values())
    broken = laws.broken(simulation, actors)
    return Load(
        jobs, clusters, is_one_process, calls, throttled, succeeded, broken, time.perf_counter() - began
    )


class _Process:
    """One process that drives many runs: one limiter, one poller."""

    def __init__(self, simulation: Simulation) -> None:
        self.clock = SharedClock(simulation.stage)
        self.wire = _SharedWire(Actor("shared", lambda _actor: None, simulation.stage), {})
        simulation.wires["shared"] = self.wire
        client = WiredClient(DirectClient(simulation.emr), self.wire)
        self.emr = Emr(client, client, self.clock, draws=random.Random(0))  # noqa: S311 - waits, not secrets
        store = S3Store(WiredClient(simulation.s3, self.wire), BUCKET, self.clock)
        self.edge = Edge(self.emr, store, self.clock, simulation.nonce, _SHORT_POLL)
        self.poller = Poller(self.emr, self.clock, _SHORT_POLL.poll_s)


class _SharedWire(Wire):
    """A wire that does not make its actor step aside, as it has none."""

    def carry(self, operation: str, call: Callable[[], Any]) -> Any:
        """Count a call and make it."""
        self.calls.append(operation)
        return self._answered(call)


def _user(simulation: Simulation, shared: _Process | None, number: int, cluster_id: str, at: float) -> Actor:
    plan = plan_of(
        f"job {number}",
        [planned_job("readings", f"job {number}", f"s3://lake/{number}")],
        given_cluster(cluster_id),
    )
    if shared is None:
        return simulation.actor(f"user {number}", partial(_run, plan, None), begins_at=at)
    edge, poller = shared.edge, shared.poller
    return Actor(f"user {number}", lambda _actor: _run(plan, poller, edge), simulation.stage, begins_at=at)


def _run(plan: Plan, poller: Poller | None, edge: Edge) -> RunRecord:
    until = edge.clock.now() + 2 * DAY_S
    record = running.begin(edge, plan, until)
    return running.run(
        edge, poller or Poller(edge.emr, edge.clock, edge.bounds.poll_s), record, Rules(), until
    )
