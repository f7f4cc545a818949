"""The seeded market of instances, and the table under it."""

import csv
import gzip
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local_aws.emr.market import HOUR, Market, Pool, instance_types

ZONES = ("us-east-1a", "us-east-1b", "us-east-1c")
POOL = Pool("m5.xlarge", "us-east-1a")
types_in_table = st.sampled_from(sorted(instance_types()))


def test_the_table_holds_what_its_source_does(shared_data: Path) -> None:
    with gzip.open(shared_data / "prices" / "ec2_prices_all_regions.csv.gz", "rt", encoding="utf-8") as lines:
        rows = [row for row in csv.DictReader(lines) if row["region"] == "us-east-1"]
    wanted = {
        row["instance_type"]: row
        for row in rows
        if row["emr_supported"] == "True" and row["spot_by_az"] and row["pct_interrupt"]
    }
    assert sorted(wanted) == list(instance_types())
    for name, row in wanted.items():
        kind = instance_types()[name]
        assert (kind.arch, kind.vcpu, kind.interruption) == (
            row["arch"],
            int(row["vcpu"]),
            row["pct_interrupt"],
        )
        assert (kind.memory_gib, kind.on_demand_usd_h, kind.emr_usd_h) == (
            float(row["memory_gib"]),
            float(row["on_demand_usd_h"]),
            float(row["emr_surcharge_usd_h"]),
        )
        assert list(kind.spot_usd_h) == [float(price) for price in row["spot_by_az"].split("|")]


@given(st.text(max_size=5), types_in_table, st.sampled_from(ZONES), st.integers(0, 10**13))
def test_a_market_is_its_seeds_and_never_dearer_than_on_demand(
    seed: str, name: str, zone: str, now: int
) -> None:
    pool, kind = Pool(name, zone), instance_types()[name]
    price, available = (
        Market(seed, ZONES).spot_price(pool, now),
        Market(seed, ZONES).spot_available(pool, now),
    )
    other = Market(seed, ZONES)
    assert (other.spot_price(pool, now), other.spot_available(pool, now)) == (price, available)
    assert (
        0.9 * min(kind.spot_usd_h) - 1e-6
        <= price
        <= min(kind.on_demand_usd_h, 1.1 * max(kind.spot_usd_h)) + 1e-6
    )
    assert available >= 0


def test_another_seed_and_another_hour_are_another_market() -> None:
    prices = {Market(seed, ZONES).spot_price(POOL, hour * HOUR) for seed in "abc" for hour in range(5)}
    assert len(prices) == 15
    assert Market("a", ZONES).spot_price(POOL, 0) == Market("a", ZONES).spot_price(POOL, HOUR - 1)


def test_instances_in_use_are_not_there_for_others() -> None:
    market = Market("a", ZONES)
    before = market.spot_available(POOL, 0)
    assert before > 1
    market.take(POOL)
    assert market.in_use == {POOL: 1}
    assert market.spot_available(POOL, 0) == before - 1
    assert market.spot_available(Pool("m5.xlarge", "us-east-1b"), 0) == Market("a", ZONES).spot_available(
        Pool("m5.xlarge", "us-east-1b"), 0
    )
    market.give_back(POOL)
    assert market.in_use == {}
    assert market.spot_available(POOL, 0) == before


@pytest.mark.parametrize(("name", "expected"), [("r6a.xlarge", 0.175), ("r6idn.12xlarge", 0.25)])
def test_as_many_instances_fall_in_a_month_as_the_band_says(name: str, expected: float) -> None:
    market, month = Market("a", ZONES), 730
    lives = [market.hours_to_interruption(Pool(name, ZONES[0]), f"i-{number}") for number in range(4000)]
    assert sum(life < month for life in lives) / 4000 == pytest.approx(expected, abs=0.02)


def test_types_that_are_often_interrupted_have_less_to_give() -> None:
    market = Market("a", ZONES)

    def vcpus(band: str) -> float:
        kinds = [kind for kind in instance_types().values() if kind.interruption == band]
        pools = [(Pool(kind.name, zone), kind.vcpu) for kind in kinds for zone in ZONES]
        return sum(market.spot_available(pool, 0) * vcpu for pool, vcpu in pools) / len(pools)

    assert vcpus("<5%") > vcpus("5-10%") > vcpus("10-15%") > vcpus("15-20%") > vcpus(">20%") > 0
