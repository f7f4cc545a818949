"""The embedded EMR, or EMR Serverless, in this process as boto3 shows it, and its clock as the orchestrator's."""

import math
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from botocore import xform_name
from botocore.exceptions import ClientError, ConnectionClosedError, ParamValidationError
from botocore.model import ListShape, Shape, StructureShape
from botocore.validate import ParamValidator

from local_aws.api import shapes
from local_aws.api.errors import AwsError
from local_aws.emr.emulator import OPERATIONS, Emr
from local_aws.emr.faults import LostAnswerError
from local_aws.serverless.emulator import Serverless

_ENDPOINT: Final = "embedded:"


class DirectClient:
    """A client whose methods are boto3's, without HTTP and without attempts of its own."""

    def __init__(
        self, emr: Emr | Serverless, service: str = "emr", operations: Iterable[str] = OPERATIONS
    ) -> None:
        """Make it of an EMR, or of an EMR Serverless."""
        self._emr, self._service = emr, service
        self._methods = {xform_name(name): name for name in operations}

    def __getattr__(self, method: str) -> Callable[..., dict[str, Any]]:
        """Return the method of an operation."""
        if method not in self._methods:
            raise AttributeError(method)
        return lambda **request: self.call(self._methods[method], request)

    def call(self, name: str, request: Mapping[str, Any]) -> dict[str, Any]:
        """Carry out an operation.

        Raises:
            ParamValidationError: The request does not fit the service model.
            ClientError: What AWS answers instead.
            ConnectionClosedError: It was carried out, and its answer is lost.
        """
        model = shapes.operation(name, self._service)
        assert model is not None, name  # noqa: S101 - the operations are the model's
        assert model.input_shape is not None, name  # noqa: S101 - EMR has no operation without
        found = ParamValidator().validate(request, model.input_shape)
        if found.has_errors():
            raise ParamValidationError(report=found.generate_report())
        try:
            answer = self._emr.call(name, request)
        except AwsError as fault:
            raise ClientError(_told(fault), name) from fault
        except LostAnswerError as lost:
            raise ConnectionClosedError(endpoint_url=_ENDPOINT) from lost
        return answer if model.output_shape is None else _parsed(model.output_shape, answer)


class VirtualClock:
    """Tells an EMR's time; to sleep is to let it pass."""

    def __init__(self, emr: Emr) -> None:
        """Make it of an EMR."""
        self._emr = emr

    def now(self) -> float:
        """Return this instant, in seconds of the Unix epoch."""
        return self._emr.world.now / 1000

    def sleep(self, seconds: float) -> None:
        """Let time pass, in whole milliseconds: who waits for an instant does not wake before it."""
        self._emr.advance_to(self._emr.world.now + math.ceil(max(0.0, seconds) * 1000))


def _told(fault: AwsError) -> Any:
    return {
        "Error": {"Code": fault.code, "Message": fault.message},
        "ResponseMetadata": {"HTTPStatusCode": fault.status, "RequestId": "embedded"},
    }


def _parsed(shape: Shape, value: Any) -> Any:
    """Make of seconds what boto3 makes of them."""
    if shape.type_name == "timestamp":
        return datetime.fromtimestamp(value, UTC)
    if isinstance(shape, StructureShape):
        return {name: _parsed(shape.members[name], below) for name, below in value.items()}
    if isinstance(shape, ListShape):
        return [_parsed(shape.member, below) for below in value]
    return value
