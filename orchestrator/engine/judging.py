"""How clusters and steps ended, and whether what failed is tried again."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from orchestrator.aws.emr import Record
from orchestrator.engine.records import State
from orchestrator.secrets import redact
from orchestrator.verdicts import NO_CAPACITY, Verdict, of_cluster, of_step

_STATES: Final = {
    "PENDING": State.SUBMITTED,
    "CANCEL_PENDING": State.RUNNING,
    "RUNNING": State.RUNNING,
    "COMPLETED": State.SUCCEEDED,
    "CANCELLED": State.CANCELLED,
    "FAILED": State.FAILED,
    "INTERRUPTED": State.FAILED,
}


@dataclass(frozen=True)
class Failure:
    """What failed: a cluster by its reason, or a step by its details.

    Codes and messages are EMR's own but for secrets: they are kept in records.
    """

    what: str
    code: str
    message: str
    cluster_id: str
    step_id: str | None = None

    def __str__(self) -> str:
        """Write it down in a line."""
        return f"{self.what}: {self.code}: {self.message}" if self.message else f"{self.what}: {self.code}"


Judge = Callable[[Failure], Verdict]
# A cluster that was not ready in time, and a job that ran for too long: ours, where EMR has no code.
LAUNCH_TIMEOUT: Final = "LAUNCH_TIMEOUT"
TIME_LIMIT: Final = "TIME_LIMIT"
_TOO_LONG: Final = Verdict(
    "too long",
    is_retryable=False,
    most_retries=0,
    next_step="raise its time_limit_minutes, or give it more nodes: its log says how far it came",
)


def judge(failure: Failure, lines: Sequence[str] = ()) -> Verdict:
    """Tell what to do about a failure, with the lines of its logs that matter where they are known."""
    if failure.code == TIME_LIMIT:
        return _TOO_LONG
    if failure.code == LAUNCH_TIMEOUT:
        return NO_CAPACITY
    if failure.step_id is None:
        return of_cluster(failure.code, failure.message)
    return of_step("FAILED", {"Reason": failure.code, "Message": failure.message}, lines)


def state_of(step: Record) -> State:
    """Tell how far a job is by its step."""
    return _STATES[step["Status"]["State"]]


def is_lost(step: Record) -> bool:
    """Tell whether a step ended because its cluster did."""
    return bool(step["Status"]["State"] == "INTERRUPTED")


def step_failure(job: str, cluster_id: str, step: Record) -> Failure:
    """Read why a step failed."""
    details = step["Status"].get("FailureDetails", {})
    reason = str(details.get("Reason") or step["Status"]["State"])
    return Failure(f"job {job}", reason, redact(str(details.get("Message", ""))), cluster_id, str(step["Id"]))


def cluster_failure(cluster_id: str, status: dict[str, Any] | Record) -> Failure:
    """Read why a cluster ended."""
    reason = status.get("StateChangeReason", {})
    code = str(reason.get("Code") or status["State"])
    return Failure(f"cluster {cluster_id}", code, redact(str(reason.get("Message", ""))), cluster_id)
