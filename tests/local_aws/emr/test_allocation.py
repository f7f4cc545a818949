"""Which instances each strategy launches, and which zone a cluster comes to stand in."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local_aws.emr.allocation import (
    Demand,
    Purchase,
    TypeOption,
    buy_on_demand,
    buy_one,
    buy_spot,
    choose_zone,
)
from local_aws.emr.entities import ON_DEMAND, SPOT
from local_aws.emr.market import Pool

ZONE, NOW = "z", 7
LOW, CAP, DIV = "lowest-price", "capacity-optimized", "diversified"
PRICE_CAP, CAP_PRIO, PRIO = "price-capacity-optimized", "capacity-optimized-prioritized", "prioritized"
BUY = {SPOT: buy_spot, ON_DEMAND: buy_on_demand}
STRATEGIES = {SPOT: (None, LOW, CAP, PRICE_CAP, CAP_PRIO, DIV), ON_DEMAND: (None, LOW, PRIO)}
any_strategy = st.sampled_from([(market, name) for market, names in STRATEGIES.items() for name in names])


@dataclass(frozen=True)
class Row:
    """A pool: the weight of its type, how many instances there are, what one costs, and the type's priority."""

    weight: int
    count: int
    price: float
    priority: float = inf

    @property
    def units(self) -> int:
        return self.weight * self.count

    @property
    def per_unit(self) -> float:
        return self.price / self.weight


@dataclass
class Table:
    """A few pools' counts and prices of Spot, the same counts On-Demand, or no limit there, and On-Demand prices."""

    spot: Mapping[Pool, tuple[int, float]] = field(default_factory=dict)
    on_demand: Mapping[str, float] = field(default_factory=dict)
    asked: Counter[tuple[str, Pool]] = field(default_factory=Counter)

    def spot_price(self, pool: Pool, now: int) -> float:
        self.asked["price", pool] += now
        return self.spot[pool][1]

    def spot_available(self, pool: Pool, now: int) -> int:
        self.asked["count", pool] += now
        return self.spot[pool][0]

    def on_demand_price(self, instance_type: str) -> float:
        return self.on_demand[instance_type]

    def on_demand_available(self, pool: Pool, now: int) -> int | None:
        self.asked["on demand", pool] += now
        return self.spot[pool][0] if pool in self.spot else None


def rows_of(text: str) -> list[Row]:
    """Read pools of the types a, b, c..., each as weight*count@price, with !priority if it has one."""
    told = re.findall(r"(\d+)\*(-?\d+)@([\d.]+)!?(\S*)", text)
    return [
        Row(int(weight), int(count), float(price), float(last or inf)) for weight, count, price, last in told
    ]


def options_of(rows: Sequence[Row], most: float = inf) -> list[TypeOption]:
    told = [(row.weight, most, None if row.priority == inf else row.priority) for row in rows]
    return [TypeOption(name, *rest) for name, rest in zip("abcdefgh", told, strict=False)]


def table_of(rows: Sequence[Row]) -> Table:
    named = dict(zip("abcdefgh", rows, strict=False))
    spot = {Pool(name, ZONE): (row.count, row.price) for name, row in named.items()}
    return Table(spot, {name: row.price for name, row in named.items()})


def counts_of(rows: list[Row], units: int, strategy: str, market: str = SPOT) -> list[tuple[Row, int]]:
    bought = BUY[market](options_of(rows), units, strategy, ZONE, table_of(rows), NOW)
    counts = Counter(purchase.instance_type for purchase in bought)
    return [(row, counts[name]) for name, row in zip("abcdefgh", rows, strict=False)]


prices, priorities = st.sampled_from([0.5, 1.0, 2.0, 3.0, 4.0]), st.sampled_from([inf, 0.0, 1.0, 1.5])
rows_of_pools = st.lists(st.builds(Row, st.integers(1, 8), st.integers(0, 9), prices, priorities), max_size=6)
missing_units = st.integers(0, 120)


