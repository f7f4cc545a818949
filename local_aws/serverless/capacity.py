"""Workers and what they have: vCPUs, gigabytes of memory and of disk.

https://docs.aws.amazon.com/emr/latest/EMR-Serverless-UserGuide/app-behavior.html: the sizes of workers.
https://docs.aws.amazon.com/emr/latest/EMR-Serverless-UserGuide/jobs-spark.html: what Spark asks for by default.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

DRIVER, EXECUTOR = "DRIVER", "EXECUTOR"
# Gigabytes of disk that every worker has, and that nothing is paid for.
FREE_DISK: Final = 20
_MOST_DISK: Final = 200
_MOST_SHUFFLE_DISK: Final = 2000
_NUMBER: Final = re.compile(r"\d+")


@dataclass(frozen=True)
class Resources:
    """So much of everything."""

    cpu: int = 0
    memory: int = 0
    disk: int = 0

    def __add__(self, other: "Resources") -> "Resources":
        """Add up."""
        return Resources(self.cpu + other.cpu, self.memory + other.memory, self.disk + other.disk)

    def times(self, count: int) -> "Resources":
        """Take it so often."""
        return Resources(self.cpu * count, self.memory * count, self.disk * count)

    def over(self, limit: "Resources") -> list[str]:
        """Name what is more than a limit has; a limit of no disk limits none."""
        found = [name for name in ("cpu", "memory") if getattr(self, name) > getattr(limit, name)]
        return [*found, *(["disk"] if limit.disk and self.disk > limit.disk else [])]

    def fits_into(self, other: "Resources") -> bool:
        """Tell whether a worker that has the other can stand for one that has this."""
        return self.cpu <= other.cpu and self.memory <= other.memory and self.disk <= other.disk


def total(parts: Iterable[Resources]) -> Resources:
    """Add many up."""
    found = Resources()
    for part in parts:
        found = found + part
    return found


@dataclass(frozen=True)
class Workers:
    """So many workers of a size."""

    count: int
    size: Resources

    @property
    def all(self) -> Resources:
        """What they have together."""
        return self.size.times(self.count)


# By vCPUs: the least and the most memory, and its steps.
SIZES: Final[Mapping[int, tuple[int, int, int]]] = {
    1: (2, 8, 1),
    2: (4, 16, 1),
    4: (8, 30, 1),
    8: (16, 60, 4),
    16: (32, 120, 8),
}
# Workers of 32 vCPUs have one of these.
_LARGE: Final = (60, 120, 244)
# What a worker has that no size is asked for.
DEFAULT_SIZE: Final = Resources(4, 16, FREE_DISK)


def quantity(text: str) -> int:
    """Read a size as the API has it, such as `4 vCPU`, `16 GB` or `20GB`."""
    found = _NUMBER.match(text)
    return int(found[0]) if found else 0


def memory_of(cpu: int, least: int) -> int | None:
    """Return the least memory that a worker of so many vCPUs can have, not below some gigabytes; None where none."""
    if cpu == 32:  # noqa: PLR2004 - a size of AWS's table
        return next((one for one in _LARGE if one >= least), None)
    if cpu not in SIZES:
        return None
    low, high, step = SIZES[cpu]
    wanted = max(low, least)
    stepped = low + -(-(wanted - low) // step) * step
    return stepped if stepped <= high else None


def is_size(size: Resources, *, is_shuffle: bool = False) -> bool:
    """Tell whether a worker can have exactly this."""
    most = _MOST_SHUFFLE_DISK if is_shuffle else _MOST_DISK
    return memory_of(size.cpu, size.memory) == size.memory and FREE_DISK <= size.disk <= most


def size_of(configuration: Mapping[str, Any] | None) -> Resources:
    """Read a `WorkerResourceConfig`."""
    if not configuration:
        return DEFAULT_SIZE
    disk = quantity(configuration["disk"]) if "disk" in configuration else FREE_DISK
    return Resources(quantity(configuration["cpu"]), quantity(configuration["memory"]), disk)


def initial(request: Mapping[str, Any]) -> dict[str, Workers]:
    """Read the pre-initialised workers of an application, by DRIVER and EXECUTOR (of Hive: HIVE_DRIVER, TEZ_TASK)."""
    return {
        kind.upper(): Workers(told["workerCount"], size_of(told.get("workerConfiguration")))
        for kind, told in request.get("initialCapacity", {}).items()
    }


def maximum(request: Mapping[str, Any]) -> Resources | None:
    """Read the maximum capacity of an application; None where it has none."""
    told = request.get("maximumCapacity")
    if not told:
        return None
    disk = quantity(told["disk"]) if "disk" in told else 0
    return Resources(quantity(told["cpu"]), quantity(told["memory"]), disk)
