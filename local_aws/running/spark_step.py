"""A spark-submit step as this machine runs it: a command, its variables and its configuration files.

What the cluster's configurations set comes first, then what the step sets, as on EMR; then what here can be no other
way (one machine, its Python, its S3). Each value that was asked for and is not followed is told in the notes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from local_aws.running.configurations import (
    env_script,
    exports,
    properties,
    site_xml,
    spark_defaults,
    uses_delta,
)
from local_aws.running.environments import ROOT, Jars, SparkEnvironment
from local_aws.running.heap import heap_of
from local_aws.running.spark_command import SparkCommand

PYTHONS: Final = frozenset(
    {"PYSPARK_PYTHON", "PYSPARK_DRIVER_PYTHON", "spark.pyspark.python", "spark.pyspark.driver.python"}
)
_DRIVER_VARIABLE: Final = "spark.yarn.appMasterEnv."
_AMAZONS_OWN: Final = "com.amazon."
# The checkout is installed in the environment; on a cluster a job has only what it brings.
HIDE_CHECKOUT: Final = (
    f"import sys\n\nsys.path[:] = [place for place in sys.path if place != {str(ROOT)!r}]\n"
)


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
    """Write a step's configuration files and return how it is started.

    Raises:
        CannotRunError: Where the machine has too little memory.
    """
    notes: list[str] = []
    defaults = without_amazons(properties(configurations, "spark-defaults"), notes)
    core_site = without_amazons(properties(configurations, "core-site"), notes)
    given = {**defaults, **spark.properties}
    is_cluster_mode = spark.is_cluster_mode(defaults)
    heap = heap_of(spark, given, place.memory_mib)
    conf = place.folder / "conf"
    exported = {
        **exports(configurations, "spark-env"),
        **(_driver_variables(given) if is_cluster_mode else {}),
    }
    _write_conf(conf, defaults, {**jars.hadoop, **core_site})
    forced = forced_variables(environment, jars, conf, place)
    (conf / "spark-env.sh").write_text(env_script(exported, forced), encoding="utf-8")
    notes += _notes(
        spark, configurations, {**exported, **given}, environment, is_cluster_mode=is_cluster_mode
    )
    command = [environment.spark_submit, *spark.arguments, *heap.options]
    for name, value in _forced_properties(environment, place).items():
        command += ["--conf", f"{name}={value}"]
    return Prepared(
        [*command, *spark.program], {**place.variables, **forced}, heap.memory_mib, [*notes, *heap.notes]
    )


def _notes(
    spark: SparkCommand,
    configurations: Sequence[Mapping[str, Any]],
    asked: Mapping[str, str],
    environment: SparkEnvironment,
    *,
    is_cluster_mode: bool,
) -> list[str]:
    """Say what is other than what is asked for."""
    notes = []
    if is_cluster_mode:
        notes.append("--deploy-mode cluster: runs as client, with the log layout of cluster mode")
    if uses_delta(configurations):
        notes.append("delta-defaults: Delta's classes are on the class path")
    if spark.master not in (None, "local[*]"):
        notes.append(f"--master {spark.master}: runs as local[*]")
    pythons = {name: value for name, value in asked.items() if name in PYTHONS}
    return notes + [f"{name}={value}: the Python is {environment.python}" for name, value in pythons.items()]


def _write_conf(conf: Path, defaults: Mapping[str, str], core_site: Mapping[str, str]) -> None:
    conf.mkdir(parents=True, exist_ok=True)
    (conf / "spark-defaults.conf").write_text(spark_defaults(defaults), encoding="utf-8")
    (conf / "core-site.xml").write_bytes(site_xml(core_site))
    (conf / "sitecustomize.py").write_text(HIDE_CHECKOUT, encoding="utf-8")


def without_amazons(given: Mapping[str, str], notes: list[str]) -> dict[str, str]:
    """Leave out what names classes that are Amazon's own, such as EMRFS: they are not to be had."""
    for name, value in given.items():
        if value.startswith(_AMAZONS_OWN):
            notes.append(f"{name}={value}: left out, the class is Amazon's own")
    return {name: value for name, value in given.items() if not value.startswith(_AMAZONS_OWN)}


def _forced_properties(environment: SparkEnvironment, place: Place) -> dict[str, str]:
    """Return what a step may not set otherwise here."""
    return {
        "spark.pyspark.python": environment.python,
        "spark.pyspark.driver.python": environment.python,
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.local.dir": str(place.folder / "scratch" / "spark"),
        "spark.hadoop.fs.s3a.endpoint": place.endpoint,
    }


def forced_variables(environment: SparkEnvironment, jars: Jars, conf: Path, place: Place) -> dict[str, str]:
    """Return the variables that a cluster's `spark-env` may not set otherwise here."""
    aws = {name: value for name, value in place.variables.items() if name.startswith("AWS_")}
    return {
        **aws,
        **environment.variables,
        "SPARK_CONF_DIR": str(conf),
        "HADOOP_CONF_DIR": str(conf),
        "SPARK_DIST_CLASSPATH": jars.class_path,
        "PYTHONPATH": str(conf),
        # Spark's page listens where this says.
        "SPARK_LOCAL_IP": "127.0.0.1",
    }


def _driver_variables(given: Mapping[str, str]) -> dict[str, str]:
    return {
        name.removeprefix(_DRIVER_VARIABLE): value
        for name, value in given.items()
        if name.startswith(_DRIVER_VARIABLE)
    }
