"""What would happen, decided before anything does: the plan of a launch or a run, as a document.

`plan --out FILE` writes it, `launch` and `run` carry out exactly that; its request is the one that is sent.
"""

from collections.abc import Collection, Mapping, Sequence
from copy import deepcopy
from enum import StrEnum
from typing import Any, Final

import msgspec

from orchestrator.aws.serverless_words import is_request
from orchestrator.errors import UsageError
from orchestrator.identity import RUN_ID, Token, bare_name, named, named_application, token_of

FORMAT: Final = 1


class ClusterKind(StrEnum):
    """Where steps run: on a cluster that was named, on a long-running one by its file, or on one for this run alone."""

    GIVEN = "given"
    SHARED = "shared"
    OWN = "own"


class PlannedCluster(msgspec.Struct, frozen=True, kw_only=True):
    """The cluster: its id where it was named, else the base of its token and the RunJobFlow request.

    Of an application of EMR Serverless it is the CreateApplication request.

    `why` says in words how it was chosen; `request` is the first attempt's, with its token and its steps.
    """

    kind: ClusterKind
    why: str
    id: str | None = None
    base: str | None = None
    number: int = 1
    request: dict[str, Any] | None = None


class PlannedJob(msgspec.Struct, frozen=True, kw_only=True):
    """A job of the run: `step` is its step but for the token, `base` that of its token; times in seconds.

    For EMR Serverless `step` is a StartJobRun request, but for the application.
    """

    name: str
    run_id: str
    base: str
    step: dict[str, Any]
    output: str
    manifest: str
    follows: list[str] = []
    retries: int = 0
    time_limit_s: float = 86_400


class PlannedAction(msgspec.Struct, frozen=True, kw_only=True):
    """What follows the run when it has succeeded (orchestrator.trigger_spec.Action), nothing left to fill in.

    `id` is the same whoever does it: a query's token, and what a message bears.
    """

    id: str
    kind: str
    text: str = ""
    target: str = ""
    database: str | None = None
    results: str | None = None
    variables: dict[str, Any] = {}


class Upload(msgspec.Struct, frozen=True, kw_only=True):
    """What stands on S3 before anything begins: a file of this machine, or a text, at a URI, known by its SHA-256."""

    uri: str
    sha256: str
    path: str | None = None
    text: str | None = None


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """A run or (without jobs) the launch of a long-running cluster.

    `key` is what makes it another run than the last one: given by the caller, or a hash of the inputs' listing.
    """

    name: str
    run_id: str
    key: str
    bucket: str
    cluster: PlannedCluster
    jobs: list[PlannedJob] = []
    uploads: list[Upload] = []
    warnings: list[str] = []
    then: list[PlannedAction] = []
    format: int = FORMAT


def encode(plan: Plan) -> bytes:
    """Write a plan, always the same bytes."""
    return msgspec.json.format(msgspec.json.encode(plan, order="sorted"), indent=2) + b"\n"


def decode(name: str, body: bytes) -> Plan:
    """Read a plan.

    Raises:
        UsageError: It is none, or of another format.
    """
    try:
        plan = msgspec.json.decode(body, type=Plan)
    except msgspec.MsgspecError as error:
        raise UsageError(
            f"{name}: expected what `orchestrator plan --out` writes, got {error}; plan again"
        ) from error
    if plan.format != FORMAT:
        raise UsageError(f"{name}: expected a plan of format {FORMAT}, got {plan.format}; plan again")
    if fault := _fault(plan):
        raise UsageError(f"{name}: expected what `orchestrator plan --out` writes, got {fault}; plan again")
    return plan


def _fault(plan: Plan) -> str | None:
    """Tell what no plan of ours has: ids that would not be found again, a cluster that is neither named nor made."""
    cluster = plan.cluster
    bases = [job.base for job in plan.jobs] + ([] if cluster.base is None else [cluster.base])
    if wrong := [base for base in bases if token_of(named("x", Token(base))) is None]:
        return f"the base {wrong[0]!r} of a token"
    if wrong := [
        one for one in (plan.run_id, *(job.run_id for job in plan.jobs)) if not RUN_ID.fullmatch(one)
    ]:
        return f"the run id {wrong[0]!r}"
    if wrong := [job.name for job in plan.jobs if name_of(job.step) is None]:
        return f"a step of {wrong[0]} without a Name"
    if cluster.kind is ClusterKind.GIVEN:
        return None if cluster.id and plan.jobs else "a named cluster without an id, or without jobs"
    has_name = cluster.request is not None and name_of(cluster.request) is not None
    return None if cluster.base and has_name else f"a cluster ({cluster.kind}) without base, request or Name"


def name_of(request: Mapping[str, Any]) -> str | None:
    """Return the name in a request, of EMR or of EMR Serverless; None where it is no text."""
    found = request.get(_name_key(request))
    return found if isinstance(found, str) else None


def _name_key(request: Mapping[str, Any]) -> str:
    return "name" if is_request(request) else "Name"


def step_of(job: PlannedJob, attempt: int) -> dict[str, Any]:
    """Return a job's step for an attempt, the token in its Name."""
    token, key = Token(job.base, attempt), _name_key(job.step)
    mark = {"clientToken": str(token)} if is_request(job.step) else {}
    return {**job.step, key: named(job.step[key], token), **mark}


def request_of(cluster: PlannedCluster, jobs: Sequence[PlannedJob], number: int) -> dict[str, Any]:
    """Return the RunJobFlow request of an attempt or, of a long-running cluster, of the next one in a row.

    It is the plan's own where it is the plan's number and all its jobs are to be run.
    """
    assert cluster.request is not None  # noqa: S101 - only clusters that are to be launched have one
    assert cluster.base is not None  # noqa: S101 - nor a token, if they have none
    request = deepcopy(cluster.request)
    token = Token(cluster.base, number)
    if is_request(request):
        name = named_application(bare_name(request["name"]), token)
        return {**request, "name": name, "clientToken": str(token)}
    request["Name"] = named(bare_name(request["Name"]), token)
    if jobs:
        request["Steps"] = [step_of(job, number) for job in jobs]
    return request


def remaining(jobs: Sequence[PlannedJob], done: Collection[str]) -> list[PlannedJob]:
    """Return the jobs that are still to be done, in their order."""
    return [job for job in jobs if job.name not in done]


def ready(jobs: Sequence[PlannedJob], states: Mapping[str, bool]) -> list[PlannedJob]:
    """Return the jobs that may begin: neither begun nor ended (not in `states`), and all they follow done (True)."""
    return [job for job in jobs if job.name not in states and all(states.get(name) for name in job.follows)]
