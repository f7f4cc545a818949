"""Requests drawn from botocore's model, right and wrong."""

from collections.abc import Callable
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape
from hypothesis import strategies as st

from orchestrator.config.model import request_shape

_WORDS = ["", "a", "m5.xlarge", "emr-7.14.0", "emr-spark-8.0.0", "emr-5.0.0", "0.12", "io1", "gp3", "3.11.0"]
_NAMES = [
    "spark-defaults",
    "yarn-site",
    "spark-env",
    "export",
    "spark.executor.memory",
    "spark.executor.cores",
    "4g",
]
_DEPTH = 6


def values_of(shape: Shape) -> st.SearchStrategy[Any]:
    """Draw values that a shape allows."""
    return _values_of(shape, _DEPTH)


def _values_of(shape: Shape, depth: int) -> st.SearchStrategy[Any]:
    if isinstance(shape, StructureShape):
        required = {name: _values_of(shape.members[name], depth) for name in shape.required_members}
        others = [name for name in shape.members if name not in required] if depth > 0 else []
        optional = {name: st.deferred(_later(shape.members[name], depth - 1)) for name in others}
        return st.fixed_dictionaries(required, optional=optional)
    if isinstance(shape, ListShape):
        return st.lists(st.deferred(_later(shape.member, depth)), max_size=2 if depth > 0 else 0)
    if isinstance(shape, MapShape):
        return st.dictionaries(_scalars(shape.key), _values_of(shape.value, depth), max_size=4)
    return _scalars(shape)


def _later(shape: Shape, depth: int) -> Callable[[], st.SearchStrategy[Any]]:
    return lambda: _values_of(shape, depth)


def _scalars(shape: Shape) -> st.SearchStrategy[Any]:
    if "enum" in shape.metadata:
        return st.sampled_from(shape.metadata["enum"])
    if shape.type_name == "boolean":
        return st.booleans()
    least = int(shape.metadata.get("min", 0 if shape.type_name == "double" else -2))
    most = int(shape.metadata.get("max", 10_081))
    if shape.type_name in {"integer", "long"}:
        return st.sampled_from(
            [each for each in (-1, 0, 1, 2, 5, 60, 100, 1440, 10_081) if least <= each <= most]
        )
    if shape.type_name == "double":
        return st.sampled_from([0, 1.5, 100.0])
    words = [*_WORDS, *_NAMES] if least < 20 else ["arn:aws:iam::123456789012:role/r"]
    return st.sampled_from([word for word in words if len(word) >= least])


def anything() -> st.SearchStrategy[dict[str, Any]]:
    """Draw mappings of anything under names that the model knows, at any place."""
    names = st.sampled_from(sorted(_all_names(request_shape(), frozenset())))
    scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.sampled_from(_WORDS)
    tree = st.recursive(
        scalars,
        lambda below: st.lists(below, max_size=3) | st.dictionaries(names, below, max_size=5),
        max_leaves=30,
    )
    top = st.sampled_from([*request_shape().members, "limits", "Nmae"])
    return st.dictionaries(top, tree, max_size=8)


def _all_names(shape: Shape, around: frozenset[str]) -> set[str]:
    if isinstance(shape, ListShape):
        return _all_names(shape.member, around)
    if not isinstance(shape, StructureShape) or shape.name in around:
        return set()
    below = [_all_names(each, around | {shape.name}) for each in shape.members.values()]
    return set(shape.members).union(*below)
