"""What a run on EMR Serverless has cost, by what AWS says was billed for its job runs.

https://docs.aws.amazon.com/emr-serverless/latest/APIReference/API_JobRun.html: a minute a worker at least, disk beyond
20 GB a worker; pre-initialised workers that only wait are not in it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from orchestrator import catalog
from orchestrator.aws.emr import Record
from orchestrator.aws.serverless_words import is_id, is_request
from orchestrator.engine.edge import Edge
from orchestrator.engine.records import RunRecord
from orchestrator.identity import token_of

_ENDED: Final = frozenset({"COMPLETED", "FAILED", "CANCELLED"})


@dataclass(frozen=True)
class Billed:
    """So many job runs, and what was billed for them; `dollars` is None where the Region's prices are not known."""

    job_runs: int = 0
    vcpu_hours: float = 0.0
    memory_gb_hours: float = 0.0
    storage_gb_hours: float = 0.0
    dollars: float | None = None

    def __add__(self, other: "Billed") -> "Billed":
        """Add up."""
        known = [each for each in (self.dollars, other.dollars) if each is not None]
        return Billed(
            self.job_runs + other.job_runs,
            self.vcpu_hours + other.vcpu_hours,
            self.memory_gb_hours + other.memory_gb_hours,
            self.storage_gb_hours + other.storage_gb_hours,
            sum(known) if known else None,
        )


@dataclass(frozen=True)
class Receipt:
    """What was billed for each job of a run since it was begun, its earlier attempts included.

    `open` are the ids of job runs that go on, or for which AWS has billed nothing yet.
    """

    region: str
    as_of: str
    jobs: Mapping[str, Billed]
    open: list[str] = field(default_factory=list)

    @property
    def whole(self) -> Billed:
        """Return what was billed for all of them."""
        return sum(self.jobs.values(), Billed())


def receipt(edge: Edge, record: RunRecord, region: str, until: float) -> Receipt | None:
    """Ask what was billed for a run; None where it is not on an application of EMR Serverless.

    Raises:
        RefusedCallError: Job runs may not be seen.
        TimedOutError: AWS did not answer in time.
    """
    cluster_id, request = record.cluster_id, record.plan.cluster.request
    if cluster_id is None or not is_id(cluster_id) or request is None or not is_request(request):
        return None
    prices = catalog.serverless_prices(region, str(request.get("architecture", "X86_64")))
    names = {job.base: job.name for job in record.plan.jobs}
    jobs = dict.fromkeys(names.values(), Billed())
    still_open = []
    for listed in edge.emr.steps(cluster_id, until, since=record.began_at - edge.bounds.skew_s):
        token = token_of(str(listed["Name"]))
        name = names.get(token.base) if token else None
        if name is None:
            continue
        step = edge.emr.step(cluster_id, listed["Id"], until)
        if step["Status"]["State"] not in _ENDED or "Billed" not in step:
            still_open.append(str(step["Id"]))
            continue
        jobs[name] += _billed(step, prices)
    return Receipt(region, catalog.serverless_prices_date(), jobs, still_open)


def _billed(step: Record, prices: catalog.ServerlessPrices | None) -> Billed:
    told = step["Billed"]
    cpu, memory, disk = (float(told.get(name, 0)) for name in ("vCPUHour", "memoryGBHour", "storageGBHour"))
    return Billed(1, cpu, memory, disk, None if prices is None else prices.of(cpu, memory, disk))
