"""Which objects a run reads: the distinct objects of our own listing.

Spark's `binaryFile` and text sources cannot be asked: they skip empty and hidden objects in silence, and take `[` in a
name for a wildcard.
"""

import hashlib
import re
from collections.abc import Iterable, Sequence

from jobs.common.errors import JobFailed, UsageError
from jobs.common.files import COPYING, HIDDEN, Entry, Files, in_parallel, is_hidden

# Twice what Firehose gathers at most before it delivers.
MOST_OBJECT_BYTES = 256 * 1024 * 1024
_WILDCARDS = frozenset("*?[{")
_NAMED_IN_BRACES = re.compile(r"[{,][_.]")


def find_objects(files: Files, inputs: Sequence[str], literal: Sequence[str]) -> list[Entry]:
    """List the distinct objects of `inputs` (files, folders, else globs) and `literal` (files, folders), sorted.

    In folders, names that start with `_` or `.` or end in `._COPYING_` are skipped; named directly they are read.

    Raises:
        UsageError: Where nothing matches; all such places at once.
        JobFailed: Where an object is larger than `MOST_OBJECT_BYTES`; all such objects at once.
    """
    matches = in_parallel(lambda uri: _matches(files, uri), list(inputs))
    matches += in_parallel(lambda uri: _exactly(files, uri), list(literal))
    missing = [uri for uri, found in zip([*inputs, *literal], matches, strict=True) if not found]
    if missing:
        raise UsageError(
            f"--input, --inputs-from: nothing there: {', '.join(missing)}; "
            "accepted: a file, a folder, or a glob that matches"
        )
    named = sorted({entry for found in matches for entry in found})
    trees = in_parallel(lambda entry: list(_objects(files, entry)), named)
    objects = sorted({entry.uri: entry for tree in trees for entry in tree}.values())
    _refuse_large(objects)
    return objects


def read_list(files: Files, uri: str) -> list[str]:
    """Read the URIs of `--inputs-from`: one a line, taken literally, blank lines left out."""
    found = files.find(uri)
    if found is None or found.is_folder:
        raise UsageError(f"--inputs-from {uri}: expected a file with one URI a line, there is none")
    try:
        lines = files.read(uri).decode("utf-8").split("\n")
    except UnicodeDecodeError as fault:
        raise UsageError(f"--inputs-from {uri}: expected UTF-8 text, byte {fault.start} is none") from fault
    # Names may begin or end with blanks; a CR is the line's.
    return [line.removesuffix("\r") for line in lines if line.strip()]


def fingerprint(objects: Iterable[Entry]) -> str:
    """Hash the objects' URIs, sizes and etags (or times, where there is no etag): 64 hexadecimal digits."""
    lines = ("\0".join(map(str, (entry.uri, *_state(entry)))) + "\n" for entry in objects)
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def refuse_changed(files: Files, objects: list[Entry]) -> None:
    """Fail if an object is no longer what was listed: what was read of it may be neither the old nor the new."""
    now = files.find_all([entry.uri for entry in objects])
    changed = [
        entry.uri
        for entry, found in zip(objects, now, strict=True)
        if not found or _state(found) != _state(entry)
    ]
    if changed:
        raise JobFailed(
            f"{', '.join(changed[:10])}: changed while the run was reading ({len(changed)} in all); "
            "nothing was written to the table; run again when the objects are at rest"
        )


def _state(entry: Entry) -> tuple[int, str | int]:
    """Return what changes when an object does."""
    return entry.size, entry.etag or entry.modified


def _matches(files: Files, uri: str) -> list[Entry]:
    exact = _exactly(files, uri)
    if exact or not _WILDCARDS.intersection(uri):
        return exact
    # A wildcard does not reach hidden names unless the pattern itself begins so, as in a shell.
    own = uri.rstrip("/").split("/")
    return [entry for entry in files.glob(uri) if not _is_reached_by_wildcard_only(entry, own)]


def _is_reached_by_wildcard_only(entry: Entry, pattern: list[str]) -> bool:
    names = entry.uri.split("/")
    pairs = zip(reversed(names), reversed(pattern), strict=False)
    return any(_is_hidden_but_for(part, name) for name, part in pairs)


def _is_hidden_but_for(pattern: str, name: str) -> bool:
    """Tell a hidden name that a pattern matches without the marks that hide it."""
    is_named = pattern[:1] not in _WILDCARDS or _NAMED_IN_BRACES.search(pattern)
    return (name.startswith(HIDDEN) and not is_named) or (
        name.endswith(COPYING) and not pattern.endswith(COPYING)
    )


def _exactly(files: Files, uri: str) -> list[Entry]:
    entry = files.find(uri)
    return [entry] if entry else []


def _objects(files: Files, entry: Entry) -> Iterable[Entry]:
    if entry.is_folder:
        return files.below(entry.uri, lambda found: not is_hidden(found.name))
    return [entry]


def _refuse_large(objects: Iterable[Entry]) -> None:
    large = [f"{entry.uri} ({entry.size} bytes)" for entry in objects if entry.size > MOST_OBJECT_BYTES]
    if large:
        raise JobFailed(
            f"objects of at most {MOST_OBJECT_BYTES} bytes are read, larger: {', '.join(large)}; "
            "split them, or leave them out; nothing was read"
        )
