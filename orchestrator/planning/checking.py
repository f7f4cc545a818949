"""What would be sent, held against the rules once more: steps, tags and bootstrap actions were added to a file."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from orchestrator.config.limits import Limits
from orchestrator.config.shape import check_shape
from orchestrator.findings import Finding, refuse_errors
from orchestrator.identity import bare_name
from orchestrator.problems import Problem
from orchestrator.rules import check


def refuse_request(
    file: str, request: Mapping[str, Any], limits: Limits, pipeline: str | None = None
) -> None:
    """Stop where EMR would refuse the request that was built of a file, or do other than is meant.

    Args:
        file: The cluster's file.
        request: The whole RunJobFlow request.
        limits: Our own limits beside it.
        pipeline: The name of the pipeline whose steps it carries.

    Raises:
        FindingsError: With all of it.
    """
    shaped = check_shape(dict(request))
    problems = (*shaped.problems, *check(shaped.request, limits))
    of = "of the launch" if pipeline is None else f"of a cluster for the pipeline {pipeline}"
    refuse_errors(_findings(file, problems, of, request.get("Steps") or ()))


def _findings(
    file: str, problems: Iterable[Problem], of: str, steps: Sequence[Mapping[str, Any]]
) -> list[Finding]:
    found = []
    for each in problems:
        told = f"{each.problem} in the request {of}{_job(each, steps)}"
        found.append(Finding(file=file, **{**asdict(each), "problem": told}))
    return found


def _job(problem: Problem, steps: Sequence[Mapping[str, Any]]) -> str:
    """Name the job that a step is of."""
    match problem.path:
        case ("Steps", int(number), *_):
            return f", job {bare_name(str(steps[number].get('Name')))}"
    return ""
