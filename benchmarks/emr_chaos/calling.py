"""A call at random: how it ended, and what no call may do, whatever service it is made to."""

from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol

from benchmarks.emr_chaos.laws import BrokenLawError
from local_aws.api.errors import AwsError
from local_aws.api.shapes import operation, output_faults
from local_aws.emr.faults import LostAnswerError

_SERVER_ERROR: Final = 500


class World(Protocol):
    """Where what happens is written down."""

    trace: list[str]


class Service(Protocol):
    """What is called."""

    @property
    def world(self) -> World:
        """Its world."""

    def call(self, name: str, request: Mapping[str, Any], /) -> dict[str, Any]:
        """Carry out an operation."""


def outcome_of(do: Callable[[], object]) -> str:
    """Do a thing, and tell how it ended; AWS may refuse it, and nothing else may go wrong."""
    try:
        return "nothing to do" if do() is False else "done"
    except LostAnswerError:
        return "answer lost"
    except AwsError as fault:
        if fault.status >= _SERVER_ERROR:
            return "server error"
        return "throttled" if fault.code == "ThrottlingException" else "refused"


def call(
    service: Service, model_of: str, name: str, request: Mapping[str, Any], *, is_whole: bool = True
) -> dict[str, Any]:
    """Call an operation; where it `is_whole`, one that is refused has done nothing.

    Raises:
        BrokenLawError: A refusal leaves more than its trace, or an answer is not as the model of the service has it.
        AwsError: It is refused.
        LostAnswerError: Its answer is lost.
    """
    length = len(service.world.trace)
    try:
        answer = service.call(name, request)
    except AwsError as fault:
        if is_whole and len(service.world.trace) > length + 1:
            raise BrokenLawError(f"{name} was refused, and did something") from fault
        raise
    model = operation(name, model_of)
    if model is None or (faults := output_faults(model, answer)):
        raise BrokenLawError(f"{name} gave what the model does not have: {faults}")
    return answer