@pytest.mark.parametrize(
    ("market", "strategy", "pools", "units", "expected"),
    [
        # Per unit b costs 1, a 2, c 3: b's two bring 4 units, a brings the 1 that is left.
        (SPOT, LOW, "1*9@2 2*2@2 1*9@3", 5, "bba"),
        (SPOT, None, "1*9@2 2*2@2 1*9@3", 5, "bba"),
        (SPOT, LOW, "2*1@2 1*9@1", 4, "abb"),  # of equal prices the first named
        (SPOT, LOW, "5*9@5 1*9@1.1", 7, "aa"),  # 2 are left and the cheapest brings 5: 3 over
        (SPOT, LOW, "1*2@1 2*1@1", 9, "baa"),  # a shortage
        (SPOT, LOW, "1*0@1 1*-2@1 1*9@2", 3, "ccc"),
        # c is the deepest with 8 units; then it has 6 as b, which is named first; then b has 5.
        (SPOT, CAP, "1*4@0.1 1*6@2 2*4@9", 5, "cbc"),
        (SPOT, CAP, "1*2@0.1 1*2@9", 9, "abab"),
        # Half of b's 10 units is deep, which a is not; c is the cheapest that is, and then b is the only one.
        (SPOT, PRICE_CAP, "1*4@0.1 1*10@3 1*5@1", 7, "cccccbb"),
        (SPOT, PRICE_CAP, "1*4@0.1 1*10@3", 12, "bbbbbbbbbbaa"),  # once b is empty, a is deep
        (SPOT, PRICE_CAP, "4*3@8 1*7@1", 2, "bb"),  # three instances are 12 units, of which 7 are enough
        (SPOT, PRICE_CAP, "8*3@8.1 1*7@1", 2, "a"),  # of 24 they are not
        # b and c can give 4 units, and c has the higher priority; a, which has the highest, cannot.
        (SPOT, CAP_PRIO, "1*3@1!0 1*9@1!2 2*2@9!1", 4, "cc"),
        (SPOT, CAP_PRIO, "1*9@1 1*5@1!7", 2, "bb"),  # no priority is the lowest
        (
            SPOT,
            CAP_PRIO,
            "1*5@1!1 1*9@1!1 1*9@1!1",
            2,
            "bb",
        ),  # of equal ones the deepest, then the first named
        (SPOT, CAP_PRIO, "1*2@1!0 1*5@1!1", 6, "bbbaba"),  # none can give it alone: the deepest
        (SPOT, DIV, "2*9@3 1*1@1 1*9@2", 8, "bacaca"),  # b is empty after one; 1 over
        (SPOT, DIV, "1*1@1 1*3@1", 9, "abbb"),
        (ON_DEMAND, LOW, "1*9@2!0 2*2@2!1 1*9@3", 5, "bba"),
        (ON_DEMAND, None, "1*9@2!0 2*2@2!1 1*9@3", 5, "bba"),
        (ON_DEMAND, PRIO, "1*9@2 2*2@2!1 1*2@3!0.5", 7, "ccbba"),
        (ON_DEMAND, PRIO, "1*2@2!1 3*9@2!1", 3, "aab"),  # of equal priorities the first named; 2 over
        (ON_DEMAND, LOW, "1*0@1 1*-2@1 1*9@2", 3, "ccc"),
    ],
)
def test_instances_are_chosen_by_strategy(
    market: str, strategy: str | None, pools: str, units: int, expected: str
) -> None:
    options = {option.instance_type: option for option in options_of(rows_of(pools))}
    bought = BUY[market]([*options.values()], units, strategy, ZONE, table_of(rows_of(pools)), NOW)
    assert bought == [Purchase(name, options[name].weight, market) for name in expected]


def test_on_demand_instances_without_limit_are_never_short_and_cost_what_they_cost() -> None:
    bought = buy_on_demand([TypeOption("a", 3, 1.0)], 2000, None, ZONE, Table(on_demand={"a": 9.0}), NOW)
    assert bought == [Purchase("a", 3, ON_DEMAND)] * 667


@pytest.mark.parametrize(("price", "expected"), [(1.0, "a"), (1.001, "b")])
def test_a_type_is_not_bought_above_its_own_maximum_price(price: float, expected: str) -> None:
    options = [TypeOption("a", 4, 1.0), TypeOption("b", 4, 9.0)]
    supply = Table({Pool("a", ZONE): (5, price), Pool("b", ZONE): (5, 8.0)})
    assert buy_spot(options, 4, LOW, ZONE, supply, NOW) == [Purchase(expected, 4, SPOT)]


