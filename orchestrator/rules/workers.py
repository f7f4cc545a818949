"""Workers of EMR Serverless: the sizes that there are, and what a job run begins with.

https://docs.aws.amazon.com/emr/latest/EMR-Serverless-UserGuide/app-behavior.html#worker-configs
https://docs.aws.amazon.com/emr/latest/EMR-Serverless-UserGuide/jobs-spark.html#spark-defaults
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

# Gigabytes of disk that every worker has, and that nothing is paid for.
FREE_DISK: Final = 20
# By vCPUs: the least and the most memory in GB, and its steps; of 32 vCPUs it is one of three.
_SIZES: Final = {1: (2, 8, 1), 2: (4, 16, 1), 4: (8, 30, 1), 8: (16, 60, 4), 16: (32, 120, 8)}
_LARGE: Final = (32, (60, 120, 244))
_DEFAULTS: Final[Mapping[str, str]] = {
    "spark.driver.cores": "4",
    "spark.driver.memory": "14g",
    "spark.executor.cores": "4",
    "spark.executor.memory": "14g",
    "spark.executor.instances": "3",
}
_INITIAL: Final = "spark.dynamicAllocation.initialExecutors"
_OVERHEAD: Final = 0.1
_LEAST_OVERHEAD_MIB: Final = 384
_GIB: Final = 1024
_MIB: Final = {"k": 1 / 1024, "m": 1, "g": _GIB, "t": _GIB * _GIB}
_MEMORY: Final = re.compile(r"(\d+)\s*([kmgt])?b?", re.IGNORECASE)
_NUMBER: Final = re.compile(r"[0-9]+")


@dataclass(frozen=True)
class Size:
    """So many vCPUs, and gigabytes of memory and disk; 0 where none is given."""

    cpu: int
    memory: int
    disk: int

    def times(self, count: int) -> "Size":
        """Take it so often."""
        return Size(self.cpu * count, self.memory * count, self.disk * count)

    @property
    def paid(self) -> "Size":
        """Return a worker's size as it is paid for: of its disk what is beyond 20 GB."""
        return Size(self.cpu, self.memory, max(self.disk - FREE_DISK, 0))


def total(sizes: Iterable[Size]) -> Size:
    """Add them up."""
    every = list(sizes)
    return Size(
        sum(one.cpu for one in every), sum(one.memory for one in every), sum(one.disk for one in every)
    )


def size_of(told: Mapping[str, Any]) -> Size:
    """Read what the API writes as `4 vCPU` and `16 GB`."""
    return Size(*(_quantity(told.get(name)) for name in ("cpu", "memory", "disk")))


def is_cpu(cpu: int) -> bool:
    """Tell whether a worker can have so many vCPUs."""
    return cpu in _SIZES or cpu == _LARGE[0]


def memory_fault(cpu: int, memory: int) -> str | None:
    """Say what memory a worker of so many vCPUs can have; None where it has that."""
    if cpu == _LARGE[0]:
        return None if memory in _LARGE[1] else f"one of {', '.join(map(str, _LARGE[1]))} GB"
    low, high, step = _SIZES[cpu]
    is_fit = low <= memory <= high and (memory - low) % step == 0
    return None if is_fit else f"{low} to {high} GB in steps of {step}"


def begins_with(spark: Mapping[str, str]) -> tuple[Size, Size, int] | None:
    """Return the workers that a job run begins with: driver, executor, and how many of these.

    None where no workers have what the properties ask for, or they are no numbers.
    """
    given = {**_DEFAULTS, **spark}
    count = given.get(_INITIAL) or given["spark.executor.instances"]
    driver, executor = (_worker(role, given) for role in ("driver", "executor"))
    if driver is None or executor is None or not count.isdecimal():
        return None
    return driver, executor, int(count)


def _worker(role: str, given: Mapping[str, str]) -> Size | None:
    """Find the smallest worker that has the cores, the heap and what is beside the heap."""
    cores, heap = given[f"spark.{role}.cores"], _mib(given[f"spark.{role}.memory"])
    if heap is None or not cores.isdecimal():
        return None
    told = _mib(given.get(f"spark.{role}.memoryOverhead", ""))
    overhead = max(_LEAST_OVERHEAD_MIB, int(heap * _OVERHEAD)) if told is None else told
    memory = _memory(int(cores), -(-(heap + overhead) // _GIB))
    disk = _quantity(given.get(f"spark.emr-serverless.{role}.disk")) or FREE_DISK
    return None if memory is None else Size(int(cores), memory, disk)


def _memory(cpu: int, least: int) -> int | None:
    if cpu == _LARGE[0]:
        return next((one for one in _LARGE[1] if one >= least), None)
    low, high, step = _SIZES.get(cpu, (1, 0, 1))
    return next((one for one in range(low, high + 1, step) if one >= least), None)


def _mib(text: str) -> int | None:
    found = _MEMORY.fullmatch(text.strip())
    return int(int(found[1]) * _MIB[(found[2] or "m").lower()]) if found else None


def _quantity(text: Any) -> int:
    found = _NUMBER.match(str(text or ""))
    return int(found[0]) if found else 0
