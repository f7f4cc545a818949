"""The files that make a cluster: one, and those that it extends, each relative to the file that names it.

A path may lead up (`../base.yaml`), since whoever writes the file can read what it names; it may not be absolute, which
would hold on one machine only.
"""

import os
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath
from typing import Final

from orchestrator.config.merging import merged
from orchestrator.config.reading import Document, read
from orchestrator.config.written import Written, written
from orchestrator.errors import UsageError
from orchestrator.findings import Finding, shown

KEY: Final = "extends"
MOST_FILES: Final = 10


@dataclass(frozen=True)
class Extended:
    """What all files together say, without `extends`; `files` has the user's file first."""

    root: Written
    files: tuple[str, ...]
    findings: tuple[Finding, ...]


def load(path: Path) -> Extended:
    """Read a file and those that it extends.

    Raises:
        UsageError: Where the file itself cannot be opened; what it extends is a finding.
    """
    documents = [read(path)]
    findings = list(documents[0].findings)
    while base := _base(documents, findings):
        documents.append(base)
        findings += base.findings
    root = _without_key(documents[-1])
    for document in reversed(documents[:-1]):
        root = merged(root, _without_key(document))
    return Extended(root, tuple(each.file for each in documents), tuple(findings))


def _without_key(document: Document) -> Written:
    root = written(document)
    return Written({name: each for name, each in root.entries().items() if name != KEY}, root.file, root.line)


def _base(documents: list[Document], findings: list[Finding]) -> Document | None:
    """Read what the last document extends, if it extends anything, and that can be read."""
    named = written(documents[-1]).entries().get(KEY)
    if named is None or named.value is None:
        return None
    fault = _fault(named, [each.file for each in documents])
    if fault is None:
        try:
            return read(_path(named))
        except UsageError as unread:
            fault = str(unread)
    expected = "the path of another file, relative to this one"
    findings.append(named.error(fault, (KEY,), value=shown(named.plain()), expected=expected))
    return None


def _fault(named: Written, files: list[str]) -> str | None:
    target = named.value
    if not isinstance(target, str) or not target:
        return "not a path"
    if Path(target).is_absolute() or PureWindowsPath(target).is_absolute() or "://" in target:
        return "not a relative path"
    path = _path(named)
    if os.path.realpath(path) in {os.path.realpath(file) for file in files}:
        return f"the files extend each other in a circle: {' -> '.join([*files, str(path)])}"
    if len(files) >= MOST_FILES:
        return f"more than {MOST_FILES} files extend each other"
    return None if _is_file(path) else f"there is no file {path}"


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # such as a name that is too long
        return False


def _path(named: Written) -> Path:
    return Path(os.path.normpath(Path(named.file).parent / named.value))
