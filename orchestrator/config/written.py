"""Values that know where they were written: each with its file and line, through `extends`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from orchestrator.config.reading import Document
from orchestrator.findings import Finding, Level, ValuePath


@dataclass(frozen=True)
class Written:
    """A value and its place: `value` is a dict of Written by name, a list of them, or a scalar."""

    value: Any
    file: str
    line: int | None

    def plain(self) -> Any:
        """Return the value without places."""
        if isinstance(self.value, dict):
            return {name: each.plain() for name, each in self.value.items()}
        return [each.plain() for each in self.value] if isinstance(self.value, list) else self.value

    def entries(self) -> Mapping[str, "Written"]:
        """Return the entries of a mapping; none of anything else."""
        return self.value if isinstance(self.value, dict) else {}

    def at(self, path: ValuePath) -> "Written":
        """Return the value at a path, or the nearest around it."""
        found = self
        for part in path:
            is_there = part in found.value if isinstance(found.value, dict) else _has_item(found.value, part)
            if not is_there:
                break
            found = found.value[part]
        return found

    def scalars(self, path: ValuePath = ()) -> Iterator[tuple[ValuePath, "Written"]]:
        """Go through all scalars with their paths."""
        if isinstance(self.value, dict | list):
            entries = self.value.items() if isinstance(self.value, dict) else enumerate(self.value)
            for part, each in entries:
                yield from each.scalars((*path, part))
        else:
            yield path, self

    def error(self, problem: str, path: ValuePath, **told: Any) -> Finding:
        """Make an error about this value."""
        return Finding(level=Level.ERROR, file=self.file, line=self.line, path=path, problem=problem, **told)


def _has_item(value: Any, part: str | int) -> bool:
    return isinstance(value, list) and isinstance(part, int) and 0 <= part < len(value)


def written(document: Document, path: ValuePath = ()) -> Written:
    """Give every value of a document its place."""
    return _placed(document, document.value, path)


def _placed(document: Document, value: Any, path: ValuePath) -> Written:
    if isinstance(value, dict):
        value = {name: _placed(document, each, (*path, name)) for name, each in value.items()}
    elif isinstance(value, list):
        value = [_placed(document, each, (*path, index)) for index, each in enumerate(value)]
    return Written(value, document.file, document.line_of(path))
