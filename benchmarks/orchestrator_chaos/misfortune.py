"""What EC2 and EMR do to a run: no capacity, interruptions, lost nodes, broken bootstrap actions, failed launches.

And the service itself: half of all calls failing. A run must end by its deadline, done or with a failure by name.
"""

import random
from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from benchmarks.emr_chaos.requests import fleet, spot_timeout
from benchmarks.orchestrator_chaos import laws
from benchmarks.orchestrator_chaos.calls import Fault
from benchmarks.orchestrator_chaos.scenarios import TABLE, read_record
from benchmarks.orchestrator_chaos.simulation import (
    Circumstances,
    Simulation,
    own_cluster,
    plan_of,
    planned_job,
)
from local_aws.emr.simulated_runner import BootstrapPlan, StepPlan
from local_aws.emr.supply import Shortage
from local_aws.emr.world import MINUTE
from orchestrator.engine import running
from orchestrator.engine.drive import Rules
from orchestrator.engine.edge import Edge
from orchestrator.engine.polling import Poller
from orchestrator.engine.records import RunRecord, State
from orchestrator.plans import Plan
from orchestrator.verdicts import Verdict

DEADLINE_S: Final = 12 * 3600.0
KINDS: Final = (
    "nothing",
    "no spot, switch to on-demand",
    "no spot, terminate",
    "no spot for a while",
    "no capacity at all",
    "interruptions",
    "core lost",
    "primary lost",
    "bootstrap fails once",
    "bootstrap always fails",
    "launch refused by EC2",
    "launch fails for good",
    "step fails once",
    "step runs for ever",
)


@dataclass
class Ends:
    """How runs ended, by what was done to them."""

    runs: Counter[tuple[str, str]] = field(default_factory=Counter)
    broken: list[tuple[str, str]] = field(default_factory=list)
    struck: int = 0

    def lines(self) -> list[str]:
        """Tell it."""
        told = [f"{kind:32} {count:7} {end}" for (kind, end), count in sorted(self.runs.items())]
        runs = sum(self.runs.values())
        return [
            *told,
            f"{runs} runs, {self.struck} faults of calls; {len(self.broken)} broke a law or had no end",
        ]


def spot(count: int, seed: int, ends: Ends) -> None:
    """Let runs meet each kind of misfortune in turn."""
    for number in range(count):
        kind = KINDS[number % len(KINDS)]
        _judge(kind, f"{seed}/{number}", ends, *_play(kind, f"{seed}/{number}"))


def half_failing(count: int, seed: int, ends: Ends) -> None:
    """Let runs meet an AWS half of whose calls fail; none may pass a bucket of EMR's."""
    for number in range(count):
        name = f"{seed}/{number}"
        simulation = Simulation(Circumstances(name, has_quotas=True))
        draws = random.Random(name)  # noqa: S311 - a seed that gives the same again
        simulation.strikes = lambda _operation, draws=draws: (  # type: ignore[misc] # mypy takes no default in a lambda
            draws.choice((Fault.LOST, Fault.THROTTLED)) if draws.random() < 0.5 else None  # noqa: PLR2004 - half
        )
        record, broken = _run(simulation, _plan({}), Rules(judge=_again))
        ends.struck += sum(len(wire.struck) for wire in simulation.wires.values())
        throttled = sum(wire.throttled for wire in simulation.wires.values())
        if throttled:
            broken.append(f"{throttled} calls passed a bucket")
        if record is None or record.state is not State.SUCCEEDED:
            broken.append("it did not succeed")
        _judge("half of all calls fail", name, ends, record, broken)


def _play(kind: str, seed: str) -> tuple[RunRecord | None, list[str]]:
    draws = random.Random(seed)  # noqa: S311 - a seed that gives the same again
    steps = [StepPlan("", minutes=(10, 30))]
    if kind == "step fails once":
        steps.insert(0, StepPlan("-1[)]$", minutes=(1, 2), exit_code=1))
    if kind == "step runs for ever":
        steps = [StepPlan("", minutes=(10_000, 20_000))]
    simulation = Simulation(Circumstances(seed, steps=steps))
    _befall(simulation, kind, draws)
    action = "TERMINATE_CLUSTER" if kind == "no spot, terminate" else "SWITCH_TO_ON_DEMAND"
    core = fleet("CORE", on_demand=1, spot=draws.randint(1, 6), **spot_timeout(action, 10))
    bootstrap = {"Name": "act", "ScriptBootstrapAction": {"Path": "s3://bucket/act.sh"}}
    further: dict[str, Any] = {"fleets": [fleet("MASTER", 1), core], "BootstrapActions": [bootstrap]}
    rules = Rules(judge=_again) if kind == "step fails once" else Rules()
    return _run(simulation, _plan(further), rules)


