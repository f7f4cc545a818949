"""Which instances are launched for the units a fleet misses, and in which zone a cluster comes to stand.

Pure functions over a view of the market, so that the same view gives the same instances. A pool is a type in a zone;
prices compare per unit, which is the price by the type's weight; instances are bought until no unit is missing, so the
last one may bring more than was. What AWS says of its strategies:

- https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-instance-fleet.html
- https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-fleet-allocation-strategy.html

How AWS weighs capacity it does not say. Here a pool is as deep as the units it can give, and:

- `lowest-price`, or no strategy: the cheapest pool until it is empty, then the next.
- `prioritized`: so too, by priority, whose highest is 0; who has none comes last.
- `capacity-optimized`: each instance from the pool that is then the deepest.
- `price-capacity-optimized`: the cheapest pool among those at least half as deep as the deepest, until it is empty;
  then so again among the rest.
- `capacity-optimized-prioritized`: by priority among pools that can give everything alone, the deeper one where
  priorities are equal; if none can, as `capacity-optimized`.
- `diversified`: an instance from each pool in turn, the cheapest first, until pools run empty.

Where that leaves two pools equal, the type that the request names first comes first.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heapreplace
from math import fsum, inf
from typing import Final, Protocol, TypeAlias

from local_aws.emr.entities import ON_DEMAND, SPOT
from local_aws.emr.market import Pool

# The share of the deepest pool's units with which a pool counts among the deep ones.
DEEP: Final = 0.5


@dataclass(frozen=True)
class TypeOption:
    """A type that a fleet may take: the units it counts, the most its Spot price may be, and its priority."""

    instance_type: str
    weight: int
    max_price_usd_h: float
    priority: float | None = None


@dataclass(frozen=True)
class Purchase:
    """An instance to launch, and the units it counts."""

    instance_type: str
    weight: int
    market: str


class Supply(Protocol):
    """What can be had at an instant, and for how many dollars an hour."""

    def spot_price(self, pool: Pool, now: int) -> float:
        """Return what a Spot instance costs."""

    def spot_available(self, pool: Pool, now: int) -> int:
        """Count the Spot instances that are still to be had."""

    def on_demand_price(self, instance_type: str) -> float:
        """Return what an On-Demand instance costs."""

    def on_demand_available(self, pool: Pool, now: int) -> int | None:
        """Count the On-Demand instances that are still to be had; None: without limit."""


@dataclass(frozen=True)
class Demand:
    """What one fleet wants of a zone; the cluster cannot start without what is required (master and core)."""

    options: Sequence[TypeOption]
    on_demand_units: int
    spot_units: int
    on_demand_strategy: str | None
    spot_strategy: str | None
    is_required: bool


@dataclass(frozen=True)
class _Offer:
    """A pool that has something to give: at least one instance."""

    purchase: Purchase
    count: int
    price_per_unit: float
    priority: float

    @property
    def units(self) -> int:
        return self.count * self.purchase.weight


_Strategy: TypeAlias = Callable[[Sequence[_Offer], int], list[Purchase]]


def buy_spot(
    options: Sequence[TypeOption], units: int, strategy: str | None, zone: str, supply: Supply, now: int
) -> list[Purchase]:
    """Choose the Spot instances to launch in a zone now for so many missing units, in the order of launch.

    There are fewer where capacity lacks, and none of a pool that costs more than its type may. Each pool is asked once;
    a type that is named twice counts as it is named first.

    Raises:
        KeyError: There is no such strategy.
    """
    buy = _SPOT_STRATEGIES[strategy]
    offers = list[_Offer]()
    for option in _once(options):
        pool = Pool(option.instance_type, zone)
        price = supply.spot_price(pool, now)
        if price <= option.max_price_usd_h:
            offers.append(_offer(option, SPOT, supply.spot_available(pool, now), price))
    return buy([offer for offer in offers if offer.count > 0], units)


def buy_on_demand(
    options: Sequence[TypeOption], units: int, strategy: str | None, zone: str, supply: Supply, now: int
) -> list[Purchase]:
    """Choose the On-Demand instances to launch, as `buy_spot` does; they may cost what they cost.

    Raises:
        KeyError: There is no such strategy.
    """
    buy = _ON_DEMAND_STRATEGIES[strategy]
    offers = list[_Offer]()
    for option in _once(options):
        available = supply.on_demand_available(Pool(option.instance_type, zone), now)
        count = _needed(option.weight, units) if available is None else available
        offers.append(_offer(option, ON_DEMAND, count, supply.on_demand_price(option.instance_type)))
    return buy([offer for offer in offers if offer.count > 0], units)


def buy_one(
    options: Sequence[TypeOption], market: str, strategy: str | None, zone: str, supply: Supply, now: int
) -> Purchase | None:
    """Choose the one instance of a master fleet, whose types count one unit each; None where there is none.

    Raises:
        KeyError: There is no such strategy.
    """
    buy = buy_spot if market == SPOT else buy_on_demand
    return next(iter(buy(options, 1, strategy, zone, supply, now)), None)


def choose_zone(demands: Sequence[Demand], zones: Sequence[str], supply: Supply, now: int) -> str:
    """Choose the zone of all of a cluster's fleets, by what would be launched there now.

    A zone is the better one if everything can be had; if not, if all that is required can; then if more units can; then
    if that costs less; then if it is named earlier. That the task fleet's wants yield is AWS's rule, the rest is ours.
    Fleets draw on the same pools: first those that are required, each in its order, On-Demand before Spot.

    Raises:
        ValueError: There is no zone.
    """
    return min(zones, key=lambda zone: _shortfall(demands, zone, supply, now))


def _shortfall(
    demands: Sequence[Demand], zone: str, supply: Supply, now: int
) -> tuple[bool, bool, int, float]:
    """Rank a zone, the best lowest: does anything lack, does anything required, how many units, what it costs."""
    rest, all_bought = _Rest(supply), Counter[Purchase]()
    lacking, required_lacking = 0, 0
    for demand in sorted(demands, key=lambda demand: not demand.is_required):
        for buy, strategy, units in (
            (buy_on_demand, demand.on_demand_strategy, demand.on_demand_units),
            (buy_spot, demand.spot_strategy, demand.spot_units),
        ):
            bought = buy(demand.options, units, strategy, zone, rest, now)
            rest.take(bought, zone)
            all_bought.update(bought)
            short = max(0, units - sum(purchase.weight for purchase in bought))
            lacking += short
            required_lacking += short if demand.is_required else 0
    cost = fsum(count * _price(purchase, zone, supply, now) for purchase, count in all_bought.items())
    return lacking > 0, required_lacking > 0, lacking, cost


def _price(purchase: Purchase, zone: str, supply: Supply, now: int) -> float:
    if purchase.market == SPOT:
        return supply.spot_price(Pool(purchase.instance_type, zone), now)
    return supply.on_demand_price(purchase.instance_type)


class _Rest:
    """What a supply has left once some of it is taken."""

    def __init__(self, supply: Supply) -> None:
        self._supply = supply
        self.spot_price, self.on_demand_price = supply.spot_price, supply.on_demand_price
        self._taken: Counter[tuple[str, Pool]] = Counter()

    def take(self, bought: Iterable[Purchase], zone: str) -> None:
        self._taken.update((each.market, Pool(each.instance_type, zone)) for each in bought)

    def spot_available(self, pool: Pool, now: int) -> int:
        return self._supply.spot_available(pool, now) - self._taken[SPOT, pool]

    def on_demand_available(self, pool: Pool, now: int) -> int | None:
        available = self._supply.on_demand_available(pool, now)
        return None if available is None else available - self._taken[ON_DEMAND, pool]


def _once(options: Iterable[TypeOption]) -> Iterable[TypeOption]:
    named = dict[str, TypeOption]()
    for option in options:
        named.setdefault(option.instance_type, option)
    return named.values()


def _offer(option: TypeOption, market: str, count: int, price: float) -> _Offer:
    purchase = Purchase(option.instance_type, option.weight, market)
    priority = inf if option.priority is None else option.priority
    return _Offer(purchase, count, price / option.weight, priority)


def _needed(weight: int, units: int) -> int:
    """Count the instances that bring so many units."""
    return max(0, -(-units // weight))


def _one_after_another(offers: Iterable[_Offer], units: int) -> list[Purchase]:
    """Buy from the first pool until it is empty, then from the next."""
    bought = list[Purchase]()
    for offer in offers:
        count = min(offer.count, _needed(offer.purchase.weight, units))
        bought += [offer.purchase] * count
        units -= count * offer.purchase.weight
    return bought


def _one_by_one(offers: Sequence[_Offer], units: int, rank: Callable[[_Offer, int], int]) -> list[Purchase]:
    """Buy each instance from the pool of the lowest rank, which changes with what was bought there already."""
    bought = list[Purchase]()
    heap = [(rank(offer, 0), number, 0) for number, offer in enumerate(offers)]
    heapify(heap)
    while heap and units > 0:
        _, number, taken = heap[0]
        offer = offers[number]
        bought.append(offer.purchase)
        units -= offer.purchase.weight
        if taken + 1 == offer.count:
            heappop(heap)
        else:
            heapreplace(heap, (rank(offer, taken + 1), number, taken + 1))
    return bought


def _lowest_price(offers: Sequence[_Offer], units: int) -> list[Purchase]:
    return _one_after_another(_by_price(offers), units)


def _prioritized(offers: Sequence[_Offer], units: int) -> list[Purchase]:
    return _one_after_another(sorted(offers, key=lambda offer: offer.priority), units)


def _capacity_optimized(offers: Sequence[_Offer], units: int) -> list[Purchase]:
    return _one_by_one(offers, units, lambda offer, taken: taken * offer.purchase.weight - offer.units)


def _capacity_optimized_prioritized(offers: Sequence[_Offer], units: int) -> list[Purchase]:
    enough = [offer for offer in offers if offer.units >= units]
    if not enough:
        return _capacity_optimized(offers, units)
    return _one_after_another(sorted(enough, key=lambda offer: (offer.priority, -offer.units)), units)


def _by_price(offers: Iterable[_Offer]) -> list[_Offer]:
    return sorted(offers, key=lambda offer: offer.price_per_unit)


def _by_depth_and_price(offers: Iterable[_Offer]) -> Iterator[_Offer]:
    left = _by_price(offers)
    while left:
        deepest = max(offer.units for offer in left)
        chosen = next(offer for offer in left if offer.units >= DEEP * deepest)
        left.remove(chosen)
        yield chosen


_ON_DEMAND_STRATEGIES: Final[Mapping[str | None, _Strategy]] = {
    None: _lowest_price,
    "lowest-price": _lowest_price,
    "prioritized": _prioritized,
}
_SPOT_STRATEGIES: Final[Mapping[str | None, _Strategy]] = {
    None: _lowest_price,
    "lowest-price": _lowest_price,
    "capacity-optimized": _capacity_optimized,
    "price-capacity-optimized": lambda offers, units: _one_after_another(_by_depth_and_price(offers), units),
    "capacity-optimized-prioritized": _capacity_optimized_prioritized,
    "diversified": lambda offers, units: _one_by_one(_by_price(offers), units, lambda _, taken: taken),
}
