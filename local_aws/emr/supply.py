"""What EC2 gives: the market, with shortages laid over it."""

from dataclasses import dataclass

from local_aws.emr.entities import SPOT
from local_aws.emr.market import Market, Pool


@dataclass
class Shortage:
    """A time in which pools give no more than so many instances; None stands for all types, all zones, or for ever."""

    market: str
    begins_at: int = 0
    ends_at: int | None = None
    instance_types: frozenset[str] | None = None
    zones: frozenset[str] | None = None
    left: int = 0

    def holds(self, market: str, pool: Pool, now: int) -> bool:
        """Tell whether it concerns a pool at an instant."""
        return (
            self.market == market
            and self.begins_at <= now
            and (self.ends_at is None or now < self.ends_at)
            and (self.instance_types is None or pool.instance_type in self.instance_types)
            and (self.zones is None or pool.zone in self.zones)
        )


class RegionSupply:
    """Instances of a Region: Spot as the market has it, On-Demand without limit, both less in a shortage."""

    def __init__(self, market: Market) -> None:
        """Begin without a shortage."""
        self.market = market
        self.shortages: list[Shortage] = []

    def spot_price(self, pool: Pool, now: int) -> float:
        """Return dollars an hour."""
        return self.market.spot_price(pool, now)

    def spot_available(self, pool: Pool, now: int) -> int:
        """Count the instances that Spot would give."""
        limit = self._limit(SPOT, pool, now)
        available = self.market.spot_available(pool, now)
        return available if limit is None else min(limit, available)

    def on_demand_price(self, instance_type: str) -> float:
        """Return dollars an hour."""
        return self.market.types[instance_type].on_demand_usd_h

    def on_demand_available(self, pool: Pool, now: int) -> int | None:
        """Count the instances that On-Demand would give; None: any number."""
        return self._limit("ON_DEMAND", pool, now)

    def take(self, pool: Pool, market: str, now: int) -> None:
        """Use one more instance; a shortage that it is taken in has one less to give."""
        for shortage in self.shortages:
            if shortage.holds(market, pool, now):
                shortage.left -= 1
        if market == SPOT:
            self.market.take(pool)

    def give_back(self, pool: Pool, market: str) -> None:
        """Use one less."""
        if market == SPOT:
            self.market.give_back(pool)

    def _limit(self, market: str, pool: Pool, now: int) -> int | None:
        found = [shortage.left for shortage in self.shortages if shortage.holds(market, pool, now)]
        return max(0, min(found)) if found else None
