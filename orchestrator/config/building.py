"""Values made from the events of a YAML parser, as they come: nothing is built that the limits forbid."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final, NoReturn, cast

from ruamel.yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
    StreamStartEvent,
)

from orchestrator.config import scalars
from orchestrator.findings import Finding, Level, ValuePath, shown

MOST_VALUES: Final = 50_000
MOST_LEVELS: Final = 50
MOST_FINDINGS: Final = 100
_NOWHERE: Final = "(no name)"  # where a value stands whose key is no name
_EMPTY: Final = (StreamStartEvent, StreamEndEvent, DocumentEndEvent)


@dataclass(frozen=True)
class Built:
    """A value, the line of each of its parts by path, and what is wrong with it."""

    value: Any
    lines: dict[ValuePath, int]
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class _Anchored:
    """The value of an anchor, and the paths of its parts from there."""

    value: Any
    parts: tuple[ValuePath, ...]


class StoppedError(Exception):
    """Raised where going on would be of no use, or without an end."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        """Keep what was found until then."""
        super().__init__()
        self.findings = findings


def build(events: Iterable[Any]) -> Built:
    """Make a document's value; without a document it is None.

    Raises:
        StoppedError: With the findings, where a limit is passed, or there is a second document.
    """
    builder = _Builder(iter(events))
    for event in builder.events:
        if isinstance(event, DocumentStartEvent):
            builder.start(event)
        elif not isinstance(event, _EMPTY):
            builder.value = builder.node(event, ())
    return Built(builder.value, builder.lines, tuple(builder.findings))


@dataclass
class _Builder:
    """The state of one pass over the events."""

    events: Iterator[Any]
    value: Any = None
    lines: dict[ValuePath, int] = field(default_factory=dict)
    written: list[ValuePath] = field(default_factory=list)  # the keys of `lines`
    findings: list[Finding] = field(default_factory=list)
    documents: int = 0
    values: int = 0
    anchors: dict[str, _Anchored | None] = field(default_factory=dict)

    def start(self, event: DocumentStartEvent) -> None:
        """Begin the document, which has to be the only one, without directives."""
        self.documents += 1
        line = event.start_mark.line + 1
        if self.documents > 1:
            self.stop("a second document", line, (), expected="one document in a file")
        if event.version or event.tags:
            self.tell("a %YAML or %TAG directive", line, (), expected="YAML 1.2 without directives")

    def node(self, event: NodeEvent, path: ValuePath) -> Any:
        """Make the value that begins with an event."""
        line = event.start_mark.line + 1
        first = len(self.written) - (path in self.lines)
        self.place(path, line)
        self.count(1, line, path)
        if isinstance(event, AliasEvent):
            return self.copy(event.anchor, line, path)
        if len(path) > MOST_LEVELS:
            self.stop("nested too deeply", line, path[:3], expected=f"at most {MOST_LEVELS} levels")
        if tag := _tag(event):
            self.tell(f"the tag {tag}", line, path, expected="a value without a tag")
        if event.anchor is not None:
            self.anchors[event.anchor] = None
        value = self.content(event, path, line)
        if event.anchor is not None:
            below = tuple(at[len(path) :] for at in self.written[first:])
            self.anchors[event.anchor] = _Anchored(value, below)
        return value

    def place(self, path: ValuePath, line: int) -> None:
        """Note where a value is written, unless its key says so already."""
        if path not in self.lines:
            self.lines[path] = line
            self.written.append(path)

    def forget(self, first: int) -> None:
        """Drop the places of values that nobody can reach, from the first of them on."""
        for path in self.written[first:]:
            del self.lines[path]
        del self.written[first:]

    def content(self, event: NodeEvent, path: ValuePath, line: int) -> Any:
        """Make a mapping, a list or a scalar."""
        if isinstance(event, MappingStartEvent):
            return self.mapping(path)
        if isinstance(event, SequenceStartEvent):
            return self.sequence(path)
        return self.scalar(cast(ScalarEvent, event), line, path)

    def sequence(self, path: ValuePath) -> list[Any]:
        """Make a list."""
        made: list[Any] = []
        while not isinstance(event := next(self.events), SequenceEndEvent):
            made.append(self.node(event, (*path, len(made))))
        return made

    def mapping(self, path: ValuePath) -> dict[str, Any]:
        """Make a mapping: of two entries of one name the first stays, and the other is a finding."""
        made: dict[str, Any] = {}
        while not isinstance(event := next(self.events), MappingEndEvent):
            line, first = event.start_mark.line + 1, len(self.written)
            key = self.key(event, line, path)
            is_new = key is not None and key not in made
            below = (*path, key) if is_new and key is not None else (*path, _NOWHERE)
            if key is not None and not is_new:
                before = self.lines[(*path, key)]
                self.tell(f"the key stands here again, first in line {before}", line, (*path, key))
            self.place(below, line)
            value = self.node(next(self.events), below)
            if is_new and key is not None:
                made[key] = value
            else:
                self.forget(first)
        return made

    def key(self, event: NodeEvent, line: int, path: ValuePath) -> str | None:
        """Read a key; None, with a finding, where it is not a string."""
        if not isinstance(event, ScalarEvent):
            first = len(self.written)
            value = self.node(event, (*path, _NOWHERE))
            self.forget(first)
        else:
            self.count(1, line, path)
            if event.anchor is not None:
                self.anchors[event.anchor] = None
            value = self.scalar(event, line, path)
            if event.anchor is not None:
                self.anchors[event.anchor] = _Anchored(value, ((),))
            if value == "<<" and not event.style:
                expected = "the entries themselves, or our key `extends`"
                self.tell("merge keys (`<<`) are not supported", line, path, expected=expected)
                return None
        if not isinstance(value, str):
            self.tell("a key is not a string", line, path, shown(value), "a string: quote it")
            return None
        return value

    def scalar(self, event: ScalarEvent, line: int, path: ValuePath) -> scalars.Scalar:
        """Read a word; a quoted one is a string."""
        try:
            return scalars.text(event.value) if event.style else scalars.plain(scalars.text(event.value))
        except scalars.UnfitError as fault:
            self.tell(str(fault), line, path, shown(event.value), "a value that JSON has")
            return None

    def copy(self, anchor: str, line: int, path: ValuePath) -> Any:
        """Copy the value of an anchor; its parts are where the alias is."""
        found = self.anchors.get(anchor)
        if found is None:
            problem = "contains itself" if anchor in self.anchors else "names no anchor before it"
            self.stop(f"the alias *{anchor} {problem}", line, path)
        self.count(len(found.parts), line, path)
        if any(len(path) + len(at) > MOST_LEVELS for at in found.parts):
            self.stop("nested too deeply", line, path[:3], expected=f"at most {MOST_LEVELS} levels")
        for at in found.parts:
            self.place((*path, *at), line)
        return _copied(found.value)

    def count(self, more: int, line: int, path: ValuePath) -> None:
        """Count values, those of aliases each time."""
        self.values += more
        if self.values > MOST_VALUES:
            expected = f"at most {MOST_VALUES:,} values, where an alias counts as what it stands for"
            self.stop("too many values", line, path[:3], expected=expected)

    def tell(
        self,
        problem: str,
        line: int,
        path: ValuePath,
        value: str | None = None,
        expected: str | None = None,
    ) -> None:
        """Note an error."""
        if len(self.findings) >= MOST_FINDINGS:
            self.stop(f"more than {MOST_FINDINGS} errors; the rest is not told", line, ())
        self.findings.append(_error(problem, line, path, value, expected))

    def stop(self, problem: str, line: int, path: ValuePath, expected: str | None = None) -> NoReturn:
        """Note an error after which nothing more is read."""
        raise StoppedError((*self.findings, _error(problem, line, path, None, expected)))


def _error(problem: str, line: int, path: ValuePath, value: str | None, expected: str | None) -> Finding:
    return Finding(
        level=Level.ERROR, file="", line=line, path=path, problem=problem, value=value, expected=expected
    )


def _tag(event: NodeEvent) -> str:
    tag = getattr(event, "tag", None)
    return "" if tag is None else str(tag)


def _copied(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copied(each) for key, each in value.items()}
    return [_copied(each) for each in value] if isinstance(value, list) else value
