"""Whether the fast reader can be taken: its libraries on the driver and in tasks, and places that it reaches.

Nothing here needs those libraries.
"""

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from typing import Any

from pyspark.sql import SparkSession

from jobs.common.files.jvm import java_class

LIBRARIES = ("duckdb", "isal", "numpy", "pyarrow")
_ENGINE, _STORES = "jobs.common.native.running", "jobs.common.native.stores"
_S3A = "fs.s3a."
# Versions of the libraries, and why they cannot be loaded.
_Found = tuple[dict[str, str], str]


def hindrance(spark: SparkSession, places: Sequence[str]) -> str | None:
    """Say why the fast reader cannot read and write these places here; nothing where it can."""
    if missing := [name for name in LIBRARIES if find_spec(name) is None]:
        return f"the driver's Python has no {', '.join(missing)}"
    with ThreadPoolExecutor(1) as thread:
        # Workers take a second to begin, in which the driver looks at itself.
        there = thread.submit(_look_in_tasks, spark)
        return _hindrance_in_driver(spark, places) or _hindrance_in_tasks(there.result(), versions())


def _hindrance_in_driver(spark: SparkSession, places: Sequence[str]) -> str | None:
    try:
        import_module(_ENGINE)
        stores: Any = import_module(_STORES)
    except ImportError as fault:
        return f"the driver's libraries do not go together: {fault}"
    found = hadoop_settings(spark, stores.settings_wanted(places))
    why: str | None = stores.hindrance(found, _changed_settings(spark), places)
    return why


def versions() -> dict[str, str]:
    """Return the versions of the libraries that this Python has."""
    found = {}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def hadoop_settings(spark: SparkSession, names: Sequence[str]) -> dict[str, str]:
    """Return Hadoop's settings, without those that are not set."""
    conf: Any = spark._jsc.hadoopConfiguration()
    values = {name: conf.get(name) for name in names}
    return {name: str(value) for name, value in values.items() if value}


def _changed_settings(spark: SparkSession) -> list[str]:
    """Name the settings of S3A that are not as Hadoop ships them."""
    conf: Any = spark._jsc.hadoopConfiguration()
    shipped: Any = java_class(spark._jvm, "org.apache.hadoop.conf.Configuration")(False)
    shipped.addResource("core-default.xml")
    own, theirs = (dict(one.getPropsWithPrefix(_S3A)) for one in (conf, shipped))
    return sorted(f"{_S3A}{name}" for name, value in own.items() if value and theirs.get(name) != value)


def _look_in_tasks(spark: SparkSession) -> list[_Found]:
    """Look into as many tasks as there are cores: each executor has about as many."""
    context = spark.sparkContext
    tasks = context.defaultParallelism
    return context.parallelize(range(tasks), tasks).mapPartitions(_look).collect()


def _look(_: Iterable[int]) -> Iterator[_Found]:
    fault = ""
    try:
        import_module(_ENGINE)
    except ImportError as refusal:
        fault = str(refusal)
    yield versions(), fault


def _hindrance_in_tasks(found: Sequence[_Found], own: dict[str, str]) -> str | None:
    for versions_there, fault in found:
        if versions_there != own:
            return (
                f"libraries in tasks are not the driver's: {versions_there or 'none'}, the driver has {own}"
            )
        if fault:
            return f"libraries in tasks do not go together: {fault}"
    return None
