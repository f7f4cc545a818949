"""The journal: what a commit is going to do, written down before it does any of it.

Once the journal stands at its place the run is certain to be done: whoever finds it carries it out, from the start,
as often as it takes. Every step is one that may be done twice.
"""

import json
import os
import signal
from dataclasses import asdict, dataclass, field
from typing import Any

from jobs.common.errors import JobFailed, UsageError
from jobs.common.files import Files

STAGED, JOURNALED, ADDED_ONE, ADDED = "staged", "journaled", "added_one", "added"
REMOVED_ONE, REMOVED, PUBLISHED = "removed_one", "removed", "published"
COMMIT_POINTS = (STAGED, JOURNALED, ADDED_ONE, ADDED, REMOVED_ONE, REMOVED, PUBLISHED)
# A Delta table is changed by one transaction, which cannot be half done.
DELTA_POINTS = (STAGED, JOURNALED, ADDED, REMOVED, PUBLISHED)
_KILL_AT = "JOB_KILL_AT"


@dataclass(frozen=True)
class Addition:
    """A staged file and its place in the table, both below the table's folder."""

    staged: str
    final: str
    size: int


@dataclass(frozen=True)
class Merge:
    """What is merged into a Delta table of some `version` (-1: there is none yet) by key, within `partitions` alone.

    `source` is the folder of staged rows below the table's, `files` are those in it that count. With `rank` a row
    replaces one that is less by these columns; without, staged rows bear their action.
    """

    source: str
    files: list[str]
    version: int
    key: list[str]
    rank: list[str] | None
    partition_by: list[str]
    partitions: list[dict[str, str]]
    deletion_vectors: bool
    file_bytes: int


@dataclass(frozen=True)
class Journal:
    """One run's commit. `remove` holds data files below the table's folder, `quarantine_keep` names of files."""

    run_id: str
    attempt: str
    fingerprint: str
    manifest_uri: str
    manifest: dict[str, Any]
    quarantine: str | None
    quarantine_keep: list[str] = field(default_factory=list)
    add: list[Addition] = field(default_factory=list)
    remove: list[str] = field(default_factory=list)
    merge: Merge | None = None

    def to_json(self) -> str:
        """Write the journal; names keep their order, so that a manifest that is written from it is the same text."""
        return json.dumps(asdict(self), indent=1) + "\n"


def read_journal(files: Files, uri: str) -> Journal | None:
    """Read a journal, or nothing where there is none."""
    if files.find(uri) is None:
        return None
    try:
        found = json.loads(files.read(uri))
        merge = Merge(**found["merge"]) if found["merge"] else None
        return Journal(
            **{**found, "add": [Addition(**addition) for addition in found["add"]], "merge": merge}
        )
    except (ValueError, KeyError, TypeError) as fault:
        raise JobFailed(
            f"{uri}: expected a journal as this job writes it, got {fault}; "
            "restore the file from a copy, or ask who wrote it, before any run on this table"
        ) from fault


def check_kill_point() -> None:
    """See that `JOB_KILL_AT`, where it is set, names a commit point: a kill that never comes would prove nothing.

    Raises:
        UsageError: Where it does not.
    """
    point = os.environ.get(_KILL_AT)
    if point and point not in COMMIT_POINTS:
        raise UsageError(
            f"{_KILL_AT}: expected a commit point, got {point!r}; accepted: {', '.join(COMMIT_POINTS)}"
        )


def reach(point: str) -> None:
    """Pass a commit point: end at once, without any clean-up, where the environment variable `JOB_KILL_AT` names it."""
    if os.environ.get(_KILL_AT) == point:
        os.kill(os.getpid(), signal.SIGKILL)
