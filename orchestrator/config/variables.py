"""Variables: `${name}` in the strings of a file.

Their values come from `variables` blocks, where an extending file wins, and from whoever calls, who wins over both;
never from the environment. A string that is `${name}` and nothing else takes the variable's value as it is, with its
type. A variable without a value (null) leaves out the key whose whole value it is; anywhere else it has to be given.
Values are not looked at again: there are no variables in variables. Names are lower case, so `${HOSTNAME}` and
`${user.name}`, which Hadoop and shells know, stay as they are; `$${` stands for `${`.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from orchestrator.config.near import meant, one_of
from orchestrator.config.reading import read_bytes
from orchestrator.config.written import Written
from orchestrator.errors import UsageError
from orchestrator.findings import Finding, Level, ValuePath, shown

KEY: Final = "variables"
MOST_CHARACTERS: Final = 2 * 1024 * 1024
MOST_VALUES: Final = 50_000
MOST_FINDINGS: Final = 100
_NAME: Final = re.compile(r"[a-z][a-z0-9_]*")
_USE: Final = re.compile(r"\$\$\{|\$\{([^{}$]*)\}")
_NAMES: Final = "lower-case letters, digits and _, a letter first"


def parse_variable(argument: str) -> tuple[str, Any]:
    """Read `name=value`, whose value is what YAML reads in it: a number, a list `[a, b]`, a string, ...

    Raises:
        UsageError: Where it is not that.
    """
    name, separator, text = argument.partition("=")
    if not separator or not _NAME.fullmatch(name):
        raise UsageError(f"--var {argument}: not a variable; expected name=value, the name of {_NAMES}")
    indented = text.replace("\n", "\n  ")
    document = read_bytes("--var", f"value: {indented}".encode("utf-8", "surrogateescape"))
    if document.findings or document.value.keys() != {"value"}:
        problem = document.findings[0].problem if document.findings else "more than a value"
        expected = (
            f"a scalar, or a list such as [a, b]; a string with such characters in quotes: {name}='\"…\"'"
        )
        raise UsageError(f"--var {argument}: {problem}; expected {expected}")
    return name, document.value["value"]


def parse_variables(arguments: Iterable[str]) -> dict[str, Any]:
    """Read several `name=value`, each name once.

    Raises:
        UsageError: Where one is not that, or a name comes again.
    """
    values: dict[str, Any] = {}
    for argument in arguments:
        name, value = parse_variable(argument)
        if name in values:
            raise UsageError(f"--var {argument}: {name} is given twice; expected each variable once")
        values[name] = value
    return values


@dataclass(frozen=True)
class Filled:
    """A document whose variables have been filled in, without their block."""

    root: Written
    findings: tuple[Finding, ...]


def fill(root: Written, given: Mapping[str, Any], file: str) -> Filled:
    """Fill in the variables of a document.

    Args:
        root: The document, with its `variables` block if it has one.
        given: The values that win, by name.
        file: The file about which is told that a given name is of no use.
    """
    block = root.entries().get(KEY)
    rest = Written({name: each for name, each in root.entries().items() if name != KEY}, root.file, root.line)
    filling = _Filling(given)
    filling.declare(block)
    filled = filling.value(rest, ())
    filling.tell_of_given(file)
    return Filled(rest if filled is None else filled, tuple(filling.findings))


@dataclass
class _Filling:
    """One pass over a document."""

    given: Mapping[str, Any]
    values: dict[str, Any] = field(default_factory=dict)
    declared: dict[str, Written] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    findings: list[Finding] = field(default_factory=list)
    characters: int = 0
    count: int = 0
    is_full: bool = False

    def declare(self, block: Written | None) -> None:
        """Take the defaults of a block, then what is given."""
        if block is not None and not isinstance(block.value, dict | None):
            told = {"value": shown(block.plain()), "expected": "names and values"}
            self.tell(block.error("not a mapping", (KEY,), **told))
        for name, default in (block.entries() if block is not None else {}).items():
            if not _NAME.fullmatch(name):
                problem = "not a name of a variable"
                self.tell(default.error(problem, (KEY, name), value=shown(name), expected=_NAMES))
            for path, each in default.scalars((KEY, name)):
                if isinstance(each.value, str) and any(found[1] for found in _USE.finditer(each.value)):
                    problem = "a variable in a variable"
                    expected = "a value without ${…}; $${ stands for ${"
                    told = {"value": shown(each.value), "expected": expected}
                    self.tell(each.error(problem, path, **told))
            self.declared[name] = default
            self.values[name] = _unescaped(default.plain())
        self.values.update(self.given)

    def value(self, here: Written, path: ValuePath) -> Written | None:
        """Fill in a value; None where its key is to be left out."""
        if isinstance(here.value, dict):
            filled = {name: self.value(each, (*path, name)) for name, each in here.value.items()}
            kept = {
                name: each for name, each in filled.items() if each is not None and each.value is not None
            }
            return Written(kept, here.file, here.line)
        if isinstance(here.value, list):
            items = [self.item(each, (*path, index)) for index, each in enumerate(here.value)]
            return Written(items, here.file, here.line)
        return self.text(here, path) if isinstance(here.value, str) else here

    def item(self, here: Written, path: ValuePath) -> Written:
        """Fill in an item of a list, which cannot be left out."""
        filled = self.value(here, path)
        if filled is None:
            self.missing(_sole(here.value) or "", here, path)
            return here
        return filled

    def text(self, here: Written, path: ValuePath) -> Written | None:
        """Fill in a string."""
        name = _sole(here.value)
        if name is None:
            return Written(_USE.sub(lambda use: self.part(use, here, path), here.value), here.file, here.line)
        if not self.is_known(name, here, path):
            return here
        value = self.values[name]
        return None if value is None else self.inserted(value, here, path)

    def part(self, use: re.Match[str], here: Written, path: ValuePath) -> str:
        """Fill in a variable in the midst of a string."""
        name = use[1]
        if name is None:
            return "${"
        if not _NAME.fullmatch(name) or not self.is_known(name, here, path):
            self.tell_of_near_capitals(name, here, path)
            return use[0]
        value = self.values[name]
        if value is None:
            self.missing(name, here, path)
        elif isinstance(value, dict | list):
            told = {"value": shown(value), "expected": "a scalar, or the variable as the whole value"}
            problem = f"the variable {name} has no place within a text"
            self.tell(here.error(problem, path, **told))
        else:
            text = str(value).lower() if isinstance(value, bool) else str(value)
            return str(self.inserted(text, here, path).value)
        return use[0]

    def is_known(self, name: str, here: Written, path: ValuePath) -> bool:
        """Tell whether a variable has a value, be it null; a finding where nobody knows it."""
        self.used.add(name)
        if name in self.values:
            return True
        if len(self.findings) > MOST_FINDINGS:
            return False
        expected = one_of(self.values) if self.values else "a variables block with it"
        problem = f"unknown variable {name}{meant(name, self.values)}"
        expected = f"{expected}; $${{ stands for the characters ${{"
        told = {"value": shown(here.value), "expected": expected}
        self.tell(here.error(problem, path, **told))
        return False

    def missing(self, name: str, here: Written, path: ValuePath) -> None:
        """Tell that a variable has to be given."""
        problem = f"the variable {name} has no value"
        expected = f"--var {name}=… or a default under variables"
        self.tell(here.error(problem, path, value=shown(here.value), expected=expected))

    def tell_of_near_capitals(self, name: str, here: Written, path: ValuePath) -> None:
        """Tell of a name that differs from a variable's in capitals or dashes: it would stay as it is."""
        form = name.lower().replace("-", "_")
        if form != name and form in self.values:
            problem = f"unknown variable {name}; did you mean {form}?"
            told = {"value": shown(here.value), "expected": _NAMES}
            self.tell(here.error(problem, path, **told))

    def inserted(self, value: Any, here: Written, path: ValuePath) -> Written:
        """Put a value where a variable stood, as long as all together do not grow beyond bounds."""
        count, characters = _size(value)
        self.count, self.characters = self.count + count, self.characters + characters
        if self.count > MOST_VALUES or self.characters > MOST_CHARACTERS:
            if not self.is_full:
                expected = f"at most {MOST_VALUES:,} values and {MOST_CHARACTERS:,} characters from variables"
                self.tell(here.error("the variables make too much of it", path, expected=expected))
            self.is_full = True
            return here
        return _here(value, here)

    def tell(self, finding: Finding) -> None:
        """Note a finding, as long as they are not too many to be read."""
        if len(self.findings) == MOST_FINDINGS:
            problem = f"more than {MOST_FINDINGS} findings about variables; the rest is not told"
            self.findings.append(Finding(level=Level.ERROR, file=finding.file, path=(KEY,), problem=problem))
        elif len(self.findings) < MOST_FINDINGS:
            self.findings.append(finding)

    def tell_of_given(self, file: str) -> None:
        """Tell of values that were given and not used."""
        for name in self.given:
            if name in self.used:
                continue
            path: ValuePath = (KEY, name)
            if name in self.declared:
                problem = f"the variable {name} was given, but nothing uses it"
                self.tell(Finding(level=Level.WARNING, file=file, path=path, problem=problem))
                continue
            known = (self.used | self.declared.keys()) - {name}
            problem = f"unknown variable {name} was given{meant(name, known)}"
            expected = one_of(known) if known else "no variables"
            self.tell(Finding(level=Level.ERROR, file=file, path=path, problem=problem, expected=expected))


def _sole(text: Any) -> str | None:
    """Return the name of the variable that is all of a string."""
    found = _USE.fullmatch(text) if isinstance(text, str) else None
    return found[1] if found and found[1] and _NAME.fullmatch(found[1]) else None


def _size(value: Any) -> tuple[int, int]:
    if isinstance(value, dict | list):
        sizes = [_size(each) for each in (value.values() if isinstance(value, dict) else value)]
        return 1 + sum(count for count, _ in sizes), sum(characters for _, characters in sizes)
    return 1, len(value) if isinstance(value, str) else 0


def _here(value: Any, here: Written) -> Written:
    if isinstance(value, dict):
        value = {name: _here(each, here) for name, each in value.items()}
    elif isinstance(value, list):
        value = [_here(each, here) for each in value]
    return Written(value, here.file, here.line)


def _unescaped(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _unescaped(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_unescaped(each) for each in value]
    return value.replace("$${", "${") if isinstance(value, str) else value
