"""A spark-submit as a piece of work: prepared by its release, and run when there is memory for it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from local_aws.running import environments
from local_aws.running.configurations import uses_delta
from local_aws.running.environments import Jars, SparkEnvironment
from local_aws.running.spark_command import SparkCommand
from local_aws.running.spark_step import Place, Prepared, prepare
from local_aws.running.work import TERMINATED, Work
from local_aws.running.workshop import Workshop


class Wanted(NamedTuple):
    """What is to be run, by which release, with which configurations."""

    release: str
    configurations: Sequence[Mapping[str, Any]]
    command: SparkCommand


def prepared(
    shop: Workshop, wanted: Wanted, work: Work, *, folder: Path | None = None, python: str | None = None
) -> Prepared:
    """Prepare a command in its work's folder, or in another; the jars of its release are looked for once.

    With a `python` of its own it has that one in the place of the release's.

    Raises:
        CannotRunError: Where this machine cannot run it.
    """
    environment, jars = found(shop, wanted.release, wanted.configurations, work)
    if python:
        own = dict.fromkeys(("PYSPARK_PYTHON", "PYSPARK_DRIVER_PYTHON"), python)
        environment = replace(environment, own_python=python, variables={**environment.variables, **own})
    where = folder or work.folder
    place = Place(where, shop.variables(where / "scratch"), shop.endpoint, shop.memory.takeable)
    return prepare(wanted.command, wanted.configurations, environment, jars, place)


def found(
    shop: Workshop, release: str, configurations: Sequence[Mapping[str, Any]], work: Work
) -> tuple[SparkEnvironment, Jars]:
    """Find the environment of a release, and its jars, for which is looked once.

    Raises:
        CannotRunError: Where this machine has none, or the work is stopped meanwhile.
    """
    environment = environments.find(release, shop.checkout)
    key = (release, uses_delta(configurations))
    if key not in shop.jars:
        shop.jars[key] = environments.jars(
            environment,
            with_delta=key[1],
            variables=shop.own_variables,
            root=shop.checkout,
            is_stopped=work.is_stopped,
        )
    return environment, shop.jars[key]


def execute(shop: Workshop, ready: Prepared, work: Work, container: Path | None = None) -> int:
    """Run what is prepared once there is memory for it, and return its exit code."""
    if not shop.memory.take(ready.memory_mib, work.is_stopped):
        work.note("stopped while it waited for memory", "WARN")
        return TERMINATED
    try:
        return work.execute(ready.command, ready.variables, container)
    finally:
        shop.memory.give_back(ready.memory_mib)
