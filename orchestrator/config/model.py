"""What botocore knows of RunJobFlow: the specification of a request's shape."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Final, cast

import botocore.session
from botocore.model import ListShape, Shape, StructureShape

from orchestrator.findings import ValuePath

API: Final = "https://docs.aws.amazon.com/emr/latest/APIReference"


@cache
def request_shape() -> StructureShape:
    """Load the shape of a RunJobFlow request."""
    service = botocore.session.get_session().get_service_model("emr")
    return cast(StructureShape, service.operation_model("RunJobFlow").input_shape)


def source(shape: Shape) -> str:
    """Return where AWS documents a structure."""
    name = "RunJobFlow" if shape.name == request_shape().name else shape.name
    return f"{API}/API_{name}.html"


@cache
def homes() -> Mapping[str, tuple[ValuePath, ...]]:
    """Return where each name of the model belongs: the paths of the structures that have it, the nearest first."""
    found: dict[str, list[ValuePath]] = {}
    for path, shape in _structures(request_shape(), (), frozenset()):
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
