"""How clusters and steps ended, and whether what failed is tried again."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from orchestrator.aws.emr import Record
from orchestrator.engine.records import State

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
    """What failed: a cluster by its reason, or a step by its details; codes and messages are EMR's own."""

    what: str
    code: str
    message: str
    cluster_id: str
    step_id: str | None = None

    def __str__(self) -> str:
        """Write it down in a line."""
        return f"{self.what}: {self.code}: {self.message}" if self.message else f"{self.what}: {self.code}"


@dataclass(frozen=True)
class Verdict:
    """How often what failed is tried again, and what its user can do."""

    most_retries: int
    advice: str = ""


Judge = Callable[[Failure], Verdict]


def no_retry(_failure: Failure) -> Verdict:
    """Judge that nothing is tried again."""
    return Verdict(0)


def state_of(step: Record) -> State:
    """Tell how far a job is by its step."""
    return _STATES[step["Status"]["State"]]


def step_failure(job: str, cluster_id: str, step: Record) -> Failure:
    """Read why a step failed."""
    details = step["Status"].get("FailureDetails", {})
    reason = str(details.get("Reason") or step["Status"]["State"])
    return Failure(f"job {job}", reason, str(details.get("Message", "")), cluster_id, str(step["Id"]))


def cluster_failure(cluster_id: str, status: dict[str, Any] | Record) -> Failure:
    """Read why a cluster ended."""
    reason = status.get("StateChangeReason", {})
    code = str(reason.get("Code") or status["State"])
    return Failure(f"cluster {cluster_id}", code, str(reason.get("Message", "")), cluster_id)
