"""Jars that EMR Serverless has in its image, and that a job names by their places there.

https://docs.aws.amazon.com/emr/latest/EMR-Serverless-UserGuide/using-delta-lake.html
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, NamedTuple

from local_aws.running.configurations import properties
from local_aws.running.spark_command import Option, SparkCommand

_LOCAL: Final = "local://"
_IMAGE: Final = "/usr/share/aws/"
_DELTA: Final = "/usr/share/aws/delta/"
_OPTION, _PROPERTY = "--jars", "spark.jars"
_DEFAULTS: Final = "spark-defaults"


class Left(NamedTuple):
    """What is left without the jars of the image; whether Delta's were asked for, and what could not be had."""

    command: SparkCommand
    configurations: list[dict[str, Any]]
    has_delta: bool
    missing: list[str]


def without(command: SparkCommand, configurations: Sequence[Mapping[str, Any]]) -> Left:
    """Leave out the jars of the image, and name the others in one place, `--jars`.

    As Spark has it, `--jars` comes before the property in the command, and that before the configurations: jars that
    are named where something else comes before were not asked for.
    """
    given = {**properties(configurations, _DEFAULTS), **command.properties}
    named = command.option(_OPTION) or given.get(_PROPERTY, "")
    paths = [path.strip() for path in named.split(",") if path.strip()]
    kept = ",".join(path for path in paths if not _bare(path).startswith(_IMAGE))
    of_image = [path for path in paths if _bare(path).startswith(_IMAGE)]
    missing = [path for path in of_image if not _bare(path).startswith(_DELTA)]
    options = tuple(option for option in command.options if not _names_jars(option))
    return Left(
        replace(command, options=(*options, *([Option(_OPTION, kept)] if kept else []))),
        [_without_jars(each) for each in configurations],
        len(missing) < len(of_image),
        missing,
    )


def _names_jars(option: Option) -> bool:
    is_property = option.name in ("--conf", "-c") and str(option.value).partition("=")[0] == _PROPERTY
    return is_property or option.name == _OPTION


def _without_jars(one: Mapping[str, Any]) -> dict[str, Any]:
    if one.get("Classification") != _DEFAULTS:
        return dict(one)
    given = one.get("Properties", {})
    return {**one, "Properties": {name: value for name, value in given.items() if name != _PROPERTY}}


def _bare(path: str) -> str:
    return path.removeprefix(_LOCAL)
