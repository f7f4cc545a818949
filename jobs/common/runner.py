"""A job's run from its command line to its manifest, the same for every kind of job."""

import hashlib
import logging
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from pyspark.sql import SparkSession

from jobs.common import manifest
from jobs.common.arguments import Arguments
from jobs.common.commit.carrying_out import carry_out, publish_manifest
from jobs.common.commit.changes import Changes
from jobs.common.commit.delta import DeltaStage
from jobs.common.commit.journal import STAGED, Journal, check_kill_point, reach, read_journal
from jobs.common.commit.layout import Layout
from jobs.common.commit.parquet import ParquetStage
from jobs.common.commit.places import Places
from jobs.common.commit.recovery import Attempt, begin, put_journal, recover, refuse_dropped, undo
from jobs.common.commit.stage import Place, Stage
from jobs.common.errors import JobFailed, UsageError
from jobs.common.files import Entry, Files
from jobs.common.session import build
from jobs.common.table import Table

_MIB = 1024 * 1024
_INTERRUPTED = 130
_COUNTS = ("source_rows", "read", "accepted", "inserted", "updated", "deleted", "duplicates")
_A = TypeVar("_A", bound=Arguments)
log = logging.getLogger("jobs")


@dataclass(frozen=True)
class Staged:
    """What a run has staged: its counts, its effect on the table, and the names of its files in quarantine."""

    counts: manifest.RowCounts
    changes: Changes
    quarantine_rows: int = 0
    quarantine_files: Sequence[str] = ()


class Job(Protocol[_A]):
    """What the runner asks of a job; `jobs.common.kinds` has the kinds that answer.

    A new `version` makes a new run of inputs that an older one has read.
    """

    @property
    def name(self) -> str:
        """Name the dataset."""

    @property
    def version(self) -> str:
        """Name the version of the job's own part."""

    @property
    def table(self) -> Table:
        """Tell what the job writes."""

    def parse(self, argv: Sequence[str]) -> _A:
        """Read the command line, or exit with 2."""

    def find_inputs(self, files: Files, arguments: _A, places: Places) -> list[Entry]:
        """List the files that the run stands for, as its manifest will."""

    def fingerprint(self, files: Files, inputs: Sequence[Entry], arguments: _A) -> str:
        """Tell one list of inputs from another."""

    def stage(self, stage: Stage, about: manifest.Run, arguments: _A) -> Staged:
        """Read the inputs and stage what becomes of them."""


def main(job: Job[Any], argv: Sequence[str]) -> int:
    """Run a job and return its exit code: 0 done, 1 the data or the job failed, 2 wrong usage, 130 interrupted."""
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(name)s: %(message)s")
    logging.getLogger("py4j").setLevel(logging.WARNING)
    arguments = job.parse(argv)
    try:
        done = run(job, arguments, build(job.name, with_delta=arguments.uses_delta))
    except JobFailed as fault:
        print(f"{job.name}: {fault}", file=sys.stderr)
        return fault.exit_code
    except KeyboardInterrupt:
        print(f"{job.name}: interrupted; the next run on the table clears up", file=sys.stderr)
        return _INTERRUPTED
    except Exception:
        log.exception("%s: failed; nothing of this run is reported as done", job.name)
        return 1
    print(done.to_line())
    return 0


@dataclass(frozen=True)
class Outcome:
    """What a run that is done has to say."""

    journal: Journal
    is_repeated: bool

    def to_line(self) -> str:
        """Say it in one line."""
        rows = self.journal.manifest["rows"]
        counts = ", ".join(f"{name} {rows[name]}" for name in _COUNTS if name in rows)
        quarantined = sum(rows.get("quarantined", {}).values())
        note = " (done before: recorded manifest written)" if self.is_repeated else ""
        return (
            f"{self.journal.manifest['job']} {self.journal.run_id}: {counts}, quarantined {quarantined}{note}"
        )


def run(job: Job[_A], arguments: _A, spark: SparkSession) -> Outcome:
    """Do one run, or find that it is done.

    Raises:
        UsageError: Where the command line points at nothing, at its own output, or at a run of other inputs.
        JobFailed: Where the run cannot be done; the table is as it was, or its commit will be carried on.
    """
    check_kill_point()
    files, started_at = Files(spark), manifest.now()
    places = Places.of(files, arguments)
    places.check(files)
    layout = Layout(places.output)
    _carry_on(files, layout)
    places.check_table(files, arguments.format, job.name)
    inputs = job.find_inputs(files, arguments, places)
    prints = job.fingerprint(files, inputs, arguments)
    run_id = arguments.run_id or "r" + hashlib.sha256(f"{job.version}\n{prints}".encode()).hexdigest()[:16]
    size = sum(entry.size for entry in inputs)
    log.info("%s %s: %d objects, %d bytes", job.name, run_id, len(inputs), size)
    if done := read_journal(files, layout.record(run_id)):
        return _repeat(files, done, prints, places.manifest)
    places.claim(files)
    attempt = begin(files, layout, run_id, places.quarantine)
    try:
        stage = _stage(Place(spark, job.table, layout, attempt, arguments.target_file_mib * _MIB), arguments)
        about = manifest.Run(job.name, job.version, run_id, started_at, inputs)
        staged = job.stage(stage, about, arguments)
        _check(staged)
        reach(STAGED)
        body = manifest.build(
            about, staged.counts, staged.changes.partitions, job.table.schema, spark.version
        )
        journal = _journal(staged, body, attempt, prints, places.manifest)
        put_journal(files, layout, attempt, journal)
    except Exception as fault:
        refuse_dropped(files, attempt, fault)
        undo(files, layout, attempt)
        raise
    log.info("journaled: %d files to add, %d to remove", len(journal.add), len(journal.remove))
    return Outcome(carry_out(files, layout, journal), is_repeated=False)


def _carry_on(files: Files, layout: Layout) -> None:
    if finished := recover(files, layout):
        log.info("run %s had been cut off after its journal: carried on to its end", finished)


def _stage(place: Place, arguments: Arguments) -> Stage:
    if arguments.format == "delta":
        return DeltaStage(place, deletion_vectors=arguments.deletion_vectors)
    return ParquetStage(place)


def _check(staged: Staged) -> None:
    """See that the figures close, as far as they are known before the commit."""
    changes = staged.changes
    manifest.check(staged.counts, staged.quarantine_rows)
    if changes.merge is None:
        rows = staged.counts.to_json()
        manifest.check_table(
            rows, changes.rows_before, changes.rows_after, "nothing was written to the table"
        )


def _repeat(files: Files, done: Journal, prints: str, target: str) -> Outcome:
    if done.fingerprint != prints:
        raise UsageError(
            f"--run-id: {done.run_id} is done, with other inputs ({len(done.manifest['inputs'])} objects, "
            f"or other contents of them); accepted: the same inputs, or a run id that was never used on this table"
        )
    publish_manifest(files, done, target)
    return Outcome(done, is_repeated=True)


def _journal(
    staged: Staged, body: dict[str, Any], attempt: Attempt, prints: str, manifest_uri: str
) -> Journal:
    return Journal(
        run_id=attempt.run_id,
        attempt=attempt.token,
        fingerprint=prints,
        manifest_uri=manifest_uri,
        manifest=body,
        quarantine=attempt.quarantine,
        quarantine_keep=list(staged.quarantine_files),
        add=staged.changes.add,
        remove=staged.changes.remove,
        merge=staged.changes.merge,
    )
