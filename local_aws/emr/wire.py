"""EMR's wire protocol, AWS JSON 1.1: a request's target and bytes to an answer's status, headers and bytes.

The target, the header `X-Amz-Target`, names the service and the operation.
"""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from local_aws.emr.emulator import Emr
from local_aws.emr.errors import AwsError

CONTENT_TYPE: Final = "application/x-amz-json-1.1"
TARGET: Final = "ElasticMapReduce."
# Operations whose answer has a body of its own name for the message: those that answer InvalidRequestException.
_CAPITAL: Final = frozenset({"InvalidRequestException", "InternalServerException"})


@dataclass(frozen=True)
class Answer:
    """An HTTP answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def is_ours(target: str) -> bool:
    """Tell whether a request is for EMR."""
    return target.startswith(TARGET)


def answer(emr: Emr, target: str, body: bytes) -> Answer:
    """Carry out a request.

    Raises:
        LostAnswerError: Where a fault says so; what was asked for is done.
    """
    try:
        told = emr.call(target.removeprefix(TARGET) if is_ours(target) else target, _parse(body))
    except AwsError as fault:
        message = "Message" if fault.code in _CAPITAL else "message"
        own = {} if fault.error_code is None else {"ErrorCode": fault.error_code}
        return _answer(fault.status, {"__type": fault.code, message: fault.message, **own})
    return _answer(200, told)


def _parse(body: bytes) -> dict[str, object]:
    try:
        found = json.loads(body or b"{}")
    except (ValueError, RecursionError) as fault:
        raise AwsError("SerializationException", "") from fault
    if not isinstance(found, dict):
        raise AwsError("SerializationException", "Start of structure or map expected.")
    return found


def _answer(status: int, told: Mapping[str, object]) -> Answer:
    body = json.dumps(told).encode() if told else b""
    headers = {
        "Content-Type": CONTENT_TYPE,
        "Content-Length": str(len(body)),
        "x-amzn-RequestId": str(uuid.uuid4()),
    }
    return Answer(status, headers, body)
