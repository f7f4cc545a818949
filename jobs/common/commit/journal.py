"""The journal: what a commit is going to do, written down before it does any of it.

Once the journal stands at its place the run is certain to be done: whoever finds it carries it out, from the start,
as often as it takes. Every step is one that may be done twice.
"""

import json
import logging
import os
import signal
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any, TypeVar

from jobs.common.commit.layout import Layout
from jobs.common.errors import JobFailed, UsageError
from jobs.common.files import Files, in_parallel

STAGED, JOURNALED, ADDED_ONE, ADDED = "staged", "journaled", "added_one", "added"
REMOVED_ONE, REMOVED, PUBLISHED = "removed_one", "removed", "published"
COMMIT_POINTS = (STAGED, JOURNALED, ADDED_ONE, ADDED, REMOVED_ONE, REMOVED, PUBLISHED)
_KILL_AT = "JOB_KILL_AT"
_Item = TypeVar("_Item")
log = logging.getLogger("jobs")


@dataclass(frozen=True)
class Addition:
    """A staged file and its place in the table, both below the table's folder."""

    staged: str
    final: str
    size: int


@dataclass(frozen=True)
class Journal:
    """One run's commit. `remove` holds data files below the table's folder, `quarantine_keep` names of files."""

    run_id: str
    attempt: str
    fingerprint: str
    manifest_uri: str
    manifest: dict[str, Any]
    quarantine: str
    quarantine_keep: list[str] = field(default_factory=list)
    add: list[Addition] = field(default_factory=list)
    remove: list[str] = field(default_factory=list)

    def to_json(self) -> str:
        """Write the journal."""
        return json.dumps(asdict(self), indent=1, sort_keys=True) + "\n"


def read_journal(files: Files, uri: str) -> Journal | None:
    """Read a journal, or nothing where there is none."""
    if files.find(uri) is None:
        return None
    try:
        found = json.loads(files.read(uri))
        return Journal(**{**found, "add": [Addition(**addition) for addition in found["add"]]})
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


def carry_out(files: Files, layout: Layout, journal: Journal, *, is_own: bool = True) -> None:
    """Do, or finish, what a journal says, and publish its manifest.

    Another run's manifest that cannot be written any more (`is_own` false) does not hold up the table: the record keeps
    it, and that run writes it when it is started again.

    Raises:
        JobFailed: Where a file to add is neither staged nor in the table, or the journal has become another's.
    """
    _refuse_another(files, layout, journal)
    folders = sorted({f"{layout.table}/{addition.final}".rpartition("/")[0] for addition in journal.add})
    in_parallel(files.make_folder, folders)
    _one_then_the_others(lambda addition: _add(files, layout, addition), journal.add, ADDED_ONE)
    reach(ADDED)
    _remove(files, [f"{layout.table}/{name}" for name in journal.remove])
    _keep_only(files, journal.quarantine, journal.quarantine_keep)
    # Of tasks that died while they wrote, staged, or copied a large file to its place.
    for folder in (layout.table, journal.quarantine):
        files.abort_uploads(folder)
    reach(REMOVED)
    try:
        publish_manifest(files, journal, journal.manifest_uri)
    except JobFailed as fault:
        if is_own:
            raise
        log.warning(
            "manifest of run %s not written; %s keeps it: %s",
            journal.run_id,
            layout.record(journal.run_id),
            fault,
        )
    _refuse_another(files, layout, journal)
    record = layout.record(journal.run_id)
    files.make_folder(record.rpartition("/")[0])
    files.delete(record)
    files.move(layout.journal, record)
    reach(PUBLISHED)
    files.delete(layout.staging(journal.run_id))


def publish_manifest(files: Files, journal: Journal, uri: str) -> None:
    """Write the run's manifest to `uri`."""
    folder = uri.rpartition("/")[0]
    if folder:
        files.make_folder(folder)
    files.write(uri, json.dumps(journal.manifest, indent=2) + "\n")


def _one_then_the_others(do: Callable[[_Item], None], items: list[_Item], point: str) -> None:
    for item in items[:1]:
        do(item)
        reach(point)
    in_parallel(do, items[1:])


def _refuse_another(files: Files, layout: Layout, journal: Journal) -> None:
    current = read_journal(files, layout.journal)
    if current is None or current.attempt != journal.attempt:
        raise JobFailed(
            f"{layout.journal}: expected the journal of run {journal.run_id}, found another's or none: "
            "another process has carried it on; run the same command again to see what became of this run"
        )


def _remove(files: Files, uris: list[str]) -> None:
    if uris:
        files.delete_all(uris[:1])
        reach(REMOVED_ONE)
        files.delete_all(uris[1:])


def _add(files: Files, layout: Layout, addition: Addition) -> None:
    staged, final = f"{layout.table}/{addition.staged}", f"{layout.table}/{addition.final}"
    there = files.find(final)
    if there and there.size == addition.size:
        return
    if files.find(staged) is None:
        raise JobFailed(
            f"{final}: expected it, or {staged} to be moved there, found neither: somebody has removed staged files; "
            f"restore them, or give up the commit in {layout.journal} by hand"
        )
    if there:
        files.delete(final)
    files.move(staged, final)


def _keep_only(files: Files, folder: str, names: list[str]) -> None:
    """Remove what earlier attempts of the run have left in its quarantine."""
    left = [entry for entry in files.children(folder) if entry.name not in names]
    files.delete_all([entry.uri for entry in left if not entry.is_folder])
    for entry in left:
        if entry.is_folder:
            files.delete(entry.uri)
