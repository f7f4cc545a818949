"""The start of every run on a table: earlier runs that were cut off are carried on, or undone."""

import json
from dataclasses import dataclass
from uuid import uuid4

from py4j.protocol import Py4JJavaError

from jobs.common.commit.carrying_out import carry_out
from jobs.common.commit.journal import JOURNALED, Journal, reach, read_journal
from jobs.common.commit.layout import Layout, quarantine_folder
from jobs.common.errors import JobFailed
from jobs.common.files import Files

_MARKER, _GIVEN_UP = "attempt.json", "given_up.json"
_STAGED_JOURNAL = "journal.json"


@dataclass(frozen=True)
class Attempt:
    """One try at one run, with a staging folder of its own: a try that was given up can no longer touch the table."""

    run_id: str
    token: str
    folder: str
    quarantine: str | None

    @property
    def marker(self) -> str:
        """The file that stands for as long as nobody has dropped what this try staged."""
        return f"{self.folder}/{_MARKER}"


def recover(files: Files, layout: Layout) -> str | None:
    """Roll an unfinished journal forward and drop what was staged without one; returns the run that was finished."""
    finished = _carry_on(files, layout)
    tries = [one.uri for staging in files.children(layout.all_staging) for one in files.children(staging.uri)]
    for folder in tries:
        _give_up(files, folder)
    if tries:
        # A try that had passed its last look before that has put its journal, or never will.
        finished = _carry_on(files, layout) or finished
    for staging in files.children(layout.all_staging):
        _drop(files, layout, staging.name)
    return finished


def _carry_on(files: Files, layout: Layout) -> str | None:
    unfinished = read_journal(files, layout.journal)
    if unfinished:
        carry_out(files, layout, unfinished, is_own=False)
    return unfinished.run_id if unfinished else None


def _give_up(files: Files, folder: str) -> None:
    """Take from a try what it needs to put its journal: the marker, which it looks for last, then the journal."""
    marker = f"{folder}/{_MARKER}"
    if files.find(marker):
        files.write(f"{folder}/{_GIVEN_UP}", files.read(marker).decode())
        files.delete(marker)
    files.delete(f"{folder}/{_STAGED_JOURNAL}")


def begin(files: Files, layout: Layout, run_id: str, quarantine: str | None) -> Attempt:
    """Open a staging folder for a run that is not done, and clear its quarantine of earlier tries.

    Raises:
        JobFailed: Where another run has begun at the same moment; whichever looks last sees the other.
    """
    token = uuid4().hex[:12]
    folder = quarantine_folder(quarantine, run_id) if quarantine else None
    attempt = Attempt(run_id, token, f"{layout.staging(run_id)}/{token}", folder)
    files.make_folder(attempt.folder)
    # Says whose quarantine goes with this staging, should another run have to drop it.
    files.write(attempt.marker, json.dumps({"quarantine": folder}))
    _refuse_company(files, layout, attempt)
    if folder:
        files.delete(folder)
    return attempt


def put_journal(files: Files, layout: Layout, attempt: Attempt, journal: Journal) -> None:
    """Make the journal appear at its place, by one rename: from here on the run is certain to be done.

    Raises:
        JobFailed: Where the staging is gone or another journal is there: this try has been given up by a later one.
    """
    staged = f"{attempt.folder}/{_STAGED_JOURNAL}"
    files.write(staged, journal.to_json())
    # Only then: whoever drops the staging after this look takes the source of the rename away.
    if files.find(attempt.marker) is None or files.find(layout.journal) is not None:
        raise _dropped(attempt)
    files.move(staged, layout.journal)
    reach(JOURNALED)


def refuse_dropped(files: Files, attempt: Attempt, fault: Exception) -> None:
    """Say why a try has failed, where it is that its staging is gone.

    Raises:
        JobFailed: Where it is gone.
    """
    is_ours = isinstance(fault, JobFailed) and not isinstance(fault.__cause__, Py4JJavaError)
    if not is_ours and files.find(attempt.marker) is None:
        raise _dropped(attempt) from fault


def _dropped(attempt: Attempt) -> JobFailed:
    return JobFailed(
        f"{attempt.folder}: another run on this table has started since, and dropped what this one staged; "
        "nothing was written to the table; let one run at a time write to a table, and run again"
    )


def undo(files: Files, layout: Layout, attempt: Attempt) -> None:
    """Drop what a failed try has left, unless a later one took over, or the journal stands and it will be done."""
    if files.find(attempt.marker) is not None and files.find(layout.journal) is None:
        _drop(files, layout, attempt.run_id)


def _refuse_company(files: Files, layout: Layout, attempt: Attempt) -> None:
    for run in files.children(layout.all_staging):
        others = [found for found in files.children(run.uri) if found.uri != attempt.folder]
        if any(files.find(f"{other.uri}/{_MARKER}") for other in others):
            files.delete(attempt.folder)
            raise JobFailed(
                f"{run.uri}: expected no other run on this table, found one that has just begun; nothing was "
                "written to the table; let one run at a time write to a table, and run again"
            )


def _drop(files: Files, layout: Layout, run_id: str) -> None:
    """Drop a run's staging; where the run was never committed, its quarantine with it."""
    dropped = [layout.staging(run_id)]
    if files.find(layout.record(run_id)) is None:
        for attempt in files.children(layout.staging(run_id)):
            for marker in (f"{attempt.uri}/{_MARKER}", f"{attempt.uri}/{_GIVEN_UP}"):
                quarantine = json.loads(files.read(marker))["quarantine"] if files.find(marker) else None
                if quarantine and quarantine not in dropped:
                    dropped.insert(0, quarantine)
    for folder in dropped:
        files.delete(folder)
        files.abort_uploads(folder)
