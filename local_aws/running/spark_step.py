"""A spark-submit step as this machine runs it: a command, its variables and its configuration files.

What the cluster's configurations set comes first, then what the step sets, as on EMR; then what here can be no other
way (one machine, its Python, its S3), which is told in the step's controller log.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from local_aws.running.configurations import exports, properties, site_xml, spark_defaults, uses_delta
from local_aws.running.environments import ROOT, Jars, SparkEnvironment
from local_aws.running.memory import in_mib
from local_aws.running.spark_command import SparkCommand

# What a heap is where nobody has asked for one, in MiB.
DEFAULT_HEAP_MIB: Final = 1024
# What a JVM needs beside its heap, as Spark reckons it on YARN.
_OVERHEAD: Final = 0.1
_LEAST_OVERHEAD_MIB: Final = 384
_PYTHONS: Final = frozenset({"PYSPARK_PYTHON", "PYSPARK_DRIVER_PYTHON"})
_DRIVER_VARIABLE: Final = "spark.yarn.appMasterEnv."
_AMAZONS_OWN: Final = "com.amazon."
# The checkout is installed in the environment; on a cluster a job has only what it brings.
_HIDE_CHECKOUT: Final = "import sys\n\nsys.path[:] = [place for place in sys.path if place != {root!r}]\n"


@dataclass(frozen=True)
class Place:
    """Where a step runs: its folder, the variables of every step, the embedded AWS, and the memory there is."""

    folder: Path
    variables: Mapping[str, str]
    endpoint: str
    memory_mib: int


@dataclass(frozen=True)
class Prepared:
    """A command that can be started; `notes` tell what is other than on a cluster."""

    command: Sequence[str]
    variables: Mapping[str, str]
    memory_mib: int
    notes: Sequence[str]


def prepare(
    spark: SparkCommand,
    configurations: Sequence[Mapping[str, Any]],
    environment: SparkEnvironment,
    jars: Jars,
    place: Place,
) -> Prepared:
    """Write a step's configuration files and return how it is started."""
    defaults = properties(configurations, "spark-defaults")
    heap, memory_mib, notes = _heap({**defaults, **spark.properties}, spark, place.memory_mib)
    conf = place.folder / "conf"
    _write_conf(conf, defaults, {**jars.hadoop, **properties(configurations, "core-site")})
    command = [
        environment.spark_submit,
        *spark.arguments,
        *("--master", "local[*]", "--deploy-mode", "client", "--driver-memory", f"{heap}m"),
    ]
    for name, value in _forced(environment, place).items():
        command += ["--conf", f"{name}={value}"]
    variables = {
        **place.variables,
        **_without_pythons(exports(configurations, "spark-env")),
        **(_without_pythons(_driver_variables(spark, defaults)) if spark.is_cluster_mode else {}),
        **environment.variables,
        "SPARK_CONF_DIR": str(conf),
        "HADOOP_CONF_DIR": str(conf),
        "SPARK_DIST_CLASSPATH": jars.class_path,
        "PYTHONPATH": str(conf),
    }
    if spark.is_cluster_mode:
        notes = ["--deploy-mode cluster: runs as client, with the log layout of cluster mode", *notes]
    if uses_delta(configurations):
        notes = [*notes, "delta-defaults: Delta's classes are on the class path"]
    return Prepared([*command, *spark.program], variables, memory_mib, notes)


def _heap(asked: Mapping[str, str], spark: SparkCommand, most_mib: int) -> tuple[int, int, list[str]]:
    """Return the heap, what the step needs with it, both in MiB, and what is to be said of it.

    In one process tasks have the driver's memory, so the greater of the driver's and an executor's counts.
    """
    sizes = [
        spark.option("--driver-memory") or asked.get("spark.driver.memory"),
        spark.option("--executor-memory") or asked.get("spark.executor.memory"),
    ]
    wanted = max([DEFAULT_HEAP_MIB, *(in_mib(size) or 0 for size in sizes if size)])
    heap = min(wanted, int((most_mib - _LEAST_OVERHEAD_MIB) / (1 + _OVERHEAD)))
    notes = [f"memory: {wanted} MiB are asked for, {heap} MiB given: the machine has no more for steps"]
    need = heap + max(_LEAST_OVERHEAD_MIB, int(heap * _OVERHEAD))
    return heap, min(need, most_mib), notes if heap < wanted else []


def _write_conf(conf: Path, defaults: Mapping[str, str], core_site: Mapping[str, str]) -> None:
    conf.mkdir(parents=True, exist_ok=True)
    (conf / "spark-defaults.conf").write_text(spark_defaults(defaults), encoding="utf-8")
    # EMRFS and its like are Amazon's own, and not to be had.
    known = {name: value for name, value in core_site.items() if not value.startswith(_AMAZONS_OWN)}
    (conf / "core-site.xml").write_bytes(site_xml(known))
    (conf / "sitecustomize.py").write_text(_HIDE_CHECKOUT.format(root=str(ROOT)), encoding="utf-8")


def _forced(environment: SparkEnvironment, place: Place) -> dict[str, str]:
    """Return what a step may not set otherwise here."""
    return {
        "spark.pyspark.python": environment.python,
        "spark.pyspark.driver.python": environment.python,
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.local.dir": str(place.folder / "scratch" / "spark"),
        "spark.hadoop.fs.s3a.endpoint": place.endpoint,
    }


def _driver_variables(spark: SparkCommand, defaults: Mapping[str, str]) -> dict[str, str]:
    given = {**defaults, **spark.properties}
    return {
        name.removeprefix(_DRIVER_VARIABLE): value
        for name, value in given.items()
        if name.startswith(_DRIVER_VARIABLE)
    }


def _without_pythons(variables: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in variables.items() if name not in _PYTHONS}
