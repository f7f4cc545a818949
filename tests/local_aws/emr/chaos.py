"""Calls and faults at random, and what none of them may break."""

from contextlib import suppress
from typing import Any

from hypothesis import strategies as st

from local_aws.emr.entities import Cluster
from local_aws.emr.errors import AwsError
from local_aws.emr.faults import CallFault, LostAnswerError
from local_aws.emr.simulated_runner import BootstrapPlan, StepPlan
from local_aws.emr.supply import Shortage
from tests.local_aws.emr.launching import FLEETS, Laptop, fleet, launch_request, spot_timeout, step

STATES = {
    "cluster": {
        "STARTING": {"STARTING", "BOOTSTRAPPING", "TERMINATING"},
        "BOOTSTRAPPING": {"RUNNING", "WAITING", "TERMINATING"},
        "RUNNING": {"WAITING", "TERMINATING"},
        "WAITING": {"RUNNING", "TERMINATING"},
        "TERMINATING": {"TERMINATED", "TERMINATED_WITH_ERRORS"},
    },
    "step": {
        "PENDING": {"RUNNING", "CANCELLED"},
        "RUNNING": {"COMPLETED", "FAILED", "CANCEL_PENDING", "CANCELLED", "INTERRUPTED"},
        "CANCEL_PENDING": {"CANCELLED", "INTERRUPTED"},
    },
    "instance": {
        "AWAITING_FULFILLMENT": {"PROVISIONING", "TERMINATED"},
        "PROVISIONING": {"BOOTSTRAPPING", "TERMINATED"},
        "BOOTSTRAPPING": {"RUNNING", "TERMINATED"},
        "RUNNING": {"TERMINATED"},
    },
    "fleet": {
        "PROVISIONING": {"BOOTSTRAPPING", "RUNNING", "RESIZING", "SUSPENDED", "TERMINATING"},
        "BOOTSTRAPPING": {"RUNNING", "RESIZING", "SUSPENDED", "TERMINATING"},
        "RUNNING": {"RESIZING", "TERMINATING"},
        "RESIZING": {"RUNNING", "RESIZING", "SUSPENDED", "TERMINATING"},
        "SUSPENDED": {"RESIZING", "TERMINATING"},
        "TERMINATING": {"TERMINATED"},
    },
}
KINDS = {"j": "cluster", "s": "step", "ci": "instance", "if": "fleet", "ig": "fleet"}
NOT_STATES = {"TARGET", "SCALING", "TIMEOUT", "SWITCH_TO_ON_DEMAND", "INTERRUPTION", "CONCURRENCY"}


def assert_lawful(laptop: Laptop) -> None:
    """See that each thing went through documented states alone, and that nothing was lost or doubled."""
    seen: dict[str, str] = {}
    for line in laptop.emr.world.trace:
        _, thing, state, *_ = line.split(" ")
        kind = KINDS.get(thing.partition("-")[0])
        if kind and state not in NOT_STATES:
            if thing in seen:
                assert state in STATES[kind].get(seen[thing], set()), f"{thing}: {seen[thing]} to {state}"
            seen[thing] = state
    spot = 0
    for cluster in laptop.emr.world.clusters.values():
        live = [one for one in cluster.instances if one.is_live]
        spot += sum(one.market == "SPOT" for one in live)
        if cluster.status.state in ("TERMINATED", "TERMINATED_WITH_ERRORS"):
            assert not live
            assert not any(found.is_active for found in cluster.steps)
        assert not cluster.error_details or cluster.status.state in ("TERMINATING", "TERMINATED_WITH_ERRORS")
        busy = sum(found.status.state in ("RUNNING", "CANCEL_PENDING") for found in cluster.steps)
        assert busy <= _greatest_level(laptop, cluster)
        assert sum(found.is_active for found in cluster.steps) <= 256
    assert sum(laptop.emr.world.supply.market._in_use.values()) == spot


