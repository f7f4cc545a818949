"""An application of EMR Serverless and what its job runs have, as the rules look at them; anything may be missing."""

import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from orchestrator.config.limits import Limits
from orchestrator.findings import ValuePath
from orchestrator.rules import releases
from orchestrator.rules.workers import Size, size_of

Json = Mapping[str, Any]
JOB_RUN: Final = "job_run"
PARAMETERS: Final = (JOB_RUN, "jobDriver", "sparkSubmit", "sparkSubmitParameters")
# Options of spark-submit that stand for a property.
_OPTIONS: Final[Mapping[str, str]] = {
    "--driver-cores": "spark.driver.cores",
    "--driver-memory": "spark.driver.memory",
    "--executor-cores": "spark.executor.cores",
    "--executor-memory": "spark.executor.memory",
    "--num-executors": "spark.executor.instances",
}


@dataclass(frozen=True)
class Workers:
    """Pre-initialised workers, and where they are written."""

    kind: str
    path: ValuePath
    count: int
    size: Size
    is_shuffle: bool


@dataclass(frozen=True)
class Application:
    """A CreateApplication request, what of StartJobRun its job runs have, and our own keys."""

    request: Json
    job_run: Json
    environment: str | None
    limits: Limits

    @cached_property
    def release(self) -> releases.Release | None:
        """Return the release; None where the label is none, which another rule tells."""
        return releases.parse(str(self.request.get("releaseLabel", "")))

    def lacks(self, first: tuple[int, ...]) -> bool:
        """Tell whether the release, if it is one, is older than the first one with a feature."""
        return self.release is not None and self.release < first

    @property
    def workers(self) -> Sequence[Workers]:
        """Return the pre-initialised workers."""
        found = []
        for kind, told in (self.request.get("initialCapacity") or {}).items():
            given = told.get("workerConfiguration") or {"cpu": "4 vCPU", "memory": "16 GB"}
            size = size_of({"disk": "20 GB", **given})
            is_shuffle = "shuffle" in str(given.get("diskType", "")).lower()
            path = ("initialCapacity", kind)
            found.append(Workers(kind, path, int(told.get("workerCount", 0)), size, is_shuffle))
        return found

    @property
    def maximum(self) -> Size | None:
        """Return the maximum capacity; None where none is set."""
        told = self.request.get("maximumCapacity")
        return size_of(told) if told else None

    @property
    def parameters(self) -> str:
        """Return the parameters of spark-submit that all job runs have."""
        found: Any = self.job_run
        for name in PARAMETERS[1:]:
            found = (found or {}).get(name)
        return str(found or "")

    @property
    def log_uri(self) -> tuple[ValuePath, str | None]:
        """Return where logs go on S3, and where that is written."""
        overrides = self.job_run.get("configurationOverrides") or {}
        for path, holder in (((JOB_RUN, "configurationOverrides"), overrides), ((), self.request)):
            monitoring = holder.get("monitoringConfiguration") or {}
            uri = (monitoring.get("s3MonitoringConfiguration") or {}).get("logUri")
            if uri:
                return (*path, "monitoringConfiguration", "s3MonitoringConfiguration", "logUri"), str(uri)
        return ("monitoringConfiguration",), None

    def spark(self) -> dict[str, str]:
        """Return the properties of Spark that all job runs have, those that win last."""
        overrides = (self.job_run.get("configurationOverrides") or {}).get("applicationConfiguration")
        found = {**_defaults(self.request.get("runtimeConfiguration")), **_defaults(overrides)}
        try:
            return {**found, **submitted(shlex.split(self.parameters))}
        except ValueError:  # quotes that do not match, of which another rule tells
            return found


def submitted(words: Sequence[str]) -> dict[str, str]:
    """Return the properties of Spark that arguments of spark-submit set."""
    return dict(_submitted(iter(words)))


def _submitted(words: Iterator[str]) -> Iterator[tuple[str, str]]:
    for word in words:
        option, equals, value = word.partition("=")
        if option in {"--conf", "-c"}:
            name, _, text = (value if equals else next(words, "")).partition("=")
            yield name, text
        elif option in _OPTIONS:
            yield _OPTIONS[option], value if equals else next(words, "")


def _defaults(configurations: Any) -> dict[str, str]:
    found: dict[str, str] = {}
    for each in configurations or ():
        if each.get("classification") == "spark-defaults":
            found |= each.get("properties") or {}
    return found
