"""The market of EC2 instances: types and zones, what they cost, how many there are, how often Spot takes them back.

A model, drawn from a seed over the table in `cluster_configs/catalog/instance_types.json`, whose figures are real, and
dated there. Which of a Region's zones has which Spot price is drawn, as the table does not say. How many instances
there are nobody publishes: the draw gives types that are often interrupted little, and others much.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import log
from pathlib import Path
from typing import Final, NamedTuple
from zlib import crc32

from local_aws.emr.draws import draw_for

CATALOG: Final = Path(__file__).resolve().parents[2] / "cluster_configs" / "catalog" / "instance_types.json"
HOUR: Final = 3_600_000
# The share of a type's Spot instances that were interrupted in a month, as the Spot Instance advisor bands it, and
# about how many vCPUs a zone has to give.
_BANDS: Final[Mapping[str, tuple[float, int]]] = {
    "<5%": (0.025, 6000),
    "5-10%": (0.075, 3000),
    "10-15%": (0.125, 1500),
    "15-20%": (0.175, 800),
    ">20%": (0.25, 400),
}
_HOURS_A_MONTH: Final = 730


class Pool(NamedTuple):
    """Where instances come from: a type in an Availability Zone."""

    instance_type: str
    zone: str


@dataclass(frozen=True)
class InstanceType:
    """A type as the table has it: prices in US dollars an hour, Spot prices of the Region's zones in no order."""

    name: str
    arch: str
    vcpu: int
    memory_gib: float
    on_demand_usd_h: float
    emr_usd_h: float
    spot_usd_h: Sequence[float]
    interruption: str


@cache
def instance_types() -> Mapping[str, InstanceType]:
    """Load the table."""
    told = json.loads(CATALOG.read_text(encoding="utf-8"))["types"]
    return {name: InstanceType(name=name, **figures) for name, figures in told.items()}


class Market:
    """Prices and instances of a Region's zones at any instant, in milliseconds of the Unix epoch."""

    def __init__(
        self, seed: str, zones: Sequence[str], types: Mapping[str, InstanceType] | None = None
    ) -> None:
        """Draw the market of a seed."""
        self.zones = tuple(zones)
        self.types = instance_types() if types is None else types
        self._seed = seed
        self._in_use: Counter[Pool] = Counter()
        self._drawn: dict[tuple[object, ...], float] = {}

    def zone_of(self, subnet: str) -> str:
        """Return the zone that a subnet lies in."""
        return self.zones[crc32(subnet.encode()) % len(self.zones)]

    def spot_price(self, pool: Pool, now: int) -> float:
        """Return dollars an hour: the zone's price, a tenth more or less by the hour, at most the On-Demand price."""
        kind = self.types[pool.instance_type]
        prices = list(kind.spot_usd_h)
        draw_for(self._seed, "zones", kind.name).shuffle(prices)
        price = prices[self.zones.index(pool.zone) % len(prices)]
        swing = 0.9 + 0.2 * self._draw("price", *pool, now // HOUR)
        return round(min(kind.on_demand_usd_h, price * swing), 6)

    def spot_available(self, pool: Pool, now: int) -> int:
        """Count the instances that Spot would still give: about the zone's share by the hour, without those in use."""
        kind = self.types[pool.instance_type]
        _, vcpus = _BANDS[kind.interruption]
        share = 2 * self._draw("depth", *pool) * 2 * self._draw("tide", *pool, now // HOUR)
        return max(0, int(vcpus * share) // kind.vcpu - self._in_use[pool])

    def take(self, pool: Pool) -> None:
        """Use one more Spot instance."""
        self._in_use[pool] += 1

    def give_back(self, pool: Pool) -> None:
        """Use one less."""
        self._in_use[pool] -= 1

    @property
    def in_use(self) -> Counter[Pool]:
        """Count the Spot instances that are used, by their pools."""
        return +self._in_use

    def hours_to_interruption(self, pool: Pool, instance_id: str) -> float:
        """Draw how long a Spot instance lives if nobody ends it: as many fall in a month as the type's band says."""
        monthly, _ = _BANDS[self.types[pool.instance_type].interruption]
        rate = -log(1 - monthly) / _HOURS_A_MONTH
        return -log(1 - self._draw("life", instance_id)) / rate

    def _draw(self, *what: object) -> float:
        """Draw from 0 to 1 for a thing, the same each time."""
        if what not in self._drawn:
            self._drawn[what] = draw_for(self._seed, *what).random()
        return self._drawn[what]
