"""From a job of a pipeline to a job run of EMR Serverless: a StartJobRun request but for application and token.

What all job runs of a file have comes first, then the job's own Spark properties: the last one of a name wins.
"""

import shlex
from collections.abc import Collection, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from math import ceil
from typing import Any, Final

from orchestrator.config.model import START_JOB_RUN
from orchestrator.config.shape import check_shape
from orchestrator.errors import UsageError
from orchestrator.job_spec import JobSpec
from orchestrator.packaging.artifacts import Artifacts
from orchestrator.rules.application import PARAMETERS, submitted
from orchestrator.rules.serverless_advice import DRIVERS_PYTHON, DRIVERS_WORKERS, EXECUTORS_PYTHON
from orchestrator.step_arguments import beyond_ascii, conf_faults, job_flag_faults, secret_faults, text_faults
from orchestrator.steps import StepRun, entry_of, flags_of

# https://docs.aws.amazon.com/emr-serverless/latest/APIReference/API_SparkSubmit.html
MOST_ARGUMENTS: Final = 1024
_PYTHON: Final = "/usr/bin/python3.11"
# Where an archive is unpacked, and its Python: https://docs.aws.amazon.com/emr/latest/EMR-Serverless-UserGuide/using-python-libraries.html
_FOLDER: Final = "environment"
# The image has Delta, and does not load it: https://docs.aws.amazon.com/emr/latest/EMR-Serverless-UserGuide/using-delta-lake.html
_DELTA: Final = "/usr/share/aws/delta/lib/delta-spark.jar,/usr/share/aws/delta/lib/delta-storage.jar"
# AWS does not say how it takes the parameters apart, so nothing goes there that quotes would be needed for.
_NEEDS_QUOTES: Final = frozenset(" \t\"'\\")


@dataclass(frozen=True)
class Defaults:
    """What all job runs of a file have: parts of StartJobRun, and the archive with their Python.

    `known` are the properties of Spark that the file sets by configurations, `tags` ours, which say whose they are.
    """

    job_run: Mapping[str, Any]
    environment: str | None = None
    known: Collection[str] = ()
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def time_limit_minutes(self) -> int | None:
        """Return how long a job run may take that says nothing itself."""
        found = self.job_run.get("executionTimeoutMinutes")
        return int(found) if found else None


def job_run(
    job: JobSpec, run: StepRun, artifacts: Artifacts, defaults: Defaults, token: str, time_limit_s: float
) -> dict[str, Any]:
    """Return the request of a job's run.

    Raises:
        UsageError: With all that is wrong in it; where the entry point has not been deployed; where a job that is asked
            for something has no run.
    """
    flags = flags_of(job, run)
    request = deepcopy(dict(defaults.job_run))
    submit = request.get("jobDriver", {}).get("sparkSubmit", {})
    parameters = _parameters(job, artifacts, defaults, str(submit.get(PARAMETERS[-1], "")))
    request |= {
        "name": job.name,
        "clientToken": token,
        "tags": {**request.get("tags", {}), **defaults.tags},
        "executionTimeoutMinutes": ceil(time_limit_s / 60),
        "jobDriver": {
            "sparkSubmit": {
                "entryPoint": entry_of(job, artifacts),
                "entryPointArguments": flags,
                PARAMETERS[-1]: parameters,
            }
        },
    }
    faults = [*_faults(job, flags), *_shape_faults(request)]
    if faults:
        raise UsageError("\n".join([f"job run {job.name}:", *faults]))
    return request


def _own_conf(defaults: Defaults) -> dict[str, str]:
    """Return what the orchestrator sets: the environment, and without one what no configuration sets.

    Delta's classes are there for every job, as on clusters: one that writes Parquet may read a Delta table.
    """
    names = (DRIVERS_WORKERS, DRIVERS_PYTHON, EXECUTORS_PYTHON)
    found = {"spark.jars": _DELTA, **dict.fromkeys(names, _PYTHON)}
    found = {name: value for name, value in found.items() if name not in defaults.known}
    if defaults.environment is not None:
        found |= dict.fromkeys(names, f"./{_FOLDER}/bin/python")
        found["spark.archives"] = f"{defaults.environment}#{_FOLDER}"
    return found


def _parameters(job: JobSpec, artifacts: Artifacts, defaults: Defaults, given: str) -> str:
    known = submitted(shlex.split(given))
    ours = {name: value for name, value in _own_conf(defaults).items() if name not in known}
    parts = [given] if given else []
    parts += [f"--conf {name}={value}" for name, value in {**ours, **job.spark_conf}.items()]
    return " ".join([*parts, f"--py-files {artifacts.py_files}"])


def _faults(job: JobSpec, flags: list[str]) -> Iterator[str]:
    conf = [f"{name}={value}" for name, value in job.spark_conf.items()]
    for texts, at in ((flags, "entryPointArguments"), (conf, PARAMETERS[-1])):
        for fault in (*text_faults(texts), *secret_faults(texts)):
            yield f"{at}{fault}"
        yield from (f"{at}: {fault}" for text in texts for fault in beyond_ascii(text))
    yield from conf_faults(conf)
    for pair in conf:
        if _NEEDS_QUOTES & set(pair):
            name = pair.partition("=")[0]
            yield f"--conf {name}: expected no blank, quote or backslash: how AWS reads those it does not say"
    yield from job_flag_faults(flags)
    if len(flags) > MOST_ARGUMENTS:
        yield f"entryPointArguments: expected at most {MOST_ARGUMENTS}, got {len(flags)}; pin inputs by a list"


def _shape_faults(request: dict[str, Any]) -> Iterator[str]:
    for problem in check_shape(request, START_JOB_RUN, {"applicationId"}).problems:
        path = ".".join(map(str, problem.path))
        yield f"{path}: {problem.problem}, got {problem.value}; expected {problem.expected}"
