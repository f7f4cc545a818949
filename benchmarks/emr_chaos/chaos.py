"""Calls and faults at random, and what becomes of them."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final, TypeAlias

from hypothesis import strategies as st

from benchmarks.emr_chaos.calling import call, outcome_of
from benchmarks.emr_chaos.laws import Laws
from benchmarks.emr_chaos.odd_requests import SAMPLES, VALUES, odd_request
from benchmarks.emr_chaos.requests import FLEETS, fleet, launch_request, spot_timeout, step
from local_aws.emr.emulator import Emr
from local_aws.emr.faults import CallFault
from local_aws.emr.simulated_runner import BootstrapPlan, SimulatedRunner, StepPlan
from local_aws.emr.supply import Shortage
from local_aws.emr.world import World

# What is done, and with what: a method's name and its arguments, all of which JSON can hold.
Call: TypeAlias = Sequence[Any]

# The one operation that does part of what it refuses.
_DOES_AND_REFUSES: Final = "TerminateJobFlows"
_OF_A_CLUSTER: Final = (
    "DescribeCluster",
    "ListSteps",
    "ListInstances",
    "ListBootstrapActions",
    "GetManagedScalingPolicy",
    "GetAutoTerminationPolicy",
)

names = st.sampled_from(["good", "bad", "long"])
actions = st.sampled_from(["CONTINUE", "CANCEL_AND_WAIT", "TERMINATE_CLUSTER"])
steps = st.lists(st.builds(step, names, actions), max_size=4)
calls = st.one_of(
    st.tuples(
        st.just("launch"), steps, st.booleans(), st.sampled_from(["SWITCH_TO_ON_DEMAND", "TERMINATE_CLUSTER"])
    ),
    st.tuples(st.just("advance"), st.sampled_from([1, 30, 600, 3600, 20000])),
    st.tuples(st.just("add"), st.integers(0, 3), steps),
    st.tuples(st.just("cancel"), st.integers(0, 3), st.integers(0, 5), st.booleans()),
    st.tuples(
        st.just("resize"),
        st.integers(0, 3),
        st.sampled_from(["CORE", "TASK"]),
        st.integers(0, 9),
        st.sampled_from([None, 5, 60]),
    ),
    st.tuples(st.just("add_fleet"), st.integers(0, 3), st.sampled_from(["CORE", "TASK"]), st.integers(1, 4)),
    st.tuples(
        st.just("launch_groups"),
        steps,
        st.lists(st.sampled_from(["ON_DEMAND", "SPOT"]), max_size=3),
        st.sampled_from([1, 3]),
    ),
    st.tuples(st.just("launch_small"), st.integers(0, 4), st.booleans()),
    st.tuples(st.just("terminate"), st.integers(0, 3)),
    st.tuples(st.just("concurrency"), st.integers(0, 3), st.integers(1, 5)),
    st.tuples(st.just("protect"), st.integers(0, 3), st.booleans()),
    st.tuples(st.just("keep"), st.integers(0, 3), st.booleans()),
    st.tuples(st.just("idle"), st.integers(0, 3), st.integers(60, 7200)),
    st.tuples(
        st.just("scale"),
        st.integers(0, 3),
        st.integers(1, 20),
        st.sampled_from(["Instances", "VCPU"]),
        st.integers(0, 3),
    ),
    st.tuples(st.just("lose"), st.integers(0, 3), st.integers(0, 9)),
    st.tuples(st.just("interrupt"), st.integers(0, 3), st.integers(0, 9)),
    st.tuples(
        st.just("shortage"), st.sampled_from(["SPOT", "ON_DEMAND"]), st.integers(0, 3), st.integers(1, 7200)
    ),
    st.tuples(st.just("look"), st.integers(0, 3)),
    st.tuples(st.just("unset"), st.integers(0, 3)),
    st.tuples(
        st.just("odd"),
        st.sampled_from(sorted(SAMPLES)),
        st.integers(0, 3),
        st.just(0) | st.integers(1, 99),
        st.integers(0, len(VALUES) - 1),
    ),
    st.tuples(st.just("bootstrap"), st.sampled_from(["MASTER", "CORE", "TASK"])),
    st.tuples(
        st.just("fault"), st.sampled_from(["throttled", "server_error", "lost_answer"]), st.floats(0, 0.5)
    ),
)
# By "long" its steps outlast most of what comes.
FIRST: Final[Call] = ("launch", [step("long")], True, "SWITCH_TO_ON_DEMAND")


class Chaos:
    """An EMR that is called at random.

    Attributes:
        outcomes: How often a call or a fault came to an end of a kind.
    """

    def __init__(self, seed: str) -> None:
        """Begin without clusters."""
        self.emr = Emr(self._runner, seed=seed)
        self.emr.quotas = None
        self.runner.steps += [StepPlan("bad", exit_code=1), StepPlan("long", minutes=(300, 600))]
        self.laws = Laws(self.emr)
        self.ids: list[str] = []
        self.outcomes: Counter[tuple[str, str]] = Counter()

    def _runner(self, world: World) -> SimulatedRunner:
        self.runner = SimulatedRunner(world)
        return self.runner

    def play(self, sequence: Sequence[Call]) -> None:
        """Do one thing after another, then let two months go by.

        Raises:
            BrokenLawError: Where a law was broken.
        """
        for what, *given in [FIRST, ("advance", 3600), *sequence]:
            self.do(what, *given)
            self.laws.check()
        self.emr.advance(60 * 86400)
        self.laws.check()
        self.laws.check_times()
        self.laws.check_settled()

    def do(self, what: str, *given: Any) -> None:
        """Do one thing; AWS may refuse it, and nothing else may go wrong."""
        outcome = outcome_of(lambda: getattr(self, f"_{what}")(*given))
        self.outcomes[" ".join([what, *(each for each in given if isinstance(each, str))]), outcome] += 1
        self.ids = list(self.emr.world.clusters)

    def call(self, name: str, **request: Any) -> dict[str, Any]:
        """Call an operation, of which a refusal must leave no trace, and an answer must be as the model has it."""
        return call(self.emr, "emr", name, request, is_whole=name != _DOES_AND_REFUSES)

    def pick(self, number: int) -> str:
        """Choose a cluster, or one that is not there."""
        return self.ids[number % len(self.ids)] if self.ids else "j-NONE"

    def _launch(self, steps: list[dict[str, Any]], keep: bool, action: str) -> None:
        fleets = [*FLEETS, fleet("TASK", spot=5, **spot_timeout(action))]
        actions = [{"Name": "a", "ScriptBootstrapAction": {"Path": "s3://b/a.sh"}}]
        self.call("RunJobFlow", **launch_request("c", fleets, steps, keep=keep, BootstrapActions=actions))

    def _advance(self, seconds: int) -> None:
        self.emr.advance(seconds)

    def _add(self, number: int, steps: list[dict[str, Any]]) -> None:
        self.call("AddJobFlowSteps", JobFlowId=self.pick(number), Steps=steps)

    def _cancel(self, number: int, step_number: int, is_forced: bool) -> None:
        cluster = self.pick(number)
        found = self.call("ListSteps", ClusterId=cluster)["Steps"]
        option = "TERMINATE_PROCESS" if is_forced else "SEND_INTERRUPT"
        ids = [one["Id"] for one in found[step_number : step_number + 2]]
        self.call("CancelSteps", ClusterId=cluster, StepIds=ids, StepCancellationOption=option)

    def _resize(self, number: int, role: str, units: int, minutes: int | None) -> None:
        cluster = self.pick(number)
        change = {
            "InstanceFleetId": self._fleet(cluster, role),
            "TargetOnDemandCapacity": units % 3,
            "TargetSpotCapacity": units,
        }
        if minutes:
            limit = {"TimeoutDurationMinutes": minutes}
            change["ResizeSpecifications"] = {
                "SpotResizeSpecification": limit,
                "OnDemandResizeSpecification": limit,
            }
        self.call("ModifyInstanceFleet", ClusterId=cluster, InstanceFleet=change)

    def _add_fleet(self, number: int, role: str, units: int) -> None:
        self.call(
            "AddInstanceFleet", ClusterId=self.pick(number), InstanceFleet=fleet(role, units % 2, units)
        )

    def _launch_groups(self, steps: list[dict[str, Any]], markets: list[str], masters: int) -> None:
        roles = ["CORE", "TASK", "TASK"][: len(markets)]
        groups = [
            {"InstanceRole": role, "InstanceType": "m5.xlarge", "InstanceCount": 2, "Market": market}
            for role, market in zip(roles, markets, strict=True)
        ]
        master = {"InstanceRole": "MASTER", "InstanceType": "m5.xlarge", "InstanceCount": masters}
        request = launch_request(steps=steps)
        request["Instances"] = {"InstanceGroups": [master, *groups], "KeepJobFlowAliveWhenNoSteps": True}
        self.call("RunJobFlow", **request)

    def _launch_small(self, spot: int, ends: bool) -> None:
        timeout = spot_timeout("TERMINATE_CLUSTER" if ends else "SWITCH_TO_ON_DEMAND", 5)
        core = [fleet("CORE", 0, spot, **timeout)] if spot else []
        self.call("RunJobFlow", **launch_request(fleets=[FLEETS[0], *core]))

    def _terminate(self, number: int) -> None:
        self.call("TerminateJobFlows", JobFlowIds=[self.pick(number)])

    def _concurrency(self, number: int, level: int) -> None:
        self.call("ModifyCluster", ClusterId=self.pick(number), StepConcurrencyLevel=level)

    def _protect(self, number: int, is_protected: bool) -> None:
        self.call(
            "SetTerminationProtection", JobFlowIds=[self.pick(number)], TerminationProtected=is_protected
        )

    def _keep(self, number: int, keep: bool) -> None:
        self.call(
            "SetKeepJobFlowAliveWhenNoSteps", JobFlowIds=[self.pick(number)], KeepJobFlowAliveWhenNoSteps=keep
        )

    def _idle(self, number: int, seconds: int) -> None:
        policy = {"IdleTimeout": seconds}
        self.call("PutAutoTerminationPolicy", ClusterId=self.pick(number), AutoTerminationPolicy=policy)

    def _scale(self, number: int, most: int, unit_of_groups: str, on_demand: int) -> None:
        cluster = self.pick(number)
        has_fleets = cluster not in self.ids or self.emr.cluster(cluster).has_fleets
        limits = {
            "UnitType": "InstanceFleetUnits" if has_fleets else unit_of_groups,
            "MinimumCapacityUnits": 1,
            "MaximumCapacityUnits": most,
            "MaximumOnDemandCapacityUnits": min(on_demand, most),
            "MaximumCoreCapacityUnits": min(on_demand, most),
        }
        policy = {"ComputeLimits": limits}
        self.call("PutManagedScalingPolicy", ClusterId=cluster, ManagedScalingPolicy=policy)

    def _look(self, number: int) -> None:
        cluster = self.pick(number)
        for name in _OF_A_CLUSTER:
            self.call(name, ClusterId=cluster)
        kind = "Fleets" if self.emr.cluster(cluster).has_fleets else "Groups"
        self.call(f"ListInstance{kind}", ClusterId=cluster)

    def _unset(self, number: int) -> None:
        cluster = self.pick(number)
        self.call("RemoveAutoTerminationPolicy", ClusterId=cluster)
        self.call("RemoveManagedScalingPolicy", ClusterId=cluster)

    def _odd(self, name: str, number: int, place: int, value: int) -> None:
        cluster = self.pick(number)
        steps = self.emr.cluster(cluster).steps if self.ids else []
        step_id = steps[-1].id if steps else "s-NONE"
        named = {"CLUSTER": cluster, "STEP": step_id, "FLEET": self._fleet(cluster, "CORE")}
        self.call(name, **odd_request(name, named, place, value))

    def _fleet(self, cluster: str, role: str) -> str:
        found = self.emr.cluster(cluster).collection(role) if self.ids else None
        return found.id if found else "if-NONE"

    def _lose(self, number: int, instance: int) -> bool:
        found = self._instances(number)
        if found:
            self.emr.lose(found[instance % len(found)])
        return bool(found)

    def _interrupt(self, number: int, instance: int) -> bool:
        found = [one for one in self._instances(number) if one.market == "SPOT"]
        if found:
            self.emr.interrupt(found[instance % len(found)])
        return bool(found)

    def _instances(self, number: int) -> list[Any]:
        return self.emr.cluster(self.pick(number)).instances if self.ids else []

    def _shortage(self, market: str, left: int, seconds: int) -> None:
        now = self.emr.world.now
        self.emr.world.supply.shortages.append(Shortage(market, now, now + seconds * 1000, left=left))

    def _bootstrap(self, role: str) -> None:
        self.runner.bootstraps.append(BootstrapPlan(1, role=role, times=1))

    def _fault(self, kind: str, rate: float) -> None:
        self.emr.faults.script = [CallFault(kind, rate)]
