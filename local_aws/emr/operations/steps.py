"""Operations on steps."""

from collections.abc import Sequence
from typing import Final

from local_aws.api.errors import invalid_request
from local_aws.emr import views
from local_aws.emr.account import Account, Request, page, refuse_ending
from local_aws.emr.entities import Json, Step
from local_aws.emr.guesses import CANCEL_RELEASE, TOO_MANY_CANCELLED, TOO_MANY_STEP_IDS
from local_aws.emr.machine import Machine
from local_aws.emr.rules.steps import check_steps

_PAGE: Final = 50
_MOST_IDS: Final = 10
_MOST_CANCELLED: Final = 256
# Older steps can neither be listed nor described: emr-view-steps.html in the Management Guide.
_MOST_VISIBLE: Final = 1000


def add_job_flow_steps(account: Account, request: Request) -> dict[str, Json]:
    """Append steps to a cluster: all of them, or none."""
    machine = account.job_flow(request["JobFlowId"])
    refuse_ending(machine.cluster)
    check_steps(request["Steps"], machine.cluster.concurrency, len(machine.steps.active), is_added=True)
    added = machine.steps.add(request["Steps"], request.get("ExecutionRoleArn"))
    return {"StepIds": [step.id for step in added]}


def list_steps(account: Account, request: Request) -> dict[str, Json]:
    """List steps: those named, in that order, or all, the newest first."""
    machine = account.machine(request["ClusterId"])
    ids, states = request.get("StepIds"), request.get("StepStates")
    if ids is not None and states is not None:
        raise invalid_request("Cannot specify both StepIds and StepStates.")
    if ids and len(ids) > _MOST_IDS:
        raise invalid_request(TOO_MANY_STEP_IDS)
    if ids:
        found: Sequence[Step] = [_visible(machine, step_id) for step_id in ids]
    else:
        seen = [step for step in reversed(_newest(machine)) if step.status.created_at <= account.seen_at()]
        found = [step for step in seen if not states or step.status.state in states]
    steps, marker = page(found, request, _PAGE)
    return {"Steps": [views.step_summary(step) for step in steps], **marker}


def describe_step(account: Account, request: Request) -> dict[str, Json]:
    """Tell all of a step."""
    machine = account.machine(request["ClusterId"])
    return {"Step": views.step(_visible(machine, request["StepId"]))}


def cancel_steps(account: Account, request: Request) -> dict[str, Json]:
    """Ask for the end of steps, which comes later, or does not."""
    machine = account.machine(request["ClusterId"])
    if not machine.cluster.release.cancels_steps:
        raise invalid_request(CANCEL_RELEASE)
    if len(request["StepIds"]) > _MOST_CANCELLED:
        raise invalid_request(TOO_MANY_CANCELLED)
    is_forced = request.get("StepCancellationOption") == "TERMINATE_PROCESS"
    return {"CancelStepsInfoList": machine.steps.cancel(request["StepIds"], is_forced=is_forced)}


def _newest(machine: Machine) -> list[Step]:
    return machine.cluster.steps[-_MOST_VISIBLE:]


def _visible(machine: Machine, step_id: str) -> Step:
    found = next((step for step in _newest(machine) if step.id == step_id), None)
    if found is None:
        raise invalid_request(f"Step id '{step_id}' is not valid.")
    return found
