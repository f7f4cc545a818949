"""What a job run asks for at its beginning: a driver and some executors, by its Spark properties.

https://docs.aws.amazon.com/emr/latest/EMR-Serverless-UserGuide/jobs-spark.html#spark-defaults
"""

import re
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from local_aws.serverless.capacity import FREE_DISK, Resources, Workers, memory_of, quantity

# What Spark's properties are where nobody has set them.
DEFAULTS: Final[Mapping[str, str]] = {
    "spark.driver.cores": "4",
    "spark.driver.memory": "14g",
    "spark.executor.cores": "4",
    "spark.executor.memory": "14g",
    "spark.executor.instances": "3",
}
# Options of spark-submit that stand for a property.
_OPTIONS: Final[Mapping[str, str]] = {
    "--driver-cores": "spark.driver.cores",
    "--driver-memory": "spark.driver.memory",
    "--executor-cores": "spark.executor.cores",
    "--executor-memory": "spark.executor.memory",
    "--num-executors": "spark.executor.instances",
}
_MIB: Final = {"k": 1 / 1024, "m": 1, "g": 1024, "t": 1024 * 1024}
_SIZE: Final = re.compile(r"(\d+)\s*([kmgt])?b?", re.IGNORECASE)
_OVERHEAD: Final = 0.1
_LEAST_OVERHEAD_MIB: Final = 384
# What a worker's memory is reckoned in.
_GIB: Final = 1024


class UnsuitableError(Exception):
    """Properties that no worker can follow; says which."""


@dataclass(frozen=True)
class Demand:
    """A driver and so many executors."""

    driver: Workers
    executors: Workers

    @property
    def all(self) -> Resources:
        """What they have together."""
        return self.driver.all + self.executors.all


def properties_of(request: Mapping[str, Any], application: Mapping[str, Any]) -> dict[str, str]:
    """Return the Spark properties of a job run.

    `sparkSubmitParameters` come before `configurationOverrides`, these before the application's
    `runtimeConfiguration`.
    https://docs.aws.amazon.com/emr/latest/EMR-Serverless-UserGuide/default-configs.html

    Raises:
        UnsuitableError: Where the parameters' quotes do not match.
    """
    overrides = request.get("configurationOverrides", {}).get("applicationConfiguration", [])
    found = {**_defaults(application.get("runtimeConfiguration", [])), **_defaults(overrides)}
    text = request.get("jobDriver", {}).get("sparkSubmit", {}).get("sparkSubmitParameters", "")
    try:
        words = shlex.split(text)
    except ValueError as fault:
        raise UnsuitableError(f"sparkSubmitParameters: {fault}, got {text}") from fault
    return {**found, **_submitted(words)}


def demand_of(properties: Mapping[str, str]) -> Demand:
    """Reckon what a job run begins with: by default three executors, or as many as dynamic allocation begins with.

    Raises:
        UnsuitableError: Where no worker has what is asked for.
    """
    given = {**DEFAULTS, **properties}
    wanted = properties.get("spark.dynamicAllocation.initialExecutors", given["spark.executor.instances"])
    if not wanted.isdecimal():
        raise UnsuitableError(f"spark.executor.instances: expected a whole number, got {wanted}")
    return Demand(Workers(1, _size("driver", given)), Workers(int(wanted), _size("executor", given)))


def _defaults(configurations: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for one in configurations:
        if one["classification"] == "spark-defaults":
            found |= one.get("properties", {})
    return found


def _submitted(words: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for word, following in pairwise([*words, ""]):
        option, equals, value = word.partition("=")
        if option in ("--conf", "-c"):
            name, _, value = (value if equals else following).partition("=")
            found[name.strip()] = value
        elif option in _OPTIONS:
            found[_OPTIONS[option]] = value if equals else following
    return found


def _size(role: str, given: Mapping[str, str]) -> Resources:
    cores, memory = given[f"spark.{role}.cores"], given[f"spark.{role}.memory"]
    heap = _mib(memory)
    if heap is None or not cores.isdecimal():
        raise UnsuitableError(f"spark.{role}.cores and memory: expected numbers, got {cores} and {memory}")
    asked = given.get(f"spark.{role}.memoryOverhead")
    overhead = _mib(asked) if asked else max(_LEAST_OVERHEAD_MIB, int(heap * _OVERHEAD))
    gigabytes = -(-(heap + (overhead or 0)) // _GIB)
    found = memory_of(int(cores), gigabytes)
    if found is None:
        raise UnsuitableError(
            f"spark.{role}: expected a worker of 1, 2, 4, 8, 16 or 32 vCPU with memory within its limits, "
            f"got {cores} vCPU and {gigabytes} GB with overhead"
        )
    disk = given.get(f"spark.emr-serverless.{role}.disk")
    return Resources(int(cores), found, quantity(disk.strip()) if disk else FREE_DISK)


def _mib(text: str) -> int | None:
    found = _SIZE.fullmatch(text.strip())
    return int(int(found[1]) * _MIB[(found[2] or "m").lower()]) if found else None