def _befall(simulation: Simulation, kind: str, draws: random.Random) -> None:
    emr, now = simulation.emr, simulation.emr.world.now
    shortages = emr.world.supply.shortages
    if kind.startswith("no spot"):
        end = now + draws.randint(1, 60) * MINUTE if kind == "no spot for a while" else None
        shortages.append(Shortage("SPOT", ends_at=end, left=draws.randint(0, 1)))
    if kind == "no capacity at all":
        shortages.extend(Shortage(market) for market in ("SPOT", "ON_DEMAND"))
    if kind.startswith("bootstrap"):
        times = 1 if kind.endswith("once") else None
        simulation.runner.bootstraps.append(
            BootstrapPlan(1, role=draws.choice(("MASTER", "CORE")), times=times)
        )
    if kind == "launch refused by EC2":
        emr.account.launch_failures.append(("INTERNAL_ERROR", "EC2 is out of capacity for m5.xlarge"))
    if kind == "launch fails for good":
        emr.account.launch_failures.append(("VALIDATION_ERROR", "The VPC/subnet configuration was invalid"))
    if kind in {"interruptions", "core lost", "primary lost"}:
        for _ in range(draws.randint(1, 4)):
            emr.world.agenda.after(draws.randint(3, 40) * MINUTE, partial(_strike, simulation, kind, draws))


def _strike(simulation: Simulation, kind: str, draws: random.Random) -> None:
    """Take an instance away, where one of the kind runs."""
    for cluster in simulation.emr.world.clusters.values():
        running_ = [one for one in cluster.instances if one.status.state == "RUNNING"]
        if kind == "interruptions":
            taken = [one for one in running_ if one.market == "SPOT"]
        else:
            taken = [one for one in running_ if one.role == ("CORE" if kind == "core lost" else "MASTER")]
        if taken and cluster.status.state in {"RUNNING", "WAITING"}:
            one = draws.choice(taken)
            simulation.emr.interrupt(one) if kind == "interruptions" else simulation.emr.lose(one)


def _plan(further: dict[str, Any]) -> Plan:
    jobs = [
        planned_job("readings", "nightly", TABLE, retries=3, action="TERMINATE_CLUSTER", time_limit_s=7200.0)
    ]
    return plan_of("nightly", jobs, own_cluster("nightly", jobs, **further))


def _run(simulation: Simulation, plan: Plan, rules: Rules) -> tuple[RunRecord | None, list[str]]:
    def command(edge: Edge) -> RunRecord:
        until = edge.clock.now() + DEADLINE_S
        record = running.begin(edge, plan, until)
        return running.run(edge, Poller(edge.emr, edge.clock, edge.bounds.poll_s), record, rules, until)

    actor = simulation.actor("user 0", command)
    simulation.play([actor])
    return read_record(simulation, plan.run_id), laws.broken(simulation, [actor])


def _judge(kind: str, seed: str, ends: Ends, record: RunRecord | None, broken: list[str]) -> None:
    if record is None or record.state not in {State.SUCCEEDED, State.FAILED}:
        broken.append("it had no end")
    elif record.state is State.FAILED and not record.reason:
        broken.append("its failure has no name")
    ends.broken += [(f"{kind} {seed}", law) for law in broken]
    ends.runs[kind, _end(record)] += 1


def _end(record: RunRecord | None) -> str:
    if record is None:
        return "no record"
    if record.state is not State.FAILED:
        return f"{record.state}"
    return f"failed: {' '.join(str(record.reason).split(': ')[1:2])}"


def _again(_failure: object) -> Verdict:
    return Verdict("any", is_retryable=True, most_retries=3, next_step="")
