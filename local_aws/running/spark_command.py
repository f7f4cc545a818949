"""A step's `spark-submit`, taken apart: its options, its program, and where on a cluster it asks to run.

https://docs.aws.amazon.com/emr/latest/ReleaseGuide/emr-spark-submit-step.html
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

COMMAND_RUNNER: Final = "command-runner.jar"
# Options of spark-submit that stand alone; all others are followed by a value, or hold it after "=".
_FLAGS: Final = frozenset({"--verbose", "-v", "--supervise", "--version", "--help", "-h", "--usage-error"})
_MASTER, _DEPLOY_MODE = "--master", "--deploy-mode"
_CONFS: Final = frozenset({"--conf", "-c"})
_PAIR: Final = re.compile(r"(?P<name>[^#!\s=:][^\s=:]*)\s*[\s=:]\s*(?P<value>.*)")


class CannotRunError(Exception):
    """A step that this machine cannot run; says what it can."""


class Option(NamedTuple):
    """An option with its value; a flag has none."""

    name: str
    value: str | None


@dataclass(frozen=True)
class SparkCommand:
    """What to run: `options` come before the program, without those that say where on a cluster it runs."""

    options: tuple[Option, ...]
    program: tuple[str, ...]
    master: str | None = None
    deploy_mode: str | None = None

    @property
    def arguments(self) -> list[str]:
        """The options, as spark-submit takes them, and where it runs: on this machine."""
        return [*self.options_alone, _MASTER, "local[*]", _DEPLOY_MODE, "client"]

    @property
    def options_alone(self) -> list[str]:
        """The options, as spark-submit takes them, without a place."""
        return [part for option in self.options for part in option if part is not None]

    def option(self, name: str) -> str | None:
        """Return the value of an option; of several the last holds."""
        return next((option.value for option in reversed(self.options) if option.name == name), None)

    def is_cluster_mode(self, defaults: Mapping[str, str]) -> bool:
        """Tell whether its driver would run on the cluster."""
        given = {**defaults, **self.properties}
        return (self.deploy_mode or given.get("spark.submit.deployMode")) == "cluster"

    @property
    def properties(self) -> dict[str, str]:
        """What a file of properties on this machine sets, and `--conf` after it."""
        pairs = (str(option.value).partition("=") for option in self.options if option.name in _CONFS)
        return {**_read(self.option("--properties-file")), **{name: value for name, _, value in pairs}}


def parse(jar: str, arguments: Sequence[str]) -> SparkCommand:
    """Take a step's jar and arguments apart.

    Raises:
        CannotRunError: Where it is no spark-submit by command-runner.jar, or has no program.
    """
    if jar.rpartition("/")[2] != COMMAND_RUNNER:
        raise CannotRunError(
            f"HadoopJarStep.Jar: expected {COMMAND_RUNNER}, which alone runs on a laptop, got {jar}"
        )
    if not arguments or arguments[0] != "spark-submit":
        found = arguments[0] if arguments else "no arguments"
        raise CannotRunError(
            f"HadoopJarStep.Args: expected spark-submit, which alone runs on a laptop, got {found}"
        )
    options, program = _options(arguments[1:])
    if not program:
        raise CannotRunError(
            "HadoopJarStep.Args: expected a program after the options of spark-submit, got none"
        )
    places = {option.name: option.value for option in options if option.name in (_MASTER, _DEPLOY_MODE)}
    kept = tuple(option for option in options if option.name not in places)
    return SparkCommand(kept, program, places.get(_MASTER), places.get(_DEPLOY_MODE))


def _read(properties_file: str | None) -> dict[str, str]:
    """Read a file of properties as far as its lines are simple; a place that is none is left to Spark."""
    try:
        lines = Path(properties_file or "").read_text(encoding="utf-8").splitlines()
    except OSError:
        return {}
    pairs = (_PAIR.fullmatch(line.strip()) for line in lines)
    return {pair["name"]: pair["value"] for pair in pairs if pair}


def _options(arguments: Sequence[str]) -> tuple[list[Option], tuple[str, ...]]:
    options: list[Option] = []
    at = 0
    while at < len(arguments) and arguments[at].startswith("-"):
        name, equals, value = arguments[at].partition("=")
        at += 1
        if equals and name.startswith("--"):
            options.append(Option(name, value))
        elif arguments[at - 1] in _FLAGS or at == len(arguments):
            options.append(Option(arguments[at - 1], None))
        else:
            options.append(Option(arguments[at - 1], arguments[at]))
            at += 1
    return options, tuple(arguments[at:])
