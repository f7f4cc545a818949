"""How much memory a step gets: what it asks for, as far as the machine goes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from local_aws.running.memory import in_mib
from local_aws.running.spark_command import CannotRunError, SparkCommand

# What a heap is where nobody has asked for one, in MiB, and what Spark does not start with less than.
DEFAULT_MIB: Final = 1024
LEAST_MIB: Final = 512
# What a JVM needs beside its heap, as Spark reckons it on YARN.
_OVERHEAD: Final = 0.1
_LEAST_OVERHEAD_MIB: Final = 384


@dataclass(frozen=True)
class Heap:
    """Options of spark-submit that set the heap, what the step needs with it in MiB, and what is to be said of it."""

    options: tuple[str, ...]
    memory_mib: int
    notes: tuple[str, ...] = ()


def heap_of(spark: SparkCommand, given: Mapping[str, str], most_mib: int) -> Heap:
    """Reckon a step's heap; in one process tasks have the driver's, so the greater of driver's and executor's counts.

    `given` are the properties that hold. A size that is none is left to Spark, which refuses it.

    Raises:
        CannotRunError: Where the machine has less than Spark starts with.
    """
    asked = [
        spark.option("--driver-memory") or given.get("spark.driver.memory"),
        spark.option("--executor-memory") or given.get("spark.executor.memory"),
    ]
    sizes = {size: in_mib(size) for size in asked if size}
    if None in sizes.values():
        return Heap((), DEFAULT_MIB)
    most = int(min((most_mib - _LEAST_OVERHEAD_MIB), most_mib / (1 + _OVERHEAD)))
    if most < LEAST_MIB:
        raise CannotRunError(
            f"memory: expected at least {LEAST_MIB + _LEAST_OVERHEAD_MIB} MiB for steps, which are 60 % of the "
            f"machine's, got {most_mib}; free some, or use a larger machine"
        )
    wanted = max([DEFAULT_MIB, *(size for size in sizes.values() if size)])
    heap = min(wanted, most)
    note = f"memory: {wanted} MiB are asked for, {heap} MiB given: the machine has no more for steps"
    need = heap + max(_LEAST_OVERHEAD_MIB, int(heap * _OVERHEAD))
    return Heap(("--driver-memory", f"{heap}m"), min(need, most_mib), (note,) if heap < wanted else ())
