"""A spark-submit step as YARN on this machine runs it: a command, its variables and its configuration files.

What EMR sets comes first, then the cluster's configurations, then the step; last what here can be no other way.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from local_aws.hadoop.fitting import Fitted, fitted
from local_aws.hadoop.sites import USER, Site
from local_aws.running.configurations import env_script, exports, properties, site_xml, spark_defaults
from local_aws.running.environments import Jars, SparkEnvironment
from local_aws.running.heap import DEFAULT_MIB, LEAST_MIB
from local_aws.running.spark_command import SparkCommand
from local_aws.running.spark_step import (
    HIDE_CHECKOUT,
    PYTHONS,
    Place,
    Prepared,
    forced_variables,
    without_amazons,
)

_OVERHEAD_MIB: Final = 384
_PYTHONS: Final = PYTHONS | {
    "spark.yarn.appMasterEnv.PYSPARK_PYTHON",
    "spark.yarn.appMasterEnv.PYSPARK_DRIVER_PYTHON",
    "spark.executorEnv.PYSPARK_PYTHON",
}
_TAGS: Final = "spark.yarn.tags"


@dataclass(frozen=True)
class YarnPlace:
    """Where a step runs: on this machine, and on which YARN, where its applications have a tag."""

    place: Place
    sites: Mapping[str, Site]
    spark_site: Mapping[str, str]
    driver_mib: int
    executor_mib: int
    tag: str


def prepare_on_yarn(
    spark: SparkCommand,
    configurations: Sequence[Mapping[str, Any]],
    environment: SparkEnvironment,
    jars: Jars,
    where: YarnPlace,
) -> Prepared:
    """Write a step's configuration files and return how it is started."""
    notes: list[str] = []
    cluster = without_amazons(properties(configurations, "spark-defaults"), notes)
    core_site = without_amazons(properties(configurations, "core-site"), notes)
    defaults = {**where.spark_site, **cluster}
    given = {**defaults, **spark.properties}
    exported = exports(configurations, "spark-env")
    asked = {**exported, **given}
    notes += [
        f"{name}={asked[name]}: the Python is {environment.python}"
        for name in sorted(_PYTHONS)
        if name in asked
    ]
    is_cluster_mode = spark.is_cluster_mode(defaults)
    most_mib = where.driver_mib if is_cluster_mode else where.place.memory_mib
    driver = _fit("driver", spark, given, most_mib, notes)
    executor = _fit("executor", spark, given, where.executor_mib, notes)
    sites = {**where.sites, "core_site": {**jars.hadoop, **core_site, **where.sites["core_site"]}}
    variables = _write_conf(where, sites, defaults, exported, _variables(environment, jars, where))
    forced = _properties(environment, jars, where)
    forced[_TAGS] = ",".join(filter(None, (given.get(_TAGS), where.tag)))
    command = [environment.spark_submit, *spark.options_alone, "--master", "yarn", "--deploy-mode"]
    command += ["cluster" if is_cluster_mode else "client"]
    # As options: what the step has as one comes before what it has by --conf.
    command += ["--driver-memory", driver.heap, "--executor-memory", executor.heap]
    for role, found in (("driver", driver), ("executor", executor)):
        forced |= {f"spark.{role}.memoryOverhead": found.overhead} if found.overhead else {}
    if not is_cluster_mode:
        forced |= {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"}
    for name, value in forced.items():
        command += ["--conf", f"{name}={value}"]
    need = LEAST_MIB + _OVERHEAD_MIB if is_cluster_mode else driver.mib
    return Prepared([*command, *spark.program], {**where.place.variables, **variables}, need, notes)


def _write_conf(
    where: YarnPlace,
    sites: Mapping[str, Site],
    defaults: Mapping[str, str],
    exported: Mapping[str, str],
    forced: Mapping[str, str],
) -> Mapping[str, str]:
    """Write Hadoop's and Spark's files, and return the variables that may not be set otherwise."""
    conf = _conf(where)
    conf.mkdir(parents=True, exist_ok=True)
    for name, site in sites.items():
        (conf / f"{name.replace('_', '-')}.xml").write_bytes(site_xml(site))
    (conf / "spark-defaults.conf").write_text(spark_defaults(defaults), encoding="utf-8")
    (conf / "sitecustomize.py").write_text(HIDE_CHECKOUT, encoding="utf-8")
    (conf / "spark-env.sh").write_text(env_script(exported, forced), encoding="utf-8")
    return forced


def _conf(where: YarnPlace) -> Path:
    return where.place.folder / "conf"


def _fit(role: str, spark: SparkCommand, given: Mapping[str, str], most_mib: int, notes: list[str]) -> Fitted:
    """Return the memory of the driver or the executors, as far as there is so much."""
    asked = spark.option(f"--{role}-memory") or given.get(f"spark.{role}.memory") or f"{DEFAULT_MIB}m"
    found = fitted(asked, role, given, most_mib)
    if found.overhead:
        beside = given.get(f"spark.{role}.memoryOverhead", "what Spark adds")
        notes.append(
            f"spark.{role}.memory={asked} and {beside} beside it: {found.heap} and {found.overhead} are given: "
            f"there are {most_mib} MiB for it here"
        )
    return found


def _properties(environment: SparkEnvironment, jars: Jars, where: YarnPlace) -> dict[str, str]:
    """Return what a step may not set otherwise here."""
    class_path = [f"{environment.variables['SPARK_HOME']}/jars/*", *jars.class_path.split(":")]
    return {
        "spark.pyspark.python": environment.python,
        "spark.pyspark.driver.python": environment.python,
        "spark.yarn.appMasterEnv.PYSPARK_PYTHON": environment.python,
        "spark.yarn.appMasterEnv.PYSPARK_DRIVER_PYTHON": environment.python,
        "spark.executorEnv.PYSPARK_PYTHON": environment.python,
        "spark.yarn.jars": ",".join(f"local:{path}" for path in class_path),
        "spark.local.dir": str(where.place.folder / "scratch" / "spark"),
        "spark.hadoop.fs.s3a.endpoint": where.place.endpoint,
    }


def _variables(environment: SparkEnvironment, jars: Jars, where: YarnPlace) -> dict[str, str]:
    """Return the variables that a cluster's `spark-env` may not set otherwise here."""
    conf = _conf(where)
    forced = forced_variables(environment, jars, conf, where.place)
    return {**forced, "YARN_CONF_DIR": str(conf), "HADOOP_USER_NAME": USER}
