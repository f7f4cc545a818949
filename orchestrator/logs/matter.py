"""What of a log explains a failure: the end of a traceback, Java's causes, and lines that are known to matter."""

import re
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

MOST_LINES: Final = 40
# Spark's time stamps are 22/02/22 14:48:36; EMR's controller writes 2017-03-29T19:48:32.155Z.
_STAMP: Final = r"^(?:\d\d/\d\d/\d\d \d\d:\d\d:\d\d|\d{4}-\d\d-\d\d[T ][\d:.,]+Z?)\s+"
_NOISE: Final = re.compile(
    rf"{_STAMP}(?:INFO|DEBUG|TRACE)\b|^(?:INFO|DEBUG|TRACE)\b|^\s*\[Stage \d+:|^\s*$|^WARNING: An illegal|^::|^\t{{2}}|"
    r"^SLF4J:|^Ivy Default Cache|^\s+(?:found|downloading) "
)
_MATTERS: Final = {
    # A program's last word, as ours and argparse say it: `device_readings: --input …: expected …`.
    "said": re.compile(r"^(?!log4j)[a-z][a-z0-9_]{2,}(?:\.py)?: \S"),
    "killed": re.compile(r"Container killed|exit(?:ed)? (?:code|status)(?: is|:)? ?137|Exit code is 137|exitCode=137"),
    "memory": re.compile(
        r"exceeding (?:virtual |physical )?memory limits|OutOfMemoryError|MemoryError|Cannot allocate memory"
    ),
    "disk": re.compile(r"No space left on device|DiskErrorException|DiskOutOfSpaceException"),
    "fetch": re.compile(r"FetchFailed|MetadataFetchFailedException"),
    "lost": re.compile(r"ExecutorLostFailure|Lost executor|Container released on a \*?lost|Slave lost|node was lost"),
    "denied": re.compile(r"AccessDenied|Access Denied|status code: 403|Status Code: 403|not authorized to perform"),
    "exit": re.compile(
        r"exitCode: -?[1-9]\d*|with exit ?[cC]ode -?[1-9]\d*|exit(?:ing|ed) with (?:ret|code|status):? '?-?[1-9]\d*|"
        r"Job aborted due to stage failure|finished with failed status|final status: (?:FAILED|KILLED)"
    ),
}  # fmt: skip
_EVEN_AS_INFO: Final = re.compile(r"exit ?[cC]ode|final status")
_PYTHON: Final = "Traceback (most recent call last):"
_FRAMES: Final = 2
_JAVA: Final = re.compile(
    r"^(?:Exception in thread .+|Caused by: .+|(?:[a-z][\w$]*\.)+[A-Z][\w$]*(?:Exception|Error)\b.*)$"
)
_JAVA_FRAME: Final = re.compile(r"^\s+(?:at |\.\.\. \d+ more)")
_NUMBERS: Final = re.compile(r"\d+")
# How many different blocks are remembered; a log of gigabytes has no more.
_MOST_BLOCKS: Final = 200
_MOST_CHARACTERS: Final = 500
_TAIL: Final = 10


@dataclass
class _Block:
    """Lines that belong together, the `at`th that were met; `kind` where they are known to matter."""

    lines: list[str]
    kind: str | None = None
    at: int = 0


@dataclass
class _Seen:
    """What was found so far: of blocks that are the same but for their numbers the last, and the last of each kind."""

    blocks: dict[str, _Block] = field(default_factory=dict)
    kinds: dict[str, _Block] = field(default_factory=dict)
    tail: deque[str] = field(default_factory=lambda: deque(maxlen=_TAIL))
    count: int = 0

    def add(self, block: _Block) -> None:
        self.count += 1
        block.at = self.count
        key = _NUMBERS.sub("#", "\n".join(block.lines))
        self.blocks.pop(key, None)
        self.blocks[key] = block
        if len(self.blocks) > _MOST_BLOCKS:
            del self.blocks[next(iter(self.blocks))]
        if block.kind is not None:
            self.kinds[block.kind] = block

    def chosen(self, most: int) -> list[str]:
        """Choose blocks for so many lines: the last one of each kind, then the last ones."""
        wanted = {block.at: block for block in [*self.kinds.values(), *reversed(self.blocks.values())]}
        chosen: list[_Block] = []
        for block in wanted.values():
            if len(block.lines) <= most:
                chosen.append(block)
                most -= len(block.lines)
        return [line for block in sorted(chosen, key=lambda one: one.at) for line in block.lines]


def lines_that_matter(lines: Iterable[str], most: int = MOST_LINES) -> list[str]:
    """Return what explains a failure, in order, without Spark's noise; the last words where nothing is known to.

    Of what repeats, but for its numbers, the last one is told. Memory does not grow with the log.
    """
    seen = _Seen()
    stream = _Ahead(lines)
    while (line := stream.take()) is not None:
        if line.strip() == _PYTHON:
            seen.add(_Block(_traceback(stream, line)))
        elif _JAVA.match(line):
            seen.add(_Block(_chain_link(stream, line), _kind(line)))
        elif (kind := _kind(line)) is not None:
            seen.add(_Block([line], kind))
        elif not (_NOISE.search(line) or _JAVA_FRAME.match(line)):
            seen.tail.append(line)
    found = seen.chosen(most) or list(seen.tail)[-most:]
    return [line[:_MOST_CHARACTERS] for line in found]


class _Ahead:
    """Lines, of which one can be given back."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = iter(lines)
        self._back: str | None = None

    def take(self) -> str | None:
        if self._back is not None:
            line, self._back = self._back, None
            return line
        return next(self._lines, None)

    def give_back(self, line: str) -> None:
        self._back = line


def _traceback(stream: _Ahead, head: str) -> list[str]:
    """Take a traceback: its last frames, and what was raised."""
    indent = len(head) - len(head.lstrip())
    frames: deque[list[str]] = deque(maxlen=_FRAMES)
    while (line := stream.take()) is not None:
        depth = len(line) - len(line.lstrip())
        if depth <= indent and line.strip():
            return [head, *(each for frame in frames for each in frame), line]
        if line.lstrip().startswith("File "):
            frames.append([line])
        elif frames and len(frames[-1]) < _FRAMES:
            frames[-1].append(line)
    return [head, *(each for frame in frames for each in frame)]


def _chain_link(stream: _Ahead, head: str) -> list[str]:
    """Take an exception of Java's with its first frame; the others are passed over."""
    found = [head]
    while (line := stream.take()) is not None:
        if not _JAVA_FRAME.match(line):
            stream.give_back(line)
            break
        if len(found) == 1 and line.lstrip().startswith("at "):
            found.append(line)
    return found


def _kind(line: str) -> str | None:
    if _NOISE.search(line) and not _EVEN_AS_INFO.search(line):
        return None
    return next((kind for kind, pattern in _MATTERS.items() if pattern.search(line)), None)
