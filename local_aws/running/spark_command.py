"""A step's `spark-submit` as this machine runs it: the same program and arguments, without a cluster around it.

`--master` and `--deploy-mode` say where on a cluster a job runs; here there is one place, so they are left out, and the
step's log says so. What the cluster's configurations set comes before what the step sets, as on EMR.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

COMMAND_RUNNER: Final = "command-runner.jar"
# Options of spark-submit that stand alone; all others are followed by a value, or hold it after "=".
_FLAGS: Final = frozenset({"--verbose", "-v", "--supervise", "--version", "--help", "-h", "--usage-error"})
_PLACES: Final = frozenset({"--master", "--deploy-mode"})


class CannotRunError(Exception):
    """A step that this machine cannot run; says what it can."""


@dataclass(frozen=True)
class SparkCommand:
    """What to run: `options` come before the program, `left_out` are those that mean nothing here."""

    options: tuple[str, ...]
    program: tuple[str, ...]
    left_out: tuple[str, ...]


def parse(jar: str, arguments: Sequence[str]) -> SparkCommand:
    """Take a step's jar and arguments apart.

    Raises:
        CannotRunError: Where it is no spark-submit by command-runner.jar, or has no program.
    """
    if jar.rpartition("/")[2] != COMMAND_RUNNER:
        raise CannotRunError(f"the local engine runs {COMMAND_RUNNER} alone, got the jar {jar}")
    if not arguments or arguments[0] != "spark-submit":
        found = arguments[0] if arguments else "no arguments"
        raise CannotRunError(f"the local engine runs spark-submit alone, got {found}")
    options: list[str] = []
    left_out: list[str] = []
    rest = list(arguments[1:])
    while rest and rest[0].startswith("-"):
        taken = _take(rest)
        (left_out if taken[0].partition("=")[0] in _PLACES else options).extend(taken)
    if not rest:
        raise CannotRunError("spark-submit: expected a program after its options, got none")
    return SparkCommand(tuple(options), tuple(rest), tuple(left_out))


def _take(rest: list[str]) -> list[str]:
    name = rest.pop(0)
    if name in _FLAGS or ("=" in name and name.startswith("--")) or not rest:
        return [name]
    return [name, rest.pop(0)]


def spark_properties(configurations: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Return what a cluster's configurations set in Spark: `spark-defaults`, and Hadoop's as Spark passes them on."""
    found: dict[str, str] = {}
    for configuration in configurations:
        properties = configuration.get("Properties", {})
        if configuration.get("Classification") in ("core-site", "hdfs-site", "yarn-site"):
            found |= {f"spark.hadoop.{name}": value for name, value in properties.items()}
        if configuration.get("Classification") == "spark-defaults":
            found |= properties
    return found


def environment_variables(configurations: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Return what `spark-env` and its like export."""
    found: dict[str, str] = {}
    for configuration in configurations:
        for below in configuration.get("Configurations", []):
            if (
                str(configuration.get("Classification", "")).endswith("-env")
                and below.get("Classification") == "export"
            ):
                found |= below.get("Properties", {})
    return found


def uses_delta(configurations: Iterable[Mapping[str, Any]]) -> bool:
    """Tell whether `delta-defaults` turns Delta on."""
    return any(
        configuration.get("Classification") == "delta-defaults"
        and configuration.get("Properties", {}).get("delta.enabled") == "true"
        for configuration in configurations
    )
