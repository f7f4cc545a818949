"""Jars that EMR Serverless has in its image, and that a job names by their places there.

https://docs.aws.amazon.com/emr/latest/EMR-Serverless-UserGuide/using-delta-lake.html
"""

from dataclasses import replace
from typing import Final

from local_aws.running.spark_command import Option, SparkCommand

_IMAGE: Final = "/usr/share/aws/"
_DELTA: Final = "/usr/share/aws/delta/"
_PROPERTY: Final = "spark.jars"


def without(command: SparkCommand) -> tuple[SparkCommand, bool, list[str]]:
    """Leave out the jars of the image; tell whether Delta's are among them, and what could not be had."""
    options: list[Option] = []
    left_out: list[str] = []
    for option in command.options:
        name, equals, value = str(option.value).partition("=")
        if option.name == "--jars":
            kept = _kept(str(option.value), left_out)
            options += [option._replace(value=kept)] if kept else []
        elif option.name in ("--conf", "-c") and equals and name == _PROPERTY:
            kept = _kept(value, left_out)
            options += [option._replace(value=f"{name}={kept}")] if kept else []
        else:
            options.append(option)
    has_delta = any(path.startswith(_DELTA) for path in left_out)
    missing = [path for path in left_out if not path.startswith(_DELTA)]
    return replace(command, options=tuple(options)), has_delta, missing


def _kept(jars: str, left_out: list[str]) -> str:
    every = [path.strip() for path in jars.split(",")]
    left_out += [path for path in every if path.removeprefix("local://").startswith(_IMAGE)]
    return ",".join(path for path in every if path not in left_out)