def test_a_type_that_is_named_twice_counts_as_named_first() -> None:
    options = [TypeOption("a", 1, 9.0), TypeOption("a", 2, 9.0)]
    bought = buy_spot(options, 9, DIV, ZONE, Table({Pool("a", ZONE): (3, 1.0)}), NOW)
    assert bought == [Purchase("a", 1, SPOT)] * 3


def test_a_strategy_of_the_other_market_is_an_error() -> None:
    for buy, strategy in ((buy_spot, PRIO), (buy_on_demand, DIV)):
        with pytest.raises(KeyError):
            buy([], 1, strategy, ZONE, Table(), NOW)


@given(rows_of_pools, missing_units, any_strategy, st.sampled_from([0.4, 1.0, 2.5, inf]))
def test_as_many_are_bought_as_are_missing_affordable_and_there_and_each_pool_is_asked_once(
    rows: list[Row], units: int, how: tuple[str, str | None], max_price: float
) -> None:
    (market, strategy), supply, options = how, table_of(rows), options_of(rows, max_price)
    bought = BUY[market](options, units, strategy, ZONE, supply, NOW)
    assert set(supply.asked.values()) <= {NOW}
    assert bought == BUY[market](options, units, strategy, ZONE, supply, NOW)
    is_offered = {row: market == ON_DEMAND or row.price <= max_price for row in rows}
    taken = Counter(purchase.instance_type for purchase in bought)
    for name, row in zip("abcdefgh", rows, strict=False):
        assert taken[name] <= (row.count if is_offered[row] else 0)
    total = sum(purchase.weight for purchase in bought)
    assert total >= min(units, sum(row.units for row in rows if is_offered[row]))
    # Without the last instance units would be missing.
    assert not bought or total - bought[-1].weight < units


@pytest.mark.parametrize(
    ("market", "strategy", "rank"),
    [(SPOT, LOW, "per_unit"), (ON_DEMAND, LOW, "per_unit"), (ON_DEMAND, PRIO, "priority")],
)
@given(rows_of_pools, missing_units)
def test_a_pool_is_used_when_all_of_lower_price_or_higher_priority_are_empty(
    market: str, strategy: str, rank: str, rows: list[Row], units: int
) -> None:
    counts = counts_of(rows, units, strategy, market)
    for used in (getattr(row, rank) for row, count in counts if count):
        assert not any(row.count > count and getattr(row, rank) < used for row, count in counts)


@given(rows_of_pools, missing_units)
def test_capacity_optimized_buys_of_no_pool_while_another_is_deeper(rows: list[Row], units: int) -> None:
    counts = counts_of(rows, units, CAP)
    deepest = max((row.units - count * row.weight for row, count in counts), default=0)
    assert all(row.units - (count - 1) * row.weight >= deepest for row, count in counts if count)


@given(rows_of_pools, missing_units)
def test_price_capacity_optimized_buys_the_cheapest_of_the_deep_pools(rows: list[Row], units: int) -> None:
    counts = counts_of(rows, units, PRICE_CAP)
    # What is left now was there when each pool was chosen.
    left = [(row, row.units - count * row.weight) for row, count in counts]
    deepest = max((row.units for row in rows), default=0)
    for used in (row for row, count in counts if count):
        assert used.units * 2 >= max(own for _, own in left)
        assert not any(own and row.units * 2 >= deepest and row.per_unit < used.per_unit for row, own in left)


@given(rows_of_pools, st.integers(1, 60))
def test_capacity_optimized_prioritized_asks_for_capacity_then_priority(rows: list[Row], units: int) -> None:
    counts = counts_of(rows, units, CAP_PRIO)
    if enough := [row for row in rows if row.units >= units]:
        (used,) = [row for row, count in counts if count]
        assert used in enough
        assert used.priority == min(row.priority for row in enough)
    else:
        assert counts == counts_of(rows, units, CAP)


@given(rows_of_pools, missing_units)
def test_diversified_counts_differ_by_one_but_where_a_pool_is_empty(rows: list[Row], units: int) -> None:
    counts = counts_of(rows, units, DIV)
    most = max((count for _, count in counts), default=0)
    assert all(count >= min(row.count, most - 1) for row, count in counts)
    dearest_of_the_most = max((row.per_unit for row, count in counts if count == most), default=0)
    assert all(row.per_unit >= dearest_of_the_most for row, count in counts if count < min(row.count, most))


