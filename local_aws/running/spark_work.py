"""A spark-submit as a piece of work: prepared by its release, and run when there is memory for it."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from local_aws.running import environments
from local_aws.running.configurations import uses_delta
from local_aws.running.spark_command import SparkCommand
from local_aws.running.spark_step import Place, Prepared, prepare
from local_aws.running.work import TERMINATED, Work
from local_aws.running.workshop import Workshop


def prepared(
    shop: Workshop,
    release: str,
    configurations: Sequence[Mapping[str, Any]],
    command: SparkCommand,
    work: Work,
    folder: Path | None = None,
) -> Prepared:
    """Prepare a command in its work's folder, or in another; the jars of its release are looked for once.

    Raises:
        CannotRunError: Where this machine cannot run it.
    """
    environment = environments.find(release, shop.checkout)
    wanted = (release, uses_delta(configurations))
    if wanted not in shop.jars:
        shop.jars[wanted] = environments.jars(
            environment,
            with_delta=wanted[1],
            variables=shop.own_variables,
            root=shop.checkout,
            is_stopped=work.is_stopped,
        )
    where = folder or work.folder
    place = Place(where, shop.variables(where / "scratch"), shop.endpoint, shop.memory.mib)
    return prepare(command, configurations, environment, shop.jars[wanted], place)


def execute(shop: Workshop, ready: Prepared, work: Work, container: Path | None = None) -> int:
    """Run what is prepared once there is memory for it, and return its exit code."""
    if not shop.memory.take(ready.memory_mib, work.is_stopped):
        work.note("stopped while it waited for memory", "WARN")
        return TERMINATED
    try:
        return work.execute(ready.command, ready.variables, container)
    finally:
        shop.memory.give_back(ready.memory_mib)
