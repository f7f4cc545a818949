"""Heaps, and what Spark asks YARN for beside them, that fit into the containers of a node on this machine."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from local_aws.running.heap import DEFAULT_MIB
from local_aws.running.memory import in_mib

# What Spark asks YARN for beside the heap where nobody says.
# https://spark.apache.org/docs/latest/configuration.html, spark.executor.memoryOverhead
_FACTOR: Final = 0.1
_LEAST_OVERHEAD_MIB: Final = 384


@dataclass(frozen=True)
class Fitted:
    """A heap and what is beside it, as sizes of Spark, and both in MiB; without an overhead Spark's settings hold."""

    heap: str
    mib: int
    overhead: str | None = None


def fitted(heap: str, role: str, given: Mapping[str, str], most_mib: int) -> Fitted:
    """Return what a driver or executor, its `role`, asks for, or where that is too much the same parts of what fits.

    A size that is none is left to Spark.
    """
    heap_mib = in_mib(heap)
    overhead = given.get(f"spark.{role}.memoryOverhead")
    factor = _number(given.get(f"spark.{role}.memoryOverheadFactor"))
    if heap_mib is None or factor is None or (overhead and in_mib(overhead) is None):
        return Fitted(heap, DEFAULT_MIB + _LEAST_OVERHEAD_MIB)
    beside = in_mib(overhead or "") or max(_LEAST_OVERHEAD_MIB, int(heap_mib * factor))
    if heap_mib + beside <= most_mib:
        return Fitted(heap, heap_mib + beside)
    beside = max(_LEAST_OVERHEAD_MIB, most_mib * beside // (heap_mib + beside))
    return Fitted(f"{most_mib - beside}m", most_mib, f"{beside}m")


def _number(text: str | None) -> float | None:
    try:
        return _FACTOR if text is None else float(text)
    except ValueError:
        return None
