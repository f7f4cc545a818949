"""Heaps that fit into the containers of a node on this machine."""

from typing import Final

from local_aws.running.heap import LEAST_MIB
from local_aws.running.memory import in_mib
from local_aws.running.spark_command import CannotRunError

# What Spark asks YARN for beside the heap.
_OVERHEAD: Final = 0.1
_LEAST_OVERHEAD_MIB: Final = 384


def fitted(size: str, most_mib: int) -> str:
    """Return a heap as it is asked for, or the greatest that fits; a size that is none is left to Spark.

    Raises:
        CannotRunError: Where no heap fits that Spark starts with.
    """
    asked = in_mib(size)
    most = int(min(most_mib - _LEAST_OVERHEAD_MIB, most_mib / (1 + _OVERHEAD)))
    if most < LEAST_MIB:
        raise CannotRunError(
            f"memory: expected nodes with at least {LEAST_MIB + _LEAST_OVERHEAD_MIB} MiB for containers, got "
            f"{most_mib}; use a larger machine, or the engine `local`"
        )
    return size if asked is None or asked <= most else f"{most}m"
