"""Faults of the service itself: calls that fail by rate, and calls that are done but not answered."""

from collections import Counter
from dataclasses import dataclass

from local_aws.api.errors import AwsError
from local_aws.emr.draws import draw_for

# The older operations, which speak of job flows, and have errors of their own.
JOB_FLOW_OPERATIONS = frozenset(
    {
        "AddJobFlowSteps",
        "RunJobFlow",
        "SetKeepJobFlowAliveWhenNoSteps",
        "SetTerminationProtection",
        "TerminateJobFlows",
    }
)


class LostAnswerError(Exception):
    """A call was carried out, and its answer never came: the connection was closed."""


@dataclass(frozen=True)
class CallFault:
    """A share of the calls of an operation, or of all (None), that meets with a fault: from 0 for none to 1 for each.

    `kind` is `throttled`, `server_error` (nothing was done) or `lost_answer` (all was done).
    """

    kind: str
    rate: float
    operation: str | None = None


class CallFaults:
    """The faults of calls, drawn from a seed."""

    def __init__(self, seed: str) -> None:
        """Begin without faults."""
        self.script: list[CallFault] = []
        self._seed = seed
        self._calls: Counter[str] = Counter()

    def before(self, operation: str) -> None:
        """Fail a call before anything is done.

        Raises:
            AwsError: `ThrottlingException`; or with status 500 `InternalFailure`, of older operations, or
                `InternalServerException`.
        """
        self._calls[operation] += 1
        if self._strikes(operation, "throttled"):
            raise AwsError("ThrottlingException", "Rate exceeded")
        if self._strikes(operation, "server_error"):
            code = "InternalFailure" if operation in JOB_FLOW_OPERATIONS else "InternalServerException"
            raise AwsError(code, "An internal error occurred.", 500)

    def after(self, operation: str) -> None:
        """Lose a call's answer.

        Raises:
            LostAnswerError: Where it is lost.
        """
        if self._strikes(operation, "lost_answer"):
            raise LostAnswerError(operation)

    def _strikes(self, operation: str, kind: str) -> bool:
        rates = [
            fault.rate
            for fault in self.script
            if fault.kind == kind and fault.operation in (None, operation) and fault.rate > 0
        ]
        if not rates:
            return False
        return draw_for(self._seed, "faults", kind, operation, self._calls[operation]).random() < max(rates)
