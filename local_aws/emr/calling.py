"""What becomes of a call, whatever service it is made to: quota, faults, the model, and the operation itself."""

import logging
from collections.abc import Callable, Mapping
from copy import deepcopy
from datetime import datetime
from typing import Any, Generic, TypeAlias, TypeVar

from local_aws.api import shapes
from local_aws.api.errors import AwsError
from local_aws.emr.faults import CallFaults
from local_aws.emr.quotas import Quotas
from local_aws.emr.scene import Scene

Json: TypeAlias = dict[str, Any]
_S = TypeVar("_S")
_SECOND = 1000


class Called(Generic[_S]):
    """A service whose operations, by their names, work with a subject.

    Attributes:
        quotas: How many calls there may be; None for any number.
        faults: What calls meet with.
    """

    def __init__(
        self,
        service: str,
        operations: Mapping[str, Callable[[_S, Mapping[str, Any]], Json]],
        subject: _S,
        world: Scene,
        quotas: Quotas,
    ) -> None:
        """Serve the operations of a service, as botocore names it."""
        self._service, self._operations, self._subject, self._world = service, operations, subject, world
        self.quotas: Quotas | None = quotas
        self.faults = CallFaults(world.seed)

    def call(self, name: str, request: Mapping[str, Any]) -> Json:
        """Carry out an operation, and answer as AWS does.

        Raises:
            AwsError: What AWS answers instead.
            LostAnswerError: Where a fault says so; what was asked for is done.
        """
        model = shapes.operation(name, self._service)
        if model is None or name not in self._operations:
            logging.getLogger(f"local_aws.{self._service}").warning("%s: no such operation here", name)
            raise self._unknown(name)
        try:
            if self.quotas:
                self.quotas.take(name, self._world.now)
            self.faults.before(name)
            shapes.check_input(model, request)
            answer = self._operations[name](self._subject, deepcopy(_without_nulls(request)))
        except AwsError as fault:
            self._world.say("CALL", name, fault)
            raise
        self._world.say("CALL", name)
        self.faults.after(name)
        return deepcopy(answer)

    def _unknown(self, _name: str) -> AwsError:
        """Return what is told of an operation that is not there."""
        return AwsError("UnknownOperationException", "")

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.advance_to(self._world.now + int(seconds * _SECOND))

    def advance_to(self, instant: int) -> None:
        """Let time pass up to an instant, in milliseconds of the Unix epoch."""
        self._world.agenda.advance(instant)


def _without_nulls(value: Any) -> Any:
    """Leave out members that are null, which is as if they were not there; instants become seconds, as on the wire."""
    if isinstance(value, Mapping):
        return {name: _without_nulls(below) for name, below in value.items() if below is not None}
    if isinstance(value, datetime):
        return value.timestamp()
    if isinstance(value, list | tuple):
        return [_without_nulls(below) for below in value]
    return value
