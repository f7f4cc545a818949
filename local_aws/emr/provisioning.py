"""The instances of one cluster: bought, provisioned, bootstrapped, lost, replaced, and given back.

https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-instance-fleet.html: one Availability Zone for the cluster;
how long a fleet that is resized asks for what is missing. What holds while a cluster is launched is in `timeouts`.
"""

from collections.abc import Sequence
from functools import partial
from typing import Protocol

from local_aws.emr.bootstrapping import bootstrap, bootstrap_problem, on_master
from local_aws.emr.demands import buy, zone_for
from local_aws.emr.entities import CORE, MASTER, ON_DEMAND, SPOT, Cluster, Collection, Instance, Json, Status
from local_aws.emr.error_details import bootstrap_failure
from local_aws.emr.guesses import (
    FEWEST_BOOTSTRAP_FAILURES,
    SHARE_OF_BOOTSTRAP_FAILURES,
    SPOT_INTERRUPTION,
)
from local_aws.emr.market import HOUR, Pool
from local_aws.emr.shrinking import surplus
from local_aws.emr.storage import attached_devices
from local_aws.emr.timeouts import LaunchTimeouts
from local_aws.emr.world import GONE, LEAVING, MINUTE, NOTICED, RUNNING, STAYING, Outcome, World

_UP = frozenset({"BOOTSTRAPPING", "RUNNING"})


class Owner(Protocol):
    """The cluster, as its instances know it."""

    def capacity_changed(self) -> None:
        """Hear that instances have come, are ready, or are gone."""

    def gave_up(self, code: str, message: str, *details: Json) -> None:
        """Hear that the cluster cannot go on, and the details of the error, where there are some."""


