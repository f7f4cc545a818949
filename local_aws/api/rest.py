"""REST JSON, the wire protocol of EMR Serverless: from a method, a path, a query and bytes to an HTTP answer.

Which part of a request is which member of an operation's input is told by the service model that botocore carries.
https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final
from urllib.parse import unquote

from botocore.model import ListShape, OperationModel, Shape, StructureShape
from botocore.utils import parse_timestamp

from local_aws.api import shapes
from local_aws.api.errors import AwsError
from local_aws.api.wire import Answer, Json, made, parse

CONTENT_TYPE: Final = "application/json"
_BOOLEANS: Final = {"true": True, "false": False}
# AWS answers so where a service's model names no status of its own for an error.
_STATUSES: Final = {"ThrottlingException": 429}


@dataclass(frozen=True)
class Asked:
    """A request as it came: the path is still percent-encoded, the query is not."""

    method: str
    path: str
    query: Mapping[str, Sequence[str]]
    body: bytes


def answer(service: str, call: Callable[[str, Json], Json], asked: Asked) -> Answer:
    """Carry out a request; `call` takes the operation's name and its input.

    Raises:
        LostAnswerError: Where a fault says so; what was asked for is done.
    """
    try:
        name, labels = _route(service, asked.method, asked.path)
        model = shapes.operation(name, service)
        assert model is not None  # noqa: S101 - it is routed by the model
        told = call(name, _input(model, labels, asked))
    except AwsError as fault:
        return _answer(_status(service, fault), {"message": fault.message}, {"x-amzn-ErrorType": fault.code})
    return _answer(200, told, {})


def operation_of(service: str, method: str, path: str) -> str:
    """Name the operation that a method and a path ask for.

    Raises:
        AwsError: `UnknownOperationException`, where there is none.
    """
    return _route(service, method, path)[0]


def _route(service: str, method: str, path: str) -> tuple[str, dict[str, str]]:
    """Find the operation of a method and a path, and what stands in the path for its labels."""
    for name, its_method, pattern in _routes(service):
        found = pattern.fullmatch(path) if method == its_method else None
        if found:
            return name, {label: unquote(value) for label, value in found.groupdict().items()}
    raise AwsError("UnknownOperationException", f"no operation has {method} {path}", 404)


@cache
def _routes(service: str) -> list[tuple[str, str, re.Pattern[str]]]:
    model = shapes.service(service)
    found = []
    for name in model.operation_names:
        http = model.operation_model(name).http
        parts = re.split(r"\{(\w+)\}", http["requestUri"])
        texts = [re.escape(part) if at % 2 == 0 else f"(?P<{part}>[^/]+)" for at, part in enumerate(parts)]
        found.append((name, http["method"], re.compile("".join(texts))))
    return found


def _input(model: OperationModel, labels: Mapping[str, str], asked: Asked) -> Json:
    """Gather an operation's input from a request's path, query and body."""
    shape = model.input_shape
    if not isinstance(shape, StructureShape):
        return {}
    given = parse(asked.body)
    found: Json = {}
    for member, below in shape.members.items():
        place = below.serialization.get("location")
        name = below.serialization.get("name", member)
        if place == "uri":
            found[member] = labels[name]
        elif place == "querystring" and asked.query.get(name):
            found[member] = _from_query(below, asked.query[name])
        elif place is None and member in given:
            found[member] = given[member]
    return found


def _from_query(shape: Shape, values: Sequence[str]) -> Any:
    if isinstance(shape, ListShape):
        return [_from_text(shape.member, value) for value in values]
    return _from_text(shape, values[-1])


def _from_text(shape: Shape, text: str) -> Any:
    try:
        if shape.type_name in ("integer", "long"):
            return int(text)
        if shape.type_name == "boolean":
            return _BOOLEANS[text]
        if shape.type_name == "timestamp":
            return parse_timestamp(text).timestamp()
    except (ValueError, KeyError, RuntimeError) as fault:
        raise AwsError(
            "SerializationException", f"'{text}' can not be converted to {shape.type_name}"
        ) from fault
    return text


def _status(service: str, fault: AwsError) -> int:
    model = shapes.service(service)
    if fault.code not in model.shape_names:
        return _STATUSES.get(fault.code, fault.status)
    known: Mapping[str, Any] = model.shape_for(fault.code).metadata.get("error", {})
    return int(known.get("httpStatusCode", fault.status))


def _answer(status: int, told: Json, headers: Mapping[str, str]) -> Answer:
    return made(status, json.dumps(told).encode(), {"Content-Type": CONTENT_TYPE, **headers})
