"""Shortages over the market."""

import pytest

from local_aws.emr.market import Market, Pool
from local_aws.emr.supply import RegionSupply, Shortage

ZONES = ("us-east-1a", "us-east-1b")
HERE = Pool("m5.xlarge", "us-east-1a")


@pytest.fixture
def supply() -> RegionSupply:
    return RegionSupply(Market("a", ZONES))


@pytest.mark.parametrize(
    ("shortage", "holds"),
    [
        (Shortage("SPOT"), True),
        (Shortage("ON_DEMAND"), False),
        (Shortage("SPOT", begins_at=11), False),
        (Shortage("SPOT", begins_at=10, ends_at=11), True),
        (Shortage("SPOT", ends_at=10), False),
        (Shortage("SPOT", instance_types=frozenset({"m5.xlarge"})), True),
        (Shortage("SPOT", instance_types=frozenset({"m5.2xlarge"})), False),
        (Shortage("SPOT", zones=frozenset({"us-east-1b"})), False),
    ],
)
def test_a_shortage_concerns_its_market_pools_and_time(shortage: Shortage, holds: bool) -> None:
    assert shortage.holds("SPOT", HERE, 10) == holds


def test_a_shortage_has_so_many_instances_left_and_the_least_counts(supply: RegionSupply) -> None:
    usual = supply.spot_available(HERE, 0)
    assert usual > 3
    assert supply.on_demand_available(HERE, 0) is None
    supply.shortages += [
        Shortage("SPOT", left=3),
        Shortage("SPOT", left=1, ends_at=5),
        Shortage("ON_DEMAND", left=2),
    ]
    assert (supply.spot_available(HERE, 0), supply.on_demand_available(HERE, 0)) == (1, 2)
    supply.take(HERE, "SPOT", 0)
    assert (supply.spot_available(HERE, 0), supply.spot_available(HERE, 5)) == (0, 2)
    supply.take(HERE, "ON_DEMAND", 0)
    assert supply.on_demand_available(HERE, 0) == 1
    supply.shortages.clear()
    assert supply.spot_available(HERE, 0) == usual - 1
    supply.give_back(HERE, "SPOT")
    assert supply.spot_available(HERE, 0) == usual


def test_prices_are_those_of_the_market(supply: RegionSupply) -> None:
    assert supply.spot_price(HERE, 0) == supply.market.spot_price(HERE, 0)
    assert supply.on_demand_price("m5.xlarge") == 0.192
