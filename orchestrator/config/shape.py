"""A request held against the shape that botocore's model gives it: names, types, enumerations, lengths, patterns.

What boto3 accepts has no error here, but for what AWS itself refuses by the same model: values outside an enumeration,
texts that are too long or have characters that are not allowed, `true` for a number.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

from botocore.model import ListShape, MapShape, Shape, StructureShape

from orchestrator.config.model import RUN_JOB_FLOW, Operation, homes, request_shape, source
from orchestrator.config.near import meant, near
from orchestrator.findings import Level, ValuePath, dotted_path, shown
from orchestrator.problems import Problem

_KINDS: Final[dict[str, tuple[tuple[type, ...], str]]] = {
    "structure": ((dict,), "names and values"),
    "map": ((dict,), "names and values"),
    "list": ((list, tuple), "a list"),
    "string": ((str,), "a string"),
    "integer": ((int,), "a whole number"),
    "long": ((int,), "a whole number"),
    "double": ((float, int), "a number"),
    "float": ((float, int), "a number"),
    "boolean": ((bool,), "true or false"),
}
_EMPTY: Final[dict[str, Any]] = {"structure": {}, "map": {}, "list": [], "string": ""}
_MOST_NAMED: Final = 15
MOST_PROBLEMS: Final = 100


@dataclass(frozen=True)
class Shaped:
    """The problems of a request, and what of it has the right shape, for the rules to look at."""

    request: dict[str, Any]
    problems: tuple[Problem, ...]


def check_shape(
    request: dict[str, Any], operation: Operation = RUN_JOB_FLOW, filled_in: Collection[str] = ()
) -> Shaped:
    """Hold a request against the model: all that is wrong at once.

    What is filled in later need not be there.
    """
    checking = _Checking(operation, filled_in)
    fit = checking.structure(request_shape(operation), request, ())
    return Shaped(fit, tuple(checking.problems))


@dataclass
class _Checking:
    operation: Operation
    filled_in: Collection[str]
    problems: list[Problem] = field(default_factory=list)

    def tell(self, path: ValuePath, problem: str, value: Any, expected: str, at: str | None = None) -> None:
        if len(self.problems) > MOST_PROBLEMS:
            return
        if len(self.problems) == MOST_PROBLEMS:
            path, value, at = (), None, None
            problem, expected = (
                f"more than {MOST_PROBLEMS} errors; the rest is not told",
                f"names of {self.operation.name}",
            )
        met = None if value is None else shown(value)
        told = Problem(level=Level.ERROR, path=path, problem=problem, value=met, expected=expected, source=at)
        self.problems.append(told)

    def structure(self, shape: StructureShape, value: dict[str, Any], path: ValuePath) -> dict[str, Any]:
        for name in value:
            if name not in shape.members:
                self.unknown(shape, name, path)
        for name in shape.required_members:
            if name not in value and name not in self.filled_in:
                expected, at = _described(shape.members[name]), source(shape, self.operation)
                self.tell((*path, name), "required, and not there", None, expected, at)
        fit = {}
        for name, below in shape.members.items():
            if name in value and (checked := self.value(below, value[name], (*path, name))) is not _Unfit:
                fit[name] = checked
        return fit

    def value(self, shape: Shape, value: Any, path: ValuePath) -> Any:
        if not _is_of_kind(shape.type_name, value):
            self.tell(path, "the wrong type", "null" if value is None else value, _described(shape))
            return _Unfit
        if isinstance(shape, StructureShape):
            return self.structure(shape, value, path)
        if isinstance(shape, ListShape):
            fit = [self.value(shape.member, each, (*path, index)) for index, each in enumerate(value)]
            # An item that does not fit stays as an empty one, so that those after it keep their numbers.
            return [_EMPTY.get(shape.member.type_name) if each is _Unfit else each for each in fit]
        if isinstance(shape, MapShape):
            checked = {name: self.value(shape.value, each, (*path, name)) for name, each in value.items()}
            for name in value:
                self.limits(shape.key, name, (*path, name))
            return {name: each for name, each in checked.items() if each is not _Unfit}
        return value if self.limits(shape, value, path) else _Unfit

    def limits(self, shape: Shape, value: Any, path: ValuePath) -> bool:
        faults = list(_limits(shape, value))
        for problem, expected in faults:
            self.tell(path, problem, value, expected)
        return not faults

    def unknown(self, shape: StructureShape, name: str, path: ValuePath) -> None:
        if len(self.problems) > MOST_PROBLEMS:
            return  # to look for names that are near takes its time
        here, elsewhere = near(name, shape.members), homes(self.operation).get(name, ())
        problem, at = "unknown key", source(shape, self.operation)
        if elsewhere:
            home = min(elsewhere, key=lambda each: (-_shared(each, path), len(each)))
            where = f"below {dotted_path(home)}" if home else "at the root of the file"
            problem = f"the right name in the wrong place; {name} belongs {where}"
        elif here is None and path == () and (other := near(name, homes(self.operation))):
            place = homes(self.operation)[other][0]
            problem = f"unknown key; did you mean {dotted_path((*place, other))}?"
        elif here is not None:
            problem = f"unknown key{meant(name, shape.members)}"
        self.tell((*path, name), problem, None, _names(shape), at)


def _is_of_kind(kind: str, value: Any) -> bool:
    return isinstance(value, _KINDS[kind][0]) and isinstance(value, bool) == (kind == "boolean")


class _Unfit:
    """Stands for a value that has been told of."""


def _shared(home: ValuePath, path: ValuePath) -> int:
    count = 0
    for one, other in zip(home, path, strict=False):
        if one != other and not (isinstance(one, int) and isinstance(other, int)):
            break
        count += 1
    return count


def _names(shape: StructureShape) -> str:
    if len(shape.members) > _MOST_NAMED:
        return f"one of the {len(shape.members)} names that AWS documents"
    return f"one of {', '.join(shape.members)}"


def _described(shape: Shape) -> str:
    values = shape.metadata.get("enum")
    if values:
        return f"one of {', '.join(values)}"
    described = _KINDS[shape.type_name][1]
    return f"{described} such as [a, b]" if shape.type_name == "list" else described


def _limits(shape: Shape, value: Any) -> Iterator[tuple[str, str]]:
    """Say which limits of its shape a scalar breaks, and what is accepted."""
    known = shape.metadata
    if "enum" in known and value not in known["enum"]:
        yield (
            f"not a value of {shape.name}{meant(value, known['enum'])}",
            f"one of {', '.join(known['enum'])}",
        )
        return
    size, unit = (len(value), " characters") if isinstance(value, str) else (value, "")
    if "min" in known and size < known["min"]:
        yield f"too {'short' if unit else 'small'}", f"at least {known['min']:,}{unit}"
    if "max" in known and size > known["max"]:
        yield f"too {'long' if unit else 'large'}", f"at most {known['max']:,}{unit}"
    if "pattern" in known and not _pattern(known["pattern"]).fullmatch(value):
        yield "characters that AWS refuses", f"text that matches {known['pattern']}"


@cache
def _pattern(text: str) -> re.Pattern[str]:
    # Java tells a character beyond the first 65,536 by two surrogates, Python by itself.
    both = "\\uD800\\uDC00-\\uDBFF\\uDFFF"
    return re.compile(text.replace(both, "\\U00010000-\\U0010FFFF"), re.DOTALL)
