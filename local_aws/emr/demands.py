"""What a fleet or a group asks the market for, in the terms of `allocation`."""

from collections.abc import Mapping, Sequence

from local_aws.emr.allocation import (
    Demand,
    Purchase,
    TypeOption,
    buy_on_demand,
    buy_one,
    buy_spot,
    choose_zone,
)
from local_aws.emr.entities import MASTER, ON_DEMAND, SPOT, TASK, Cluster, Collection, Json
from local_aws.emr.rules.sizes import most_instances
from local_aws.emr.world import World


def options_of(world: World, collection: Collection) -> list[TypeOption]:
    """Return the types that a collection may be made of, with weights, and what a Spot instance may cost at most."""
    if collection.is_group:
        configs: Sequence[Mapping[str, Json]] = [collection.config]
    else:
        configs = collection.config["InstanceTypeConfigs"]
    return [
        TypeOption(
            instance_type=config["InstanceType"],
            weight=config.get("WeightedCapacity", 1),
            max_price_usd_h=_most(config, world.supply.on_demand_price(config["InstanceType"])),
            priority=config.get("Priority"),
        )
        for config in configs
    ]


def buy(world: World, cluster: Cluster, collection: Collection, market: str) -> list[Purchase]:
    """Choose the instances that are launched now for the units that a purchasing option misses."""
    options, units = options_of(world, collection), collection.missing(market)
    strategy = _strategy(collection, market)
    if not units or cluster.zone is None:
        return []
    if collection.role == MASTER:
        found = buy_one(options, market, strategy, cluster.zone, world.supply, world.now)
        return [found] * units if found else []
    choose = buy_on_demand if market == ON_DEMAND else buy_spot
    chosen = choose(options, units, strategy, cluster.zone, world.supply, world.now)
    return chosen[: max(0, most_instances(collection.config, cluster.release) - len(collection.live))]


def zone_for(world: World, cluster: Cluster, zones: Sequence[str]) -> str:
    """Choose the cluster's Availability Zone."""
    demands = [
        Demand(
            options=options_of(world, collection),
            on_demand_units=collection.on_demand_target,
            spot_units=collection.spot_target,
            on_demand_strategy=_strategy(collection, ON_DEMAND),
            spot_strategy=_strategy(collection, SPOT),
            is_required=collection.role != TASK,
        )
        for collection in cluster.collections
    ]
    return choose_zone(demands, zones, world.supply, world.now)


def _most(config: Mapping[str, Json], on_demand_usd_h: float) -> float:
    if "BidPrice" in config:
        return float(config["BidPrice"])
    percent = float(config.get("BidPriceAsPercentageOfOnDemandPrice", 100))
    return on_demand_usd_h * percent / 100


def _strategy(collection: Collection, market: str) -> str | None:
    """Return a fleet's strategy: that of a resize once it has run, where it has one of its own."""
    key = "OnDemand" if market == ON_DEMAND else "Spot"
    resize = collection.config.get("ResizeSpecifications", {}).get(f"{key}ResizeSpecification", {})
    launch = collection.config.get("LaunchSpecifications", {}).get(f"{key}Specification", {})
    own = launch.get("AllocationStrategy")
    found = resize.get("AllocationStrategy", own) if collection.status.ready_at is not None else own
    return None if found is None else str(found)
