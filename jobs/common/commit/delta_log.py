"""A Delta table's log, read as its protocol lays it down: the versions there are, and what one of them changed.

A few small files say what DESCRIBE HISTORY and reading an older version would take many Spark jobs for.
https://github.com/delta-io/delta/blob/master/PROTOCOL.md#delta-log-entries
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from jobs.common.files import Entry, Files

NO_TABLE = -1
_ENTRY = re.compile(r"(?P<version>[0-9]{20})\.(json|checkpoint.*\.(parquet|json))")
_HAS_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:/")


@dataclass(frozen=True)
class DataFile:
    """A file that a version brings in or takes out: its full path, and how many of its rows count as deleted."""

    uri: str
    deleted_rows: int


@dataclass(frozen=True)
class Commit:
    """What made a version: the writer's own words, Delta's figures (as text), and the files that changed."""

    version: int
    user_metadata: str | None
    metrics: Mapping[str, str]
    added: Sequence[DataFile]
    removed: Sequence[DataFile]


def entries(files: Files, place: str) -> dict[int, Entry]:
    """List the commits and checkpoints of a table's log by version, in order; of two the commit."""
    found: dict[int, Entry] = {}
    for entry in files.children(f"{place}/_delta_log"):
        name = _ENTRY.fullmatch(entry.name)
        if name and not (int(name["version"]) in found and "checkpoint" in entry.name):
            found[int(name["version"])] = entry
    return dict(sorted(found.items()))


def is_delta(files: Files, place: str) -> bool:
    """Tell whether a folder is a Delta table: its log has an entry."""
    return bool(entries(files, place))


def latest_version(files: Files, place: str) -> int:
    """Return the newest version of a table, or `NO_TABLE`."""
    return max(entries(files, place), default=NO_TABLE)


def commits_after(files: Files, place: str, version: int) -> Iterable[Commit]:
    """Read what made the versions after one, the newest first, as far as the log still tells."""
    for number, entry in reversed(entries(files, place).items()):
        if number > version and "checkpoint" not in entry.name:
            yield _commit(files, place, number, entry)


def _commit(files: Files, place: str, version: int, entry: Entry) -> Commit:
    actions = [json.loads(line) for line in files.read(entry.uri).splitlines() if line.strip()]
    info: dict[str, Any] = next((one["commitInfo"] for one in actions if "commitInfo" in one), {})
    return Commit(
        version=version,
        user_metadata=info.get("userMetadata"),
        metrics=info.get("operationMetrics") or {},
        added=[_data_file(place, one["add"]) for one in actions if "add" in one],
        removed=[_data_file(place, one["remove"]) for one in actions if "remove" in one],
    )


def _data_file(place: str, told: Mapping[str, Any]) -> DataFile:
    path = unquote(told["path"])
    uri = path if path.startswith("/") or _HAS_SCHEME.match(path) else f"{place}/{path}"
    vector = told.get("deletionVector") or {}
    return DataFile(uri, int(vector.get("cardinality", 0)))
