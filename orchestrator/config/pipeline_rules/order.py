"""Which job comes after which, and what it may ask of those before it."""

import re
from collections.abc import Collection, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import Final

from orchestrator.config.near import meant
from orchestrator.findings import Level, ValuePath, shown
from orchestrator.job_spec import UPSTREAM, JobSpec
from orchestrator.problems import Problem
from orchestrator.secrets import redact

Graph = Mapping[str, Collection[str]]
_MOST_CYCLES: Final = 10
_LIKE: Final = re.compile(r"\$\{\s*jobs\b[^}]*\}?")


def order_problems(jobs: Mapping[str, JobSpec], names: Collection[str]) -> Iterator[Problem]:
    """Yield jobs that follow none that there is, or each other; and what they ask of jobs that they do not follow.

    `names` has the jobs with faults too: they are there, though nothing more is known of them.
    """
    follows = {name: job.follows for name, job in jobs.items()}
    for name, job in jobs.items():
        for at, before in enumerate(job.follows):
            path: ValuePath = ("jobs", name, "follows", at)
            if before not in names:
                told = f"there is no job {_shown(before)}{meant(before, names)}"
                yield _problem(path, told, None, _one_of(names))
            elif before in job.follows[:at]:
                yield _problem(path, "follows the same job again", redact(shown(before)), "each job once")
    for cycle in cycles(follows):
        told = f"jobs wait for each other: {' follows '.join(map(_shown, cycle))}"
        yield _problem(("jobs", cycle[0], "follows"), told, None, "an order in which each job can run")
    for name, job in jobs.items():
        yield from _reference_problems(job, jobs, names, forerunners(name, follows))


def ordered(follows: Graph) -> list[str]:
    """Return names so that each comes after those that it follows; as they are written where there is no such order."""
    try:
        return list(TopologicalSorter(_known(follows)).static_order())
    except CycleError:
        return list(follows)


def cycles(follows: Graph) -> list[list[str]]:
    """Name cycles in full, `[a, b, a]` where a follows b and b follows a; the first ten of many."""
    edges, place = _known(follows), {name: at for at, name in enumerate(follows)}
    found: list[list[str]] = []
    while len(found) < _MOST_CYCLES:
        try:
            TopologicalSorter(edges).prepare()
        except CycleError as error:
            # graphlib names each before those that follow it.
            names = list(reversed(error.args[1]))[:-1]
            first = min(range(len(names)), key=lambda at: place[names[at]])
            found.append([*names[first:], *names[:first], names[first]])
            edges[names[0]] = [each for each in edges[names[0]] if each != names[1 % len(names)]]
        else:
            break
    return found


def forerunners(name: str, follows: Graph) -> set[str]:
    """Return all that a job comes after, those of those included."""
    found: set[str] = set()
    ahead = [name]
    while ahead:
        new = [each for each in follows.get(ahead.pop(), ()) if each not in found]
        found.update(new)
        ahead += new
    return found


def _reference_problems(
    job: JobSpec, jobs: Mapping[str, JobSpec], names: Collection[str], before: Collection[str]
) -> Iterator[Problem]:
    for key, texts in (("inputs", job.inputs), ("arguments", job.arguments)):
        for at, text in enumerate(texts):
            for like in _LIKE.findall(text):
                if told := _reference_fault(like, jobs, names, before):
                    problem, expected = told
                    yield _problem(("jobs", job.name, key, at), problem, redact(shown(like)), expected)


def _reference_fault(
    like: str, jobs: Mapping[str, JobSpec], names: Collection[str], before: Collection[str]
) -> tuple[str, str] | None:
    found = UPSTREAM.fullmatch(like)
    if not found:
        return "asks a job for what it has not", "${jobs.<name>.output}, .manifest or .quarantine"
    name = found["job"]
    if name not in names:
        return f"there is no such job{meant(name, names)}", _one_of(names)
    if name not in before:
        return "asks a job that it does not follow", f"follows: [{_shown(name)}]"
    if found["what"] == "quarantine" and name in jobs and jobs[name].quarantine is None:
        return "the job has no quarantine", f"a job with one, or the key quarantine of {_shown(name)}"
    return None


def _known(follows: Graph) -> dict[str, list[str]]:
    """Leave out what is not there."""
    return {name: [each for each in before if each in follows] for name, before in follows.items()}


def _one_of(names: Collection[str]) -> str:
    return f"one of {', '.join(map(_shown, sorted(names)))}"


def _shown(name: str) -> str:
    return redact(name if name.isprintable() else shown(name))


def _problem(path: ValuePath, problem: str, value: str | None, expected: str) -> Problem:
    return Problem(level=Level.ERROR, path=path, problem=problem, value=value, expected=expected)
