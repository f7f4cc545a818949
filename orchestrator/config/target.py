"""`target`: what a file is a request for, a cluster of EMR or (`serverless`) an application of EMR Serverless.

An application's file has two more keys of ours: `job_run`, what of a StartJobRun request all its job runs have, and
`environment`, the archive with the Python that they run in.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from orchestrator.config.limits import Limits
from orchestrator.config.model import CREATE_APPLICATION, START_JOB_RUN
from orchestrator.config.shape import check_shape
from orchestrator.findings import Level, shown
from orchestrator.problems import Problem
from orchestrator.rules import check, check_application
from orchestrator.rules.application import Application

KEY: Final = "target"
JOB_RUN: Final = "job_run"
ENVIRONMENT: Final = "environment"
SERVERLESS: Final = "serverless"
TARGETS: Final = ("emr", SERVERLESS)
# What the orchestrator fills in, of each application and of each job run.
FILLED_IN: Final = frozenset({"applicationId", "clientToken", "entryPoint"})


@dataclass(frozen=True)
class Read:
    """A file's request as far as it goes, what is wrong with its shape, and what the rules find in it."""

    request: dict[str, Any]
    problems: tuple[Problem, ...]
    rules: Callable[[Limits], Iterator[Problem]]
    job_run: Mapping[str, Any] | None = None
    environment: str | None = None


def read(given: Mapping[str, Any]) -> Read:
    """Read a file's values, without our other keys."""
    values = dict(given)
    target = values.pop(KEY, None) or TARGETS[0]
    if target == SERVERLESS:
        return _application(values)
    shaped = check_shape(values)
    wrong = () if target == TARGETS[0] else (_problem((KEY,), "no target", target, " or ".join(TARGETS)),)
    return Read(values, (*wrong, *shaped.problems), lambda limits: check(shaped.request, limits))


def _application(values: dict[str, Any]) -> Read:
    job_run, environment = values.pop(JOB_RUN, None) or {}, values.pop(ENVIRONMENT, None)
    problems: list[Problem] = []
    if not isinstance(job_run, dict):
        problems.append(_problem((JOB_RUN,), "the wrong type", job_run, "names and values of StartJobRun"))
        job_run = {}
    if environment is not None and not isinstance(environment, str):
        problems.append(_problem((ENVIRONMENT,), "the wrong type", environment, "a string"))
        environment = None
    of_application = check_shape(values, CREATE_APPLICATION, FILLED_IN)
    of_job_run = check_shape(job_run, START_JOB_RUN, FILLED_IN)
    problems += of_application.problems
    problems += [replace(each, path=(JOB_RUN, *each.path)) for each in of_job_run.problems]

    def rules(limits: Limits) -> Iterator[Problem]:
        return check_application(Application(of_application.request, of_job_run.request, environment, limits))

    return Read(values, tuple(problems), rules, job_run, environment)


def _problem(path: tuple[str, ...], problem: str, value: Any, expected: str) -> Problem:
    return Problem(level=Level.ERROR, path=path, problem=problem, value=shown(value), expected=expected)
