"""AWS JSON 1.1, the wire protocol of EMR and Firehose: from a target and bytes to status, headers and bytes.

The target, the header `X-Amz-Target`, names the service and the operation.
"""

import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from local_aws.api.errors import AwsError

CONTENT_TYPE: Final = "application/x-amz-json-1.1"
EMR: Final = "ElasticMapReduce."
FIREHOSE: Final = "Firehose_20150804."
# Operations whose answer has a body of its own name for the message: those that answer InvalidRequestException.
_CAPITAL: Final = frozenset({"InvalidRequestException", "InternalServerException"})


Json: TypeAlias = dict[str, Any]


@dataclass(frozen=True)
class Answer:
    """An HTTP answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def answer(call: Callable[[str, Json], Json], target: str, body: bytes) -> Answer:
    """Carry out a request; `call` takes the operation's name and its input.

    Raises:
        LostAnswerError: Where a fault says so; what was asked for is done.
    """
    try:
        told = call(target.rpartition(".")[2], parse(body))
    except AwsError as fault:
        message = "Message" if fault.code in _CAPITAL else "message"
        own = {} if fault.error_code is None else {"ErrorCode": fault.error_code}
        return _answer(fault.status, {"__type": fault.code, message: fault.message, **own})
    return _answer(200, told)


def parse(body: bytes) -> Json:
    """Read the body of a request, a JSON object.

    Raises:
        AwsError: `SerializationException`, where it is none.
    """
    try:
        found = json.loads(body or b"{}")
    except (ValueError, RecursionError) as fault:
        raise AwsError("SerializationException", "") from fault
    if not isinstance(found, dict):
        raise AwsError("SerializationException", "Start of structure or map expected.")
    return found


def _answer(status: int, told: Mapping[str, object]) -> Answer:
    return made(status, json.dumps(told).encode() if told else b"", {"Content-Type": CONTENT_TYPE})


def made(status: int, body: bytes, headers: Mapping[str, str]) -> Answer:
    """Make an answer of its own headers, and those that every answer has."""
    common = {"Content-Length": str(len(body)), "x-amzn-RequestId": str(uuid.uuid4())}
    return Answer(status, {**common, **headers}, body)
