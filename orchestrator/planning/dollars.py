"""What a plan on EMR Serverless may cost: by what its job runs begin with, and what its application may grow to.

How many executors a job run comes to have Spark decides while it runs, within maximumCapacity. So for each there is
what it costs at least in so many minutes, and at most.

https://aws.amazon.com/emr/pricing/
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from orchestrator import catalog
from orchestrator.aws.serverless_words import is_request
from orchestrator.catalog import ServerlessPrices
from orchestrator.config.limits import Limits
from orchestrator.plans import Plan, remaining
from orchestrator.rules.application import Application
from orchestrator.rules.workers import Size, begins_with, total

# Nothing is paid for less, of each worker.
_LEAST_MINUTES: Final = 1.0
_HOUR: Final = 60.0


@dataclass(frozen=True)
class Estimate:
    """Dollars an hour, in a Region as of a day; what is not known, or not bounded, is None.

    `jobs`: what each job run begins with. `most`: all that the application may have, disk beyond 20 GB a worker apart.
    `waiting`: its pre-initialised workers, while it is started. `minutes` is how long each job is said to take.
    """

    region: str
    as_of: str
    jobs: Mapping[str, float | None]
    most: float | None
    waiting: float
    minutes: float | None = None

    @property
    def least_dollars(self) -> float | None:
        """Return what all jobs cost at least; None without minutes, or where one of them is not known."""
        rates = [rate for rate in self.jobs.values() if rate is not None]
        if self.minutes is None or not rates or len(rates) < len(self.jobs):
            return None
        return sum(rates) * max(self.minutes, _LEAST_MINUTES) / _HOUR

    @property
    def most_dollars(self) -> float | None:
        """Return what all jobs cost at most, one after the other with all that the application may have."""
        if self.minutes is None or self.most is None:
            return None
        return self.most * max(self.minutes, _LEAST_MINUTES) / _HOUR * len(self.jobs)


def estimate(
    plan: Plan, region: str, minutes: float | None = None, done: Collection[str] = ()
) -> Estimate | None:
    """Estimate what is not done of a plan; None where it is for a cluster of EMR, or no prices are known."""
    request = plan.cluster.request
    if request is None or not is_request(request):
        return None
    prices = catalog.serverless_prices(region, str(request.get("architecture", "X86_64")))
    if prices is None:
        return None
    whole = Application(request, {}, None, Limits())
    waiting = total(each.size.paid.times(each.count) for each in whole.workers)
    return Estimate(
        region,
        catalog.serverless_prices_date(),
        {job.name: _begins(request, job.step, prices) for job in remaining(plan.jobs, done)},
        None if whole.maximum is None else _an_hour(prices, whole.maximum),
        _an_hour(prices, waiting),
        minutes,
    )


def _begins(request: Mapping[str, Any], step: Mapping[str, Any], prices: ServerlessPrices) -> float | None:
    found = begins_with(Application(request, step, None, Limits()).spark())
    if found is None:
        return None
    driver, executor, count = found
    return _an_hour(prices, total([driver.paid, executor.paid.times(count)]))


def _an_hour(prices: ServerlessPrices, size: Size) -> float:
    return prices.of(size.cpu, size.memory, size.disk)