@pytest.mark.parametrize(
    ("market", "strategy", "best"),
    [(SPOT, LOW, "b"), (SPOT, CAP, "c"), (SPOT, CAP_PRIO, "a"), (ON_DEMAND, PRIO, "a")],
)
def test_a_master_fleet_gets_one_instance_or_none(market: str, strategy: str | None, best: str) -> None:
    rows, empty = rows_of("1*3@2!0 1*1@1!1 1*9@3"), rows_of("1*0@2!0")
    assert buy_one(options_of(rows), market, strategy, ZONE, table_of(rows), NOW) == Purchase(best, 1, market)
    assert buy_one(options_of(empty), market, strategy, ZONE, table_of(empty), NOW) is None


A, B, BIG_B = TypeOption("a", 1, 9.0), TypeOption("b", 1, 9.0), TypeOption("b", 4, 9.0)
CORE = Demand([A, B], 0, 4, LOW, LOW, is_required=True)
MANY = replace(CORE, on_demand_units=4, spot_units=0)
TASK = replace(CORE, is_required=False)
TASK_A, TEN_B = replace(TASK, options=[A]), replace(TASK, options=[B], spot_units=10)


def zones_of(text: str) -> Table:
    """Read zones x, y, z, parted by |: for the types a and b count@price of Spot, the same count On-Demand."""
    spot = dict[Pool, tuple[int, float]]()
    for zone, pools in zip("xyz", text.split("|"), strict=False):
        for name, (count, price) in zip("ab", (pool.split("@") for pool in pools.split()), strict=True):
            spot[Pool(name, zone)] = (int(count), float(price))
    return Table(spot, {"a": 1.0, "b": 2.0})


@pytest.mark.parametrize(
    ("demands", "market", "expected"),
    [
        ([CORE], "3@1 0@1 | 2@8 2@8", "y"),  # everything can be had, if dearer
        ([CORE], "9@9.1 3@1 | 2@8 2@8", "y"),  # x's a costs more than it may
        ([CORE], "9@2 9@2 | 4@2 1@1", "y"),  # the cheaper one
        ([CORE], "9@1 9@1 | 4@1 0@1", "x"),  # equal
        ([CORE], "1@1 1@1 | 3@9 0@1", "y"),  # more units, if dearer
        ([MANY], "3@1 0@1 | 0@1 4@1", "y"),  # On-Demand instances lack,
        ([MANY], "3@1 9@1 | 4@1 0@1", "y"),  # and cost,
        ([replace(MANY, spot_units=4)], "4@1 0@1 | 4@1 9@9", "x"),  # and are counted apart
        # x gives ten of twelve units, but nothing required; y gives five.
        ([replace(CORE, options=[A], spot_units=2), TEN_B], "0@1 10@1 | 2@1 3@1", "y"),
        # The core takes four of six: y has two more.
        ([CORE, TASK], "6@1 0@1 | 6@9 2@9", "y"),
        ([MANY, replace(MANY, is_required=False)], "6@1 0@1 | 6@9 2@9", "y"),
        # x lacks one unit, y two. If the task fleet took first, x would lack one that is required.
        ([TASK_A, CORE], "7@1 0@1 | 2@2 4@1", "x"),
        # What x gives the core too much does not make up for what the task fleet lacks there.
        ([replace(CORE, options=[A, BIG_B], spot_units=1), TASK_A], "2@1 1@1 | 5@1 1@9", "y"),
    ],
)
def test_the_zone_is_the_best_for_all_fleets(demands: list[Demand], market: str, expected: str) -> None:
    assert choose_zone(demands, ["x", "y"], zones_of(market), NOW) == expected


def test_of_equal_zones_the_first_given_is_chosen_and_of_none_none() -> None:
    supply = zones_of("9@1 9@1 | 9@1 9@1")
    assert [choose_zone([CORE], zones, supply, NOW) for zones in ("xy", "yx")] == ["x", "y"]
    with pytest.raises(ValueError, match="empty"):
        choose_zone([CORE], [], supply, NOW)
