"""What a job run has used, and what of it is paid for.

https://docs.aws.amazon.com/emr-serverless/latest/APIReference/API_JobRun.html: used is reckoned from the beginning of
the execution, rounded up to the second; paid is a minute a worker at least, and of its disk what is over 20 GB.
https://aws.amazon.com/emr/pricing/
"""

from collections.abc import Iterable
from typing import Final

from local_aws.serverless.capacity import FREE_DISK, Resources, Workers
from local_aws.serverless.entities import JobRun

_HOUR_S: Final = 3600
_LEAST_S: Final = 60


def used(job_run: JobRun) -> dict[str, float]:
    """Return its `totalResourceUtilization`."""
    return _told((workers.all, -(-lasted // 1000)) for workers, lasted in _workers(job_run))


def billed(job_run: JobRun) -> dict[str, float]:
    """Return its `billedResourceUtilization`."""
    return _told((_paid(workers), max(-(-lasted // 1000), _LEAST_S)) for workers, lasted in _workers(job_run))


def _paid(workers: Workers) -> Resources:
    size = workers.size
    return Resources(size.cpu, size.memory, max(size.disk - FREE_DISK, 0)).times(workers.count)


def _workers(job_run: JobRun) -> Iterable[tuple[Workers, int]]:
    for demand, lasted in job_run.used:
        yield demand.driver, lasted
        yield demand.executors, lasted


def _told(parts: Iterable[tuple[Resources, int]]) -> dict[str, float]:
    cpu = memory = disk = 0
    for had, seconds in parts:
        cpu, memory, disk = cpu + had.cpu * seconds, memory + had.memory * seconds, disk + had.disk * seconds
    names = ("vCPUHour", "memoryGBHour", "storageGBHour")
    return {name: round(value / _HOUR_S, 3) for name, value in zip(names, (cpu, memory, disk), strict=True)}
