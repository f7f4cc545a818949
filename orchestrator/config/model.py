"""What botocore knows of a request's shape: of RunJobFlow, and of what EMR Serverless takes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final, cast

import botocore.session
from botocore.model import ListShape, Shape, StructureShape

from orchestrator.findings import ValuePath


@dataclass(frozen=True)
class Operation:
    """An operation, and where AWS documents it and its structures."""

    service: str
    name: str
    reference: str


RUN_JOB_FLOW: Final = Operation("emr", "RunJobFlow", "https://docs.aws.amazon.com/emr/latest/APIReference")
_SERVERLESS: Final = "https://docs.aws.amazon.com/emr-serverless/latest/APIReference"
CREATE_APPLICATION: Final = Operation("emr-serverless", "CreateApplication", _SERVERLESS)
START_JOB_RUN: Final = Operation("emr-serverless", "StartJobRun", _SERVERLESS)


@cache
def request_shape(operation: Operation = RUN_JOB_FLOW) -> StructureShape:
    """Load the shape of an operation's request."""
    service = botocore.session.get_session().get_service_model(operation.service)
    return cast(StructureShape, service.operation_model(operation.name).input_shape)


def source(shape: Shape, operation: Operation = RUN_JOB_FLOW) -> str:
    """Return where AWS documents a structure."""
    name = operation.name if shape.name == request_shape(operation).name else shape.name
    return f"{operation.reference}/API_{name}.html"


@cache
def homes(operation: Operation = RUN_JOB_FLOW) -> Mapping[str, tuple[ValuePath, ...]]:
    """Return where each name of the model belongs: the paths of the structures that have it, the nearest first."""
    found: dict[str, list[ValuePath]] = {}
    for path, shape in _structures(request_shape(operation), (), frozenset()):
        for name in shape.members:
            found.setdefault(name, []).append(path)
    return {name: tuple(sorted(paths, key=len)) for name, paths in found.items()}


def _structures(
    shape: Shape, path: ValuePath, around: frozenset[str]
) -> Iterator[tuple[ValuePath, StructureShape]]:
    if isinstance(shape, ListShape):
        yield from _structures(shape.member, (*path, 0), around)
    elif isinstance(shape, StructureShape) and shape.name not in around:
        yield path, shape
        for name, below in shape.members.items():
            yield from _structures(below, (*path, name), around | {shape.name})
