"""A journal carried out, from the start, as often as it takes: every step is one that may be done twice."""

import json
import logging
from collections.abc import Callable
from typing import TypeVar

from jobs.common.commit.journal import (
    ADDED,
    ADDED_ONE,
    PUBLISHED,
    REMOVED,
    REMOVED_ONE,
    Addition,
    Journal,
    reach,
    read_journal,
)
from jobs.common.commit.layout import Layout
from jobs.common.commit.merging import carry_out_merge
from jobs.common.errors import JobFailed
from jobs.common.files import Files, in_parallel

_Item = TypeVar("_Item")
log = logging.getLogger("jobs")


def carry_out(files: Files, layout: Layout, journal: Journal, *, is_own: bool = True) -> Journal:
    """Do, or finish, what a journal says, publish its manifest, and return the journal as it is recorded.

    Another run's manifest that cannot be written any more (`is_own` false) does not hold up the table: the record keeps
    it, and that run writes it when it is started again.

    Raises:
        JobFailed: Where a file to add is neither staged nor in the table, or the journal has become another's.
    """
    _refuse_another(files, layout, journal)
    folders = sorted({f"{layout.table}/{addition.final}".rpartition("/")[0] for addition in journal.add})
    in_parallel(files.make_folder, folders)
    _one_then_the_others(lambda addition: _add(files, layout, addition), journal.add, ADDED_ONE)
    journal = carry_out_merge(files, layout, journal)
    reach(ADDED)
    _remove(files, [f"{layout.table}/{name}" for name in journal.remove])
    # Of what another run writes by then, nothing may be cleared away.
    _refuse_another(files, layout, journal)
    # Of tasks that died while they wrote, staged, or copied a large file to its place.
    files.abort_uploads(layout.table)
    if journal.quarantine:
        _keep_only(files, journal.quarantine, journal.quarantine_keep)
        files.abort_uploads(journal.quarantine)
    reach(REMOVED)
    _refuse_another(files, layout, journal)
    _publish(files, layout, journal, is_own=is_own)
    _refuse_another(files, layout, journal)
    _record(files, layout, journal)
    reach(PUBLISHED)
    files.delete(layout.staging(journal.run_id))
    return journal


def publish_manifest(files: Files, journal: Journal, uri: str) -> None:
    """Write the run's manifest to `uri`."""
    folder = uri.rpartition("/")[0]
    if folder:
        files.make_folder(folder)
    files.write(uri, json.dumps(journal.manifest, indent=2) + "\n")


def _publish(files: Files, layout: Layout, journal: Journal, *, is_own: bool) -> None:
    record = layout.record(journal.run_id)
    try:
        publish_manifest(files, journal, journal.manifest_uri)
    except JobFailed as fault:
        if is_own:
            raise
        log.warning("manifest of run %s not written; %s keeps it: %s", journal.run_id, record, fault)


def _record(files: Files, layout: Layout, journal: Journal) -> None:
    """Put the journal among those of runs that are done."""
    record = layout.record(journal.run_id)
    files.make_folder(record.rpartition("/")[0])
    if journal.merge:
        # The record knows more than the journal does: it is written, and the journal goes when it stands.
        files.write(record, journal.to_json())
        files.delete(layout.journal)
    else:
        files.delete(record)
        files.move(layout.journal, record)


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
