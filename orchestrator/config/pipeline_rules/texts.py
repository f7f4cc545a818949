"""Names, entry points, arguments and properties: what may stand in them."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final

from orchestrator.config.near import meant
from orchestrator.findings import Level, ValuePath, shown
from orchestrator.job_spec import JobSpec
from orchestrator.problems import Problem
from orchestrator.secrets import redact
from orchestrator.step_arguments import (
    beyond_ascii,
    conf_faults,
    faults_of_text,
    job_flag_faults,
    own_flag_faults,
)

_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
_NAMES: Final = "a-z, 0-9 and _, a letter first, at most 40: it stands in names on S3 and of steps"


def name_problem(name: str, path: ValuePath) -> Iterator[Problem]:
    """Yield what is wrong with a name that we give."""
    if not _NAME.fullmatch(name):
        yield _problem(path, "not a name", redact(shown(name)), _NAMES)


def character_problems(value: Any, path: ValuePath = ()) -> Iterator[Problem]:
    """Yield the characters in any text of a file that end or hide it, or that YARN replaces."""
    if isinstance(value, str):
        yield from (_problem(path, fault) for fault in faults_of_text(value))
    elif isinstance(value, Mapping):
        for name, each in value.items():
            met = redact(shown(name))
            yield from (_problem(path, f"in a key: {fault}", met) for fault in faults_of_text(name))
            yield from character_problems(each, (*path, name))
    elif isinstance(value, Sequence):
        for at, each in enumerate(value):
            yield from character_problems(each, (*path, at))


def job_problems(job: JobSpec, entry_points: Collection[str]) -> Iterator[Problem]:
    """Yield what is wrong in a job's entry point, arguments and properties of Spark."""
    if job.entry_point not in entry_points:
        told = f"no entry file of this repository{meant(job.entry_point, entry_points)}"
        expected = f"one of {', '.join(sorted(entry_points)) or 'none: there is no jobs/*.py'}"
        yield _problem(("jobs", job.name, "entry_point"), told, redact(shown(job.entry_point)), expected)
    for path, text in _handed_on(job):
        yield from (_problem(path, fault) for fault in beyond_ascii(text))
    for at, argument in enumerate(job.arguments):
        for fault in (*own_flag_faults([argument]), *job_flag_faults([argument])):
            yield _problem(("jobs", job.name, "arguments", at), fault)
    for name, value in job.spark_conf.items():
        for fault in conf_faults([f"{name}={value}"]):
            yield _problem(("jobs", job.name, "spark_conf", name), fault.removeprefix("--conf "))


def _handed_on(job: JobSpec) -> Iterator[tuple[ValuePath, str]]:
    """Go through what becomes an argument of the step; pinned inputs come in a file of their own."""
    here: ValuePath = ("jobs", job.name)
    yield (*here, "output"), job.output
    yield (*here, "quarantine"), job.quarantine or ""
    for key, texts in (("inputs", () if job.pin_inputs else job.inputs), ("arguments", job.arguments)):
        yield from (((*here, key, at), text) for at, text in enumerate(texts))
    yield from (((*here, "spark_conf", name), value) for name, value in job.spark_conf.items())


def _problem(path: ValuePath, problem: str, value: str | None = None, expected: str | None = None) -> Problem:
    return Problem(level=Level.ERROR, path=path, problem=problem, value=value, expected=expected)
