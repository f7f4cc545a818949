"""Cancels single steps of a cluster: only such as carry our token."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from orchestrator.aws.emr import Emr, is_forgotten
from orchestrator.aws.faults import RefusedCallError
from orchestrator.engine.deeds import OVER
from orchestrator.errors import UsageError
from orchestrator.identity import token_of

STEP: Final = re.compile(r"s-[A-Z0-9]+")
_ASKED: Final = "SUBMITTED"


@dataclass(frozen=True)
class CancelledStep:
    """A step that was named: its state before, and where EMR does not cancel it, why; one that is over stays so."""

    step_id: str
    name: str
    state: str
    error: str | None = None

    @property
    def action(self) -> str:
        """Tell what becomes of it."""
        if self.state in OVER:
            return "has ended"
        return "goes on" if self.error else "is ending"


def cancel_steps(emr: Emr, cluster_id: str, step_ids: Sequence[str], until: float) -> list[CancelledStep]:
    """Ask for the end of steps, which comes a little later; return what EMR answers for each.

    Raises:
        UsageError: One of them is not there, or not ours; then none is cancelled.
    """
    found = [_step(emr, cluster_id, step_id, until) for step_id in step_ids]
    active = [each.step_id for each in found if each.state not in OVER]
    told = (
        {str(each["StepId"]): each for each in emr.cancel_steps(cluster_id, active, until)} if active else {}
    )
    return [
        CancelledStep(
            each.step_id,
            each.name,
            each.state,
            None if each.step_id not in active else _error(told.get(each.step_id, {})),
        )
        for each in found
    ]


def _error(answer: Mapping[str, Any]) -> str | None:
    if answer.get("Status") == _ASKED:
        return None
    return str(answer.get("Reason") or "EMR does not say why")


def _step(emr: Emr, cluster_id: str, step_id: str, until: float) -> CancelledStep:
    try:
        step = emr.step(cluster_id, step_id, until)
    except RefusedCallError as refused:
        if refused.code != "InvalidRequestException" and not is_forgotten(refused):
            raise
        raise UsageError(
            f"{step_id}: cluster {cluster_id} has no such step ({refused.aws_message}); nothing was cancelled"
        ) from refused
    if token_of(str(step["Name"])) is None:
        raise UsageError(
            f"{step_id}: {step['Name']!r} is not ours: expected a token at the end of its name; nothing was cancelled; "
            "aws emr cancel-steps ends what is not"
        )
    return CancelledStep(step_id, str(step["Name"]), str(step["Status"]["State"]))