class Provisioner:
    """The instances of a cluster."""

    def __init__(self, world: World, cluster: Cluster, owner: Owner) -> None:
        """Take care of a cluster's instances."""
        self._world, self._cluster, self._owner = world, cluster, owner
        self._asking: set[str] = set()
        self._timeouts = LaunchTimeouts(world, cluster, owner.gave_up, self._ask)

    def launch(self, zones: Sequence[str]) -> None:
        """Choose the zone, ask for all instances, and set the time-outs."""
        self._cluster.zone = zone_for(self._world, self._cluster, zones)
        for collection in self._cluster.collections:
            self._ask(collection)
            self._timeouts.set(collection)

    def add(self, collection: Collection) -> None:
        """Ask for the instances of a fleet that was added to a running cluster."""
        self._ask(collection)
        self._timeouts.set(collection)

    def resize(self, collection: Collection, on_demand: int, spot: int) -> None:
        """Bring a fleet to other targets: ask for what is missing, let go of what is too much."""
        collection.on_demand_target, collection.spot_target = on_demand, spot
        collection.bootstrap_failures = 0
        collection.is_launching = False
        self._world.say(collection.id, "TARGET", on_demand, spot)
        self._world.change(collection.status, collection.id, "RESIZING")
        self._refill(collection)
        too_many = surplus(collection)
        before = set(collection.leaving)
        self._let_only_leave(collection, too_many)
        for instance in too_many:
            if instance.id in before:
                continue
            delay = self._world.draw(self._world.durations.shrink, instance.id, self._world.now)
            self._world.runner.instance_changed(self._cluster, instance, LEAVING)
            until = self._world.now + self._world.durations.decommission
            self._world.agenda.after(delay, partial(self._let_go, collection, instance, delay, until))
        self._settle(collection)

    def lose(self, instance: Instance, code: str, message: str) -> None:
        """End an instance that nobody wanted to end; the fleet asks for another."""
        if not instance.is_live:
            return
        self._end(instance, code, message)
        if self._cluster.is_ending:
            return
        collection = self._collection_of(instance)
        self._let_only_leave(collection, [one for one in surplus(collection) if one.id in collection.leaving])
        if instance.role == MASTER and self._is_lost(collection):
            text = "The master node was terminated. "
            self._world.agenda.after(
                self._world.durations.notice_loss, lambda: self._owner.gave_up("INSTANCE_FAILURE", text)
            )
            return
        has_core = any(one.status.state == "RUNNING" for one in collection.live)
        if instance.role == CORE and self._cluster.status.ready_at is not None and not has_core:
            self._owner.gave_up("INSTANCE_FAILURE", "NO_SLAVE_LEFT")
            return
        if collection.status.state == "RUNNING":
            self._world.change(collection.status, collection.id, "RESIZING")
        self._refill(collection)
        self._settle(collection)

    def _is_lost(self, primaries: Collection) -> bool:
        """Tell whether a cluster has lost its primary nodes: the one, or more of three than it can do without.

        https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-plan-ha-considerations.html: if two fail at once, EMR
        cannot recover the cluster. How it then ends AWS does not say; here as one does that has lost its only one.
        """
        if self._cluster.status.ready_at is None:
            return not primaries.live
        running = sum(one.status.state == "RUNNING" for one in primaries.live)
        return 2 * running <= primaries.on_demand_target + primaries.spot_target

    def end_all(self) -> None:
        """Give all instances back."""
        for instance in self._cluster.instances:
            if instance.is_live:
                self._end(instance, "CLUSTER_TERMINATED", "Instance was terminated.")

    def _refill(self, collection: Collection) -> None:
        """Ask for what is missing, for as long as the fleet's resize specification says."""
        collection.given_up.clear()
        collection.refills += 1
        for market, key in ((ON_DEMAND, "OnDemand"), (SPOT, "Spot")):
            told = collection.config.get("ResizeSpecifications", {}).get(f"{key}ResizeSpecification", {})
            minutes = told.get("TimeoutDurationMinutes")
            if minutes and collection.missing(market):
                self._world.agenda.after(
                    minutes * MINUTE, partial(self._stop_asking, collection, market, collection.refills)
                )
        self._ask(collection)

    def _stop_asking(self, collection: Collection, market: str, refill: int) -> None:
        is_current = refill == collection.refills and not self._cluster.is_ending
        if is_current and collection.missing(market):
            collection.given_up.add(market)
            self._world.say(collection.id, "TIMEOUT", market, collection.missing(market))
            self._settle(collection)

    def _ask(self, collection: Collection) -> None:
        """Buy what the market gives now, and come back later for the rest."""
        if self._cluster.is_ending or collection.status.state == "SUSPENDED":
            return
        for market in (ON_DEMAND, SPOT):
            if market not in collection.given_up:
                for purchase in buy(self._world, self._cluster, collection, market):
                    self._order(collection, purchase.instance_type, market, purchase.weight)
        if not collection.is_fulfilled and collection.id not in self._asking:
            self._asking.add(collection.id)
            self._world.agenda.after(
                self._world.durations.retry_capacity, lambda: self._ask_again(collection)
            )

    def _ask_again(self, collection: Collection) -> None:
        self._asking.discard(collection.id)
        self._ask(collection)

    def _order(self, collection: Collection, instance_type: str, market: str, weight: int) -> None:
        zone = str(self._cluster.zone)
        status = Status("AWAITING_FULFILLMENT", self._world.now)
        instance = Instance(
            self._world.ids.emr("ci"),
            collection.id,
            collection.role,
            instance_type,
            market,
            weight,
            zone,
            status,
        )
        collection.instances.append(instance)
        self._world.supply.take(Pool(instance_type, zone), market, self._world.now)
        self._world.say(instance.id, "AWAITING_FULFILLMENT", collection.id, instance_type, market, weight)
        self._world.agenda.after(self._world.durations.request, lambda: self._provision(instance))

    def _provision(self, instance: Instance) -> None:
        if instance.is_live:
            instance.ec2_id, instance.address = self._world.ids.ec2("i"), self._world.ids.address()
            devices = attached_devices(self._cluster, self._collection_of(instance), instance.instance_type)
            instance.volumes = [(device, self._world.ids.ec2("vol")) for device in devices]
            self._world.change(instance.status, instance.id, "PROVISIONING")
            delay = self._world.draw(self._world.durations.provision, instance.id)
            self._world.agenda.after(delay, lambda: self._bootstrap(instance))

    def _bootstrap(self, instance: Instance) -> None:
        if not instance.is_live:
            return
        self._world.change(instance.status, instance.id, "BOOTSTRAPPING")
        self._settle(self._collection_of(instance))
        bootstrap(self._world, self._cluster, instance, lambda failed: self._bootstrapped(instance, failed))

    def _bootstrapped(self, instance: Instance, failed: tuple[int, Outcome] | None) -> None:
        collection = self._collection_of(instance)
        if self._cluster.is_ending:
            return
        if failed:
            self._bootstrap_failed(collection, instance, failed[0], failed[1])
            return
        instance.status.ready_at = self._world.now
        collection.bootstrap_failures = 0
        self._world.change(instance.status, instance.id, "RUNNING")
        self._world.runner.instance_changed(self._cluster, instance, RUNNING)
        if instance.market == SPOT:
            self._expect_interruption(instance)
        self._settle(collection)

    def _bootstrap_failed(
        self, collection: Collection, instance: Instance, number: int, outcome: Outcome
    ) -> None:
        problem = bootstrap_problem(number, outcome)
        self._end(instance, "BOOTSTRAP_FAILURE", problem)
        collection.bootstrap_failures += 1
        is_launching = self._cluster.status.ready_at is None
        most = len(collection.live) * SHARE_OF_BOOTSTRAP_FAILURES
        if instance.role == MASTER and is_launching:
            text = on_master(instance, problem, outcome)
            detail = bootstrap_failure(self._cluster, instance, number, outcome, text)
            self._owner.gave_up("BOOTSTRAP_FAILURE", text, detail)
        elif collection.bootstrap_failures < max(FEWEST_BOOTSTRAP_FAILURES, most):
            self._let_only_leave(
                collection, [one for one in surplus(collection) if one.id in collection.leaving]
            )
            self._ask(collection)
            self._settle(collection)
        elif is_launching and instance.role == CORE:
            failed = [
                str(one.ec2_id) for one in collection.instances if one.status.code == "BOOTSTRAP_FAILURE"
            ]
            text = f"On {len(failed)} slave instances (including {' and '.join(failed[:2])}), {problem}"
            self._owner.gave_up("BOOTSTRAP_FAILURE", text)
        elif collection.status.state != "SUSPENDED":
            collection.is_launching = False
            self._world.change(collection.status, collection.id, "SUSPENDED", "INSTANCE_FAILURE", problem)

    def _expect_interruption(self, instance: Instance) -> None:
        pool = Pool(instance.instance_type, instance.zone)
        hours = self._world.supply.market.hours_to_interruption(pool, instance.id)
        self._world.agenda.after(int(hours * HOUR), lambda: self.interrupt(instance))

    def interrupt(self, instance: Instance) -> None:
        """Give a Spot instance its notice, and take it back two minutes later."""
        if instance.is_live:
            self._world.say(instance.id, "INTERRUPTION NOTICE")
            self._world.runner.instance_changed(self._cluster, instance, NOTICED)
            self._world.agenda.after(
                self._world.durations.spot_notice,
                lambda: self.lose(instance, "INSTANCE_FAILURE", SPOT_INTERRUPTION),
            )

    def _settle(self, collection: Collection) -> None:
        """Find the state of a fleet from those of its instances."""
        states = {instance.status.state for instance in collection.live}
        is_all_there = collection.is_fulfilled and not any(
            one.id in collection.leaving for one in collection.live
        )
        state = collection.status.state
        if self._cluster.is_ending or state == "SUSPENDED":
            return
        if is_all_there and states <= {"RUNNING"}:
            if state != "RUNNING":
                collection.is_launching = False
                if collection.status.ready_at is None:
                    collection.status.ready_at = self._world.now
                self._world.change(collection.status, collection.id, "RUNNING", None, "")
        elif is_all_there and states <= _UP and state == "PROVISIONING":
            self._world.change(collection.status, collection.id, "BOOTSTRAPPING")
        self._owner.capacity_changed()

    def _let_only_leave(self, collection: Collection, instances: Sequence[Instance]) -> None:
        """Let no other instances leave than these; those that were to, and are kept, are told of."""
        kept = collection.leaving - {one.id for one in instances}
        collection.leaving = {one.id for one in instances}
        for instance in collection.live:
            if instance.id in kept:
                self._world.runner.instance_changed(self._cluster, instance, STAYING)

    def _let_go(self, collection: Collection, instance: Instance, delay: int, until: int) -> None:
        """End an instance that is to go, once what runs on it has ended, or has had its time."""
        if not instance.is_live or instance.id not in collection.leaving or self._cluster.is_ending:
            return
        if self._world.now < until and not self._world.runner.may_let_go(self._cluster, instance):
            again = partial(self._let_go, collection, instance, delay, until)
            self._world.agenda.after(max(delay, 1), again)
        else:
            self._end(instance, None, "Instance was terminated.")
            self._settle(collection)

    def _end(self, instance: Instance, code: str | None, message: str) -> None:
        instance.status.ended_at = self._world.now
        self._world.change(instance.status, instance.id, "TERMINATED", code, message)
        self._world.supply.give_back(Pool(instance.instance_type, instance.zone), instance.market)
        self._world.runner.instance_changed(self._cluster, instance, GONE)

    def _collection_of(self, instance: Instance) -> Collection:
        return next(found for found in self._cluster.collections if found.id == instance.collection_id)
