"""What is begun once: a cluster, a step."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from orchestrator.aws.emr import Record, created_at
from orchestrator.aws.faults import BusyError, EndedError, RefusedCallError
from orchestrator.aws.serverless_words import is_request
from orchestrator.engine.edge import Edge
from orchestrator.errors import OrchestratorError
from orchestrator.identity import Token, token_of

ENDED: Final = frozenset({"TERMINATED", "TERMINATED_WITH_ERRORS"})
_ENDING: Final = ENDED | {"TERMINATING"}
OVER: Final = frozenset({"COMPLETED", "CANCELLED", "FAILED", "INTERRUPTED"})
# In the words of AddJobFlowSteps, which has no code of its own for it:
# https://docs.aws.amazon.com/emr/latest/ManagementGuide/AddMoreThan256Steps.html
_FULL: Final = "Maximum number of active steps"


# In the words of operations on a cluster that ends, or has.
_ENDED_WORDS: Final = ("shutting down", "terminated", "Specified job flow ID not valid")


class RefusedDeedError(RefusedCallError):
    """Raised when AWS refuses the deed itself, and not a look at something."""


class ClusterEndedError(RefusedDeedError):
    """Raised when a step is refused because its cluster ends, or has ended."""


class NoRoomError(OrchestratorError):
    """Raised when a cluster takes no more steps for now."""


def _nothing(_until: float) -> None:
    return None


@dataclass(frozen=True)
class ClusterDeed:
    """A cluster; `guard` is asked right before the call, until an instant, and raises where it must not be made."""

    edge: Edge
    token: Token
    request: Mapping[str, Any]
    guard: Callable[[float], None] = _nothing

    @property
    def is_repeatable(self) -> bool:
        """Tell whether the call may be made again at any time: its request bears a client token."""
        return is_request(self.request)

    def find(self, since: float, until: float) -> Sequence[str]:
        """Look through all clusters created since then, those that live first, then the earliest.

        It is the one that a reaper leaves (orchestrator.reaping.deciding): to it, what is terminating lives no more.
        """
        listed = self.edge.emr.clusters_like(self.request, until, created_after=since)
        found = [each for each in listed if self._is_it(each)]
        found.sort(key=lambda each: (each["Status"]["State"] in _ENDING, created_at(each), each["Id"]))
        return [str(each["Id"]) for each in found]

    def call(self, until: float) -> str:
        """Launch it.

        Raises:
            RefusedDeedError: AWS refuses it.
        """
        try:
            return self.edge.emr.run_job_flow(self.request, until)
        except RefusedCallError as refused:
            raise RefusedDeedError(str(refused), refused.code, refused.aws_message) from refused

    def undo(self, ids: Sequence[str], until: float) -> None:
        """Terminate clusters that are too many."""
        self.edge.say(f"{self.token}: launched more than once, or too late; terminating {', '.join(ids)}")
        self.edge.emr.terminate(ids, until)

    def _is_it(self, cluster: Record) -> bool:
        return token_of(str(cluster["Name"])) == self.token


@dataclass(frozen=True)
class StepDeed:
    """A step of a cluster; `guard` is as of a cluster."""

    edge: Edge
    token: Token
    cluster_id: str
    config: Mapping[str, Any]
    guard: Callable[[float], None] = _nothing

    @property
    def is_repeatable(self) -> bool:
        """Tell whether the call may be made again at any time: its request bears a client token."""
        return is_request(self.config)

    def find(self, since: float, until: float) -> Sequence[str]:
        """Look through all steps of the cluster, the earliest first; a cluster has no other steps of that token."""
        steps = self.edge.emr.steps(self.cluster_id, until, since=since)
        return [str(each["Id"]) for each in steps if token_of(str(each["Name"])) == self.token]

    def call(self, until: float) -> str:
        """Submit it.

        Raises:
            ClusterEndedError: Its cluster takes no steps any more.
            NoRoomError: 256 steps of it are active.
            RefusedDeedError: AWS refuses it otherwise.
        """
        try:
            return self.edge.emr.add_steps(self.cluster_id, [self.config], until)[0]
        except RefusedCallError as refused:
            if isinstance(refused, BusyError):
                raise NoRoomError(f"{self.cluster_id}: it takes no job runs now: {refused}") from refused
            if _FULL in refused.aws_message:
                raise NoRoomError(
                    f"{self.cluster_id}: 256 steps are active, more it does not take"
                ) from refused
            has_ended = isinstance(refused, EndedError) or any(
                words in refused.aws_message for words in _ENDED_WORDS
            )
            kind = ClusterEndedError if has_ended else RefusedDeedError
            raise kind(str(refused), refused.code, refused.aws_message) from refused

    def undo(self, ids: Sequence[str], until: float) -> None:
        """Cancel steps that are too many."""
        self.edge.say(f"{self.token}: submitted more than once, or too late; cancelling {', '.join(ids)}")
        self.edge.emr.cancel_steps(self.cluster_id, ids, until)
