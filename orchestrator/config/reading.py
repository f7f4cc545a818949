"""A file of YAML or JSON, with the line of every value; whatever is in the file, faults become findings.

JSON is YAML 1.2, so one reader reads both. There are no tags, no merge keys and no second document; words mean what
YAML 1.2's core schema says (`orchestrator/config/scalars.py`); aliases are copies, and their number is bounded.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from orchestrator.config.building import StoppedError, build
from orchestrator.config.scalars import control_character
from orchestrator.errors import UsageError
from orchestrator.findings import Finding, Level, ValuePath, shown

MOST_BYTES: Final = 1024 * 1024
_BYTE_ORDER_MARK: Final = "\ufeff"


@dataclass(frozen=True)
class Document:
    """What a file says.

    `file` is its name as the user gave it; `value` a plain dict, `{}` where the file is unreadable; `lines` the line
    (from 1) of each value by its path, which of an entry of a mapping is its key's.
    """

    file: str
    value: Any
    lines: Mapping[ValuePath, int]
    findings: tuple[Finding, ...]

    def line_of(self, path: ValuePath) -> int | None:
        """Return the line of a value, or of the nearest value around it that is written."""
        for length in range(len(path), -1, -1):
            if path[:length] in self.lines:
                return self.lines[path[:length]]
        return None


def read(path: Path) -> Document:
    """Read a file, which has a mapping at its root.

    Raises:
        UsageError: Where there is no such file, or it cannot be opened.
    """
    try:
        with path.open("rb") as opened:
            content = opened.read(MOST_BYTES + 1)
    except (OSError, ValueError) as fault:
        reason = getattr(fault, "strerror", None) or str(fault)
        raise UsageError(f"{path}: cannot be read: {reason}; expected a file of YAML or JSON") from fault
    return read_bytes(str(path), content)


def read_bytes(file: str, content: bytes) -> Document:
    """Read the content of a file that is known by a name."""
    if len(content) > MOST_BYTES:
        return _refused(file, "the file is larger than 1 MiB", expected="a file of at most 1,048,576 bytes")
    try:
        text = content.decode()
    except UnicodeDecodeError as fault:
        line = content[: fault.start].count(b"\n") + 1
        value = f"byte 0x{content[fault.start]:02x}"
        return _refused(file, "the file is not UTF-8", line=line, value=value, expected="UTF-8")
    if found := control_character(text):
        line, value = text[: found[0]].count("\n") + 1, f"U+{ord(text[found[0]]):04X}"
        return _refused(file, "a control character", line=line, value=value, expected="printable text")
    return _parsed(file, text.removeprefix(_BYTE_ORDER_MARK))


def _parsed(file: str, text: str) -> Document:
    try:
        built = build(YAML(typ="safe", pure=True).parse(text))
    except StoppedError as stopped:
        return Document(file, {}, {(): 1}, tuple(replace(each, file=file) for each in stopped.findings))
    except MarkedYAMLError as fault:
        mark = fault.problem_mark or fault.context_mark
        what = " ".join(filter(None, (fault.problem, fault.context)))
        return _refused(file, f"not YAML: {what}", line=None if mark is None else mark.line + 1)
    except (YAMLError, ValueError, LookupError, TypeError, AttributeError, AssertionError) as fault:
        # The last five are ruamel's own slips on text that no person writes: to the user the same fault.
        return _refused(file, f"not YAML: {fault}")
    findings = tuple(replace(each, file=file) for each in built.findings)
    if not isinstance(built.value, dict):
        expected = "names and values, such as `Name: nightly`"
        told = {"line": 1, "value": shown(built.value), "expected": expected}
        no_mapping = _finding(file, "the file is not a mapping", **told)
        return Document(file, {}, {(): 1}, (*findings, no_mapping))
    return Document(file, built.value, built.lines, findings)


def _refused(file: str, problem: str, **told: Any) -> Document:
    return Document(file, {}, {(): 1}, (_finding(file, problem, **told),))


def _finding(file: str, problem: str, **told: Any) -> Finding:
    return Finding(level=Level.ERROR, file=file, problem=" ".join(problem.split()), **told)