def assert_settled(laptop: Laptop) -> None:
    """See that after a long time without shortages nothing is under way, and each fleet has what it is to have.

    Spot instances are interrupted now and then for ever: some hours later they are replaced.
    """
    for _ in range(20):
        if not any(_moves(cluster) for cluster in laptop.emr.world.clusters.values()):
            return
        laptop.emr.advance(6 * 3600)
    moving = [cluster for cluster in laptop.emr.world.clusters.values() if _moves(cluster)]
    raise AssertionError(f"still under way: {moving}")


def _moves(cluster: Cluster) -> bool:
    if cluster.status.state in ("TERMINATED", "TERMINATED_WITH_ERRORS"):
        return False
    fleets = [found for found in cluster.collections if found.status.state != "SUSPENDED"]
    return (
        cluster.status.state != "WAITING"
        or any(found.is_active for found in cluster.steps)
        or any(found.status.state != "RUNNING" or not found.is_fulfilled for found in fleets)
        or any(one.status.state != "RUNNING" for found in fleets for one in found.live)
    )


def _greatest_level(laptop: Laptop, cluster: Cluster) -> int:
    """Return the greatest concurrency that a cluster ever had: steps that run when it is lowered run on."""
    begin = f"{cluster.id} CONCURRENCY "
    lines = [line.partition(" ")[2] for line in laptop.emr.world.trace]
    return max([1, *(int(line.removeprefix(begin)) for line in lines if line.startswith(begin))])


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
    st.tuples(st.just("bootstrap"), st.sampled_from(["MASTER", "CORE", "TASK"])),
    st.tuples(
        st.just("fault"), st.sampled_from(["throttled", "server_error", "lost_answer"]), st.floats(0, 0.5)
    ),
)


class Chaos(Laptop):
    """An EMR that is called at random."""

    def __init__(self, seed: str) -> None:
        """Begin without clusters."""
        super().__init__(seed)
        self.plan(StepPlan("bad", exit_code=1), StepPlan("long", minutes=(300, 600)))
        self.ids: list[str] = []

    def do(self, what: str, *given: Any) -> None:
        """Do one thing; AWS may refuse it, and nothing else may go wrong."""
        with suppress(AwsError, LostAnswerError):
            getattr(self, f"_{what}")(*given)
        self.ids = list(self.emr.world.clusters)

    def pick(self, number: int) -> str:
        """Choose a cluster, or one that is not there."""
        return self.ids[number % len(self.ids)] if self.ids else "j-NONE"

    def _launch(self, steps: list[dict[str, Any]], keep: bool, action: str) -> None:
        fleets = [*FLEETS, fleet("TASK", spot=5, **spot_timeout(action))]
        actions = [{"Name": "a", "ScriptBootstrapAction": {"Path": "s3://b/a.sh"}}]
        self.launch(*fleets, steps=steps, keep=keep, BootstrapActions=actions)

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
            "InstanceFleetId": self.fleets(cluster).get(role, {"Id": "if-NONE"})["Id"],
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
        self.launch(FLEETS[0], *core)

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

    def _lose(self, number: int, instance: int) -> None:
        if found := self._instances(number):
            self.emr.lose(found[instance % len(found)])

    def _interrupt(self, number: int, instance: int) -> None:
        if found := [one for one in self._instances(number) if one.market == "SPOT"]:
            self.emr.interrupt(found[instance % len(found)])

    def _instances(self, number: int) -> list[Any]:
        return self.emr.cluster(self.pick(number)).instances if self.ids else []

    def _shortage(self, market: str, left: int, seconds: int) -> None:
        now = self.emr.world.now
        self.emr.world.supply.shortages.append(Shortage(market, now, now + seconds * 1000, left=left))

    def _bootstrap(self, role: str) -> None:
        self.plan(BootstrapPlan(1, role=role, times=1))

    def _fault(self, kind: str, rate: float) -> None:
        self.emr.faults.script = [CallFault(kind, rate)]
