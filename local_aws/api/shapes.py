"""Requests and answers held against the service model that botocore carries: the specification of all shapes.

What a JSON service of AWS refuses by its model comes in two forms: `SerializationException` at the first value of a
wrong type; `ValidationException` where values break constraints, with all of them in one message. Members that the
model does not know are ignored in a request, and must not stand in an answer.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cache
from typing import Any, TypeAlias

import botocore.session
from botocore.model import ListShape, MapShape, OperationModel, ServiceModel, Shape, StructureShape

from local_aws.api.errors import AwsError

Json: TypeAlias = Any

_KINDS: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "long": (int,),
    "boolean": (bool,),
    "double": (float, int),
    "float": (float, int),
    "timestamp": (float, int, datetime),
    "blob": (str,),
    "list": (list, tuple),
    "structure": (dict,),
    "map": (dict,),
}
_JSON_NAMES = {str: "STRING_VALUE", bool: "TRUE_VALUE", int: "NUMBER_VALUE", float: "DECIMAL_VALUE"}
_JAVA_NAMES = {
    "string": "a String",
    "integer": "an Integer",
    "long": "a Long",
    "boolean": "a Boolean",
    "double": "a Double",
    "float": "a Float",
}


@cache
def service(name: str = "emr") -> ServiceModel:
    """Load a service's model."""
    return botocore.session.get_session().get_service_model(name)


def operation(name: str, of: str = "emr") -> OperationModel | None:
    """Return an operation's model, or None where the service has none of that name."""
    return service(of).operation_model(name) if name in service(of).operation_names else None


def check_input(model: OperationModel, given: Mapping[str, Json]) -> None:
    """Hold a request against its shape.

    Raises:
        AwsError: `SerializationException` for a wrong type, `ValidationException` for all broken constraints.
    """
    shape = model.input_shape
    if shape is None:
        return
    _check_types(shape, given)
    broken = list(_broken(shape, given, ""))
    if broken:
        count = f"{len(broken)} validation error{'s' if len(broken) > 1 else ''} detected"
        raise AwsError("ValidationException", f"{count}: {'; '.join(broken)}")


def output_faults(model: OperationModel, answer: Mapping[str, Json]) -> list[str]:
    """Name everything in an answer that its shape does not allow."""
    shape = model.output_shape
    if shape is None:
        return [f"{name}: expected an empty answer" for name in answer]
    return list(_output_faults(shape, answer, ""))


def _check_types(shape: Shape, value: Json) -> None:
    if value is None:
        return
    if not _is_of_kind(shape.type_name, value):
        raise AwsError("SerializationException", _no_conversion(shape.type_name, value))
    for _, below, found in _members(shape, value):
        _check_types(below, found)


def _is_of_kind(kind: str, value: Json) -> bool:
    return isinstance(value, _KINDS[kind]) and isinstance(value, bool) == (kind == "boolean")


def _no_conversion(kind: str, value: Json) -> str:
    if isinstance(value, dict | list | tuple):
        return "Start of structure or map found where not expected."
    wanted = _JAVA_NAMES.get(kind)
    name = "FALSE_VALUE" if value is False else _JSON_NAMES.get(type(value), "VALUE_EMBEDDED_OBJECT")
    return f"{name} can not be converted to {wanted}" if wanted else "Expected list or null"


def _members(shape: Shape, value: Json) -> Iterator[tuple[str, Shape, Json]]:
    """Go through the parts of a value that its shape knows: their names in AWS's messages, shapes and values."""
    if isinstance(shape, StructureShape):
        for name, below in shape.members.items():
            if name in value:
                yield f".{name[0].lower()}{name[1:]}", below, value[name]
    elif isinstance(shape, ListShape):
        for number, each in enumerate(value, start=1):
            yield f".{number}.member", shape.member, each
    elif isinstance(shape, MapShape):
        for key, each in value.items():
            yield f".{key}.member", shape.value, each


def _broken(shape: Shape, value: Json, at: str) -> Iterator[str]:
    """Say which constraints are broken, in AWS's words."""
    if isinstance(shape, StructureShape):
        for name in shape.required_members:
            if value.get(name) is None:
                place = f"{at}.{name[0].lower()}{name[1:]}".removeprefix(".")
                yield f"Value null at '{place}' failed to satisfy constraint: Member must not be null"
    place = at.removeprefix(".")
    for rule in _rules_broken(shape, value):
        yield f"Value '{_shown(value)}' at '{place}' failed to satisfy constraint: {rule}"
    for name, below, found in _members(shape, value):
        if found is not None:
            yield from _broken(below, found, f"{at}{name}")
        elif isinstance(shape, ListShape):
            place = f"{at}{name}".removeprefix(".")
            yield f"Value null at '{place}' failed to satisfy constraint: Member must not be null"


def _rules_broken(shape: Shape, value: Json) -> Iterator[str]:
    known: Mapping[str, Json] = shape.metadata
    has_length = isinstance(value, str | list | tuple | dict)
    size: Json = _blob_size(value) if shape.type_name == "blob" else len(value) if has_length else value
    if "enum" in known and value not in known["enum"]:
        yield f"Member must satisfy enum value set: [{', '.join(known['enum'])}]"
    word = " have length" if has_length else " have value"
    if "max" in known and size > known["max"]:
        yield f"Member must{word} less than or equal to {known['max']}"
    if "min" in known and size < known["min"]:
        yield f"Member must{word} greater than or equal to {known['min']}"
    if "pattern" in known and not _pattern(known["pattern"]).fullmatch(value):
        yield f"Member must satisfy regular expression pattern: {known['pattern']}"


def _blob_size(encoded: str) -> int:
    """Tell how many bytes Base64 stands for."""
    return len(encoded) * 3 // 4 - encoded[-2:].count("=")


@cache
def _pattern(text: str) -> re.Pattern[str]:
    # Java tells a character beyond the first 65,536 by two surrogates, Python by itself.
    both = "\\uD800\\uDC00-\\uDBFF\\uDFFF"
    text = text.replace(both, "\\U00010000-\\U0010FFFF")
    # Python has no names for kinds of characters; these come close.
    for java, python in (("\\p{L}", "\\w"), ("\\p{N}", "\\d"), ("\\p{Z}", "\\s")):
        text = text.replace(java, python)
    return re.compile(text, re.DOTALL)


def _shown(value: Json) -> str:
    return f"[{', '.join(map(str, value))}]" if isinstance(value, list | tuple) else str(value)


def _output_faults(shape: Shape, value: Json, at: str) -> Iterator[str]:
    if not _is_of_kind(shape.type_name, value):
        yield f"{at or 'answer'}: expected {shape.type_name}, got {value!r}"
        return
    if isinstance(shape, StructureShape):
        yield from (f"{at}.{name}: not in the model" for name in value if name not in shape.members)
        yield from (f"{at}.{name}: required" for name in shape.required_members if name not in value)
    yield from (f"{at}: {rule}, got {value!r}" for rule in _rules_broken(shape, value))
    for name, below, found in _members(shape, value):
        yield from _output_faults(below, found, f"{at}{name}")
