"""A pipeline file: which job reads what, writes what, and follows what; with all that is wrong with it.

The straight line: read, fill in variables, check keys and types, then order, places and texts.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from os.path import normpath
from pathlib import Path
from typing import Any

from orchestrator.checkout import ROOT
from orchestrator.config import variables
from orchestrator.config.pipeline_rules.events import action_problems, reader, trigger_problems
from orchestrator.config.pipeline_rules.keys import Checked, JobKeys, check_keys
from orchestrator.config.pipeline_rules.order import order_problems, ordered
from orchestrator.config.pipeline_rules.places import is_pinnable, place_problems
from orchestrator.config.pipeline_rules.texts import character_problems, job_problems, name_problem
from orchestrator.config.reading import Document, read
from orchestrator.config.written import Written, written
from orchestrator.findings import Finding, Level, ValuePath, shown
from orchestrator.job_spec import JobSpec
from orchestrator.packaging.deploy import entry_points
from orchestrator.problems import Problem
from orchestrator.rules.steps import MOST_STEPS
from orchestrator.secrets import redact, secret_findings
from orchestrator.trigger_spec import Action, Trigger


@dataclass(frozen=True)
class Pipeline:
    """A pipeline as it is meant, to be used where `findings` has no errors; each job comes after those it follows."""

    name: str
    file: str
    cluster: Path | None
    jobs: Mapping[str, JobSpec]
    findings: tuple[Finding, ...]
    trigger: Trigger | None = None
    then: tuple[Action, ...] = ()


def load_pipeline(path: Path, given: Mapping[str, Any], root: Path = ROOT) -> Pipeline:
    """Load a pipeline file; what is wrong in it is told by its findings.

    Args:
        path: The file.
        given: Values of variables that win over those in the file, by name.
        root: The repository whose entry files jobs name.

    Raises:
        UsageError: Where the file cannot be opened.
    """
    return checked(read(path), given, root)


def pipeline_findings(path: Path, given: Mapping[str, Any]) -> Sequence[Finding]:
    """Return what is wrong in a pipeline file.

    Raises:
        UsageError: Where the file cannot be opened.
    """
    return load_pipeline(path, given).findings


def is_pipeline(document: Document) -> bool:
    """Tell a pipeline file from a cluster file, which has no jobs."""
    return "jobs" in document.value


def checked(document: Document, given: Mapping[str, Any], root: Path = ROOT) -> Pipeline:
    """Make a pipeline of what a file says."""
    if document.findings and not document.value:
        return Pipeline("", document.file, None, {}, document.findings)
    filled = variables.fill(written(document), given, document.file)
    value = filled.root.plain()
    keys = check_keys(value)
    specs = {name: _spec(name, job) for name, job in keys.jobs.items()}
    # What has been told of already is not told again as a consequence.
    before = [each.path for each in (*document.findings, *filled.findings)]
    of_keys = [each for each in keys.problems if each.path not in before]
    jobs = document.value.get("jobs")
    names = list(jobs) if isinstance(jobs, dict) else []
    told = {*before, *keys.faulty}
    problems = [
        each for each in _problems(value, names, keys, specs, root) if not _is_within(each.path, told)
    ]
    at = None if keys.cluster is None else Path(normpath(Path(document.file).parent / keys.cluster))
    findings = (
        *document.findings,
        *filled.findings,
        *_empty_jobs(document),
        *_placed((*of_keys, *problems), filled.root),
        *secret_findings(document.file, _with_variables(value, document), document.line_of),
        *_cluster_findings(at, document),
    )
    order = ordered({name: spec.follows for name, spec in specs.items()})
    in_order = {name: specs[name] for name in order}
    trigger = None if keys.trigger is None else keys.trigger.trigger(reader(keys.trigger, specs))
    then = tuple(each.action() for each in keys.then if len(each.named) == 1)
    return Pipeline(keys.name or "", document.file, at, in_order, findings, trigger, then)


def _spec(name: str, job: JobKeys) -> JobSpec:
    return JobSpec(
        name=name,
        entry_point=job.entry_point,
        inputs=tuple(job.inputs),
        output=job.output,
        quarantine=job.quarantine,
        follows=tuple(job.follows),
        arguments=tuple(map(str, job.arguments)),
        spark_conf={key: _text(value) for key, value in job.spark_conf.items()},
        retries=job.retries,
        time_limit_minutes=job.time_limit_minutes,
        pin_inputs=is_pinnable(job.inputs) if job.pin_inputs is None else job.pin_inputs,
        format=job.format,
    )


def _text(value: str | float) -> str:
    """Write a value as Spark reads it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _problems(
    value: Mapping[str, Any], names: Sequence[str], keys: Checked, specs: Mapping[str, JobSpec], root: Path
) -> Iterator[Problem]:
    if len(names) > MOST_STEPS:
        told = f"{len(names)} jobs"
        yield Problem(
            level=Level.ERROR,
            path=("jobs",),
            problem=told,
            expected=f"at most {MOST_STEPS}: a cluster takes no more steps",
        )
        return
    if keys.name is not None:
        yield from name_problem(keys.name, ("name",))
    for name in names:
        yield from name_problem(name, ("jobs", name))
    yield from character_problems(value)
    yield from order_problems(specs, names)
    yield from place_problems(specs)
    if keys.trigger is not None:
        yield from trigger_problems(keys.trigger, specs)
    yield from action_problems(keys.then, specs, keys.name or "")
    entries = entry_points(root)
    for spec in specs.values():
        yield from job_problems(spec, entries)


def _empty_jobs(document: Document) -> Iterator[Finding]:
    """Tell of jobs without keys: without a value they would be left out as variables without one are."""
    jobs = document.value.get("jobs")
    for name, keys in jobs.items() if isinstance(jobs, dict) else ():
        if keys is None:
            yield _finding(document, ("jobs", name), "a job without keys", "entry_point, inputs, output, …")


def _cluster_findings(at: Path | None, document: Document) -> Iterator[Finding]:
    if at is None:
        return
    try:
        is_there = at.is_file()
    except OSError:  # such as a name that is too long
        is_there = False
    if not is_there:
        problem = f"there is no such cluster file, got {redact(shown(str(at)))}"
        yield _finding(document, ("cluster",), problem, "a path from this file's folder")


def _is_within(path: ValuePath, places: Collection[ValuePath]) -> bool:
    return any(path[:length] in places for length in range(1, len(path) + 1))


def _with_variables(value: Mapping[str, Any], document: Document) -> dict[str, Any]:
    return {**value, variables.KEY: document.value.get(variables.KEY)}


def _finding(document: Document, path: ValuePath, problem: str, expected: str) -> Finding:
    line = document.line_of(path)
    return Finding(
        level=Level.ERROR, file=document.file, line=line, path=path, problem=problem, expected=expected
    )


def _placed(problems: Iterable[Problem], root: Written) -> Iterator[Finding]:
    for each in problems:
        place = root.at(each.path)
        yield Finding(file=place.file, line=place.line, **asdict(each))
