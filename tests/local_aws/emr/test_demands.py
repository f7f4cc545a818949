"""What fleets and groups ask the market for."""

from typing import Any

import pytest

from local_aws.emr.allocation import TypeOption
from local_aws.emr.demands import buy, options_of, zone_for
from local_aws.emr.entities import ON_DEMAND, SPOT, Collection, Status
from local_aws.emr.market import instance_types
from tests.local_aws.emr.launching import FLEETS, Laptop, fleet

PRICE = instance_types()["m5.xlarge"].on_demand_usd_h


@pytest.fixture
def laptop() -> Laptop:
    return Laptop()


def collection(config: dict[str, Any], *, is_group: bool = False) -> Collection:
    return Collection("if-1", "CORE", config, is_group, Status("PROVISIONING", 0))


@pytest.mark.parametrize(
    ("config", "is_group", "expected"),
    [
        ({"InstanceType": "m5.xlarge"}, False, TypeOption("m5.xlarge", 1, PRICE, None)),
        (
            {"InstanceType": "m5.xlarge", "WeightedCapacity": 4, "BidPrice": "0.05", "Priority": 2.0},
            False,
            TypeOption("m5.xlarge", 4, 0.05, 2.0),
        ),
        (
            {"InstanceType": "m5.xlarge", "BidPriceAsPercentageOfOnDemandPrice": 50},
            False,
            TypeOption("m5.xlarge", 1, PRICE / 2, None),
        ),
        ({"InstanceType": "m5.xlarge", "BidPrice": "0.1"}, True, TypeOption("m5.xlarge", 1, 0.1, None)),
    ],
)
def test_types_have_weights_and_the_most_that_they_may_cost(
    laptop: Laptop, config: dict[str, Any], is_group: bool, expected: TypeOption
) -> None:
    given = config if is_group else {"InstanceTypeConfigs": [config]}
    assert options_of(laptop.emr.world, collection(given, is_group=is_group)) == [expected]


def test_a_primary_is_one_instance_and_others_are_what_is_missing(laptop: Laptop) -> None:
    cluster = laptop.emr.cluster(laptop.launch(FLEETS[0], fleet("CORE", 3)))
    assert buy(laptop.emr.world, cluster, cluster.collections[0], ON_DEMAND) == []
    laptop.emr.advance(3)
    assert len(cluster.collections[0].instances) == 1
    core = cluster.collections[1]
    assert core.units(ON_DEMAND) >= 3
    core.on_demand_target += 2
    missing = core.missing(ON_DEMAND)
    bought = buy(laptop.emr.world, cluster, core, ON_DEMAND)
    assert sum(one.weight for one in bought) >= missing > 0
    assert buy(laptop.emr.world, cluster, core, SPOT) == []


def test_a_fleet_buys_no_more_instances_than_it_may_have(laptop: Laptop) -> None:
    cluster = laptop.emr.cluster(laptop.launch(hours=1))
    types = [{"InstanceType": "m5.xlarge"}, {"InstanceType": "m5.4xlarge", "WeightedCapacity": 3}]
    core = collection({"InstanceTypeConfigs": types})
    core.on_demand_target = 5000
    assert len(buy(laptop.emr.world, cluster, core, ON_DEMAND)) == 2000
    core.instances = cluster.collections[1].instances
    assert len(buy(laptop.emr.world, cluster, core, ON_DEMAND)) == 2000 - len(core.instances) < 2000


def test_a_resize_has_a_strategy_of_its_own(laptop: Laptop) -> None:
    types = [
        {"InstanceType": "m5.2xlarge", "Priority": 0.0},
        {"InstanceType": "m5.xlarge", "Priority": 1.0},
    ]
    strategies = {
        "LaunchSpecifications": {"OnDemandSpecification": {"AllocationStrategy": "prioritized"}},
        "ResizeSpecifications": {"OnDemandResizeSpecification": {"AllocationStrategy": "lowest-price"}},
    }
    cluster = laptop.emr.cluster(laptop.launch(hours=1))
    core = collection({"InstanceTypeConfigs": types, **strategies})
    core.on_demand_target = 1
    bought = buy(laptop.emr.world, cluster, core, ON_DEMAND)
    assert [one.instance_type for one in bought] == ["m5.2xlarge"]
    core.status.ready_at = 1
    bought = buy(laptop.emr.world, cluster, core, ON_DEMAND)
    assert [one.instance_type for one in bought] == ["m5.xlarge"]


def test_the_zone_is_one_of_those_that_are_asked_for(laptop: Laptop) -> None:
    cluster = laptop.emr.cluster(laptop.launch())
    for zone in laptop.emr.world.supply.market.zones:
        assert zone_for(laptop.emr.world, cluster, [zone]) == zone
