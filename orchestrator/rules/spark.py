"""What a cluster's configurations say of Spark: sizes of executors, Python, labels of nodes."""

import re
from dataclasses import dataclass
from typing import Any, Final

from orchestrator.findings import ValuePath
from orchestrator.rules.cluster import Cluster, Placed

# https://spark.apache.org/docs/latest/configuration.html: what overhead an executor has that is given none.
_LEAST_OVERHEAD_MIB: Final = 384
_OVERHEAD_FACTOR: Final = 0.1
_UNITS: Final = {"": 1, "b": 1 / 1024**2, "k": 1 / 1024, "m": 1, "g": 1024, "t": 1024**2}
_SIZE: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?)([bkmgt]?)b?", re.IGNORECASE)


@dataclass(frozen=True)
class Executor:
    """What an executor takes, in MiB, and where its size is written."""

    path: ValuePath
    cores: int
    memory: float
    overhead: float
    python: float

    @property
    def total(self) -> float:
        """Return what YARN gives to it."""
        return self.memory + self.overhead + self.python


def properties(cluster: Cluster, classification: str) -> Placed:
    """Return the properties of a classification; none where it is not there."""
    for each in cluster.root.items("Configurations"):
        if each.get("Classification") == classification:
            return each.part("Properties") or Placed({}, (*each.path, "Properties"))
    return Placed({}, ("Configurations",))


def exported(cluster: Cluster, classification: str, name: str) -> str | None:
    """Return what the `export` within a classification, such as spark-env, sets."""
    for each in cluster.root.items("Configurations"):
        if each.get("Classification") == classification:
            for below in each.items("Configurations"):
                found = (below.get("Properties") or {}).get(name)
                if below.get("Classification") == "export" and found is not None:
                    return str(found)
    return None


def executor(cluster: Cluster) -> Executor | None:
    """Return the size of an executor; None where spark-defaults does not give it, or it is no size."""
    given = properties(cluster, "spark-defaults")
    memory = mebibytes(given.get("spark.executor.memory"))
    cores = given.get("spark.executor.cores")
    if memory is None or cores is None or not re.fullmatch(r"[1-9][0-9]{0,3}", cores):
        return None
    overhead = mebibytes(given.get("spark.executor.memoryOverhead"))
    if overhead is None:
        overhead = max(
            _LEAST_OVERHEAD_MIB, memory * _factor(given.get("spark.executor.memoryOverheadFactor"))
        )
    python = mebibytes(given.get("spark.executor.pyspark.memory")) or 0
    return Executor((*given.path, "spark.executor.memory"), int(cores), memory, overhead, python)


def mebibytes(text: Any) -> float | None:
    """Read a size such as `4g`, which is in MiB without a unit; None where it is none."""
    found = _SIZE.fullmatch(text.strip()) if isinstance(text, str) else None
    return None if found is None else float(found[1]) * _UNITS[found[2].lower()]


def _factor(text: Any) -> float:
    return float(text) if isinstance(text, str) and re.fullmatch(r"0?\.[0-9]+", text) else _OVERHEAD_FACTOR
