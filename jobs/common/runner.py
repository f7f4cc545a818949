"""A job's run from its command line to its manifest."""

import hashlib
import logging
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.types import ArrayType, StringType, StructField, StructType

from jobs.common import manifest
from jobs.common.arguments import Arguments, parse
from jobs.common.commit.changes import Changes, Stage
from jobs.common.commit.journal import (
    STAGED,
    Journal,
    carry_out,
    check_kill_point,
    publish_manifest,
    reach,
    read_journal,
)
from jobs.common.commit.layout import Layout
from jobs.common.commit.recovery import Attempt, begin, put_journal, recover, refuse_dropped, undo
from jobs.common.commit.staging import Judged, quarantine_files, rows_in, write_quarantine
from jobs.common.errors import JobFailed, UsageError
from jobs.common.files import Entry, Files
from jobs.common.places import Places
from jobs.common.quality import REASONS, Rule, judge
from jobs.common.readers import portable
from jobs.common.readers.columns import Field
from jobs.common.readers.inputs import find_objects, fingerprint, read_list, refuse_changed
from jobs.common.session import build
from jobs.common.table import Table

_MIB = 1024 * 1024
_INTERRUPTED = 130
log = logging.getLogger("jobs")


@dataclass(frozen=True)
class Job:
    """A dataset's own part: what messages hold, when they are good, and which rows they become.

    `transform` takes accepted messages (`portable.message_schema(fields)`) to rows of `table.schema`.
    A new `version` makes a new run of inputs that an older one has read.
    """

    name: str
    version: str
    description: str
    fields: tuple[Field, ...]
    rules: tuple[Rule, ...]
    table: Table
    transform: Callable[[DataFrame], DataFrame]


def main(job: Job, argv: Sequence[str]) -> int:
    """Run a job and return its exit code: 0 done, 1 the data or the job failed, 2 wrong usage, 130 interrupted."""
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(name)s: %(message)s")
    logging.getLogger("py4j").setLevel(logging.WARNING)
    arguments = parse(job.name, job.description, argv)
    try:
        done = run(job, arguments, build(job.name))
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
        quarantined = sum(rows["quarantined"].values())
        counts = ", ".join(
            f"{name} {rows[name]}" for name in ("read", "accepted", "inserted", "updated", "duplicates")
        )
        note = " (done before: recorded manifest written)" if self.is_repeated else ""
        return (
            f"{self.journal.manifest['job']} {self.journal.run_id}: {counts}, quarantined {quarantined}{note}"
        )


def run(job: Job, arguments: Arguments, spark: SparkSession) -> Outcome:
    """Do one run, or find that it is done.

    Raises:
        UsageError: Where the command line points at nothing, at its own output, or at a run of other inputs.
        JobFailed: Where the run cannot be done; the table is as it was, or its commit will be carried on.
    """
    check_kill_point()
    files, started_at = Files(spark), manifest.now()
    places = _places(files, arguments)
    places.check(files)
    layout = Layout(places.output)
    if finished := recover(files, layout):
        log.info("run %s had been cut off after its journal: carried on to its end", finished)
    objects = _objects(files, arguments, places)
    prints = fingerprint(objects)
    run_id = arguments.run_id or "r" + hashlib.sha256(f"{job.version}\n{prints}".encode()).hexdigest()[:16]
    log.info(
        "%s %s: %d objects, %d bytes", job.name, run_id, len(objects), sum(entry.size for entry in objects)
    )
    if done := read_journal(files, layout.record(run_id)):
        return _repeat(files, done, prints, places.manifest)
    places.claim(files)
    attempt = begin(files, layout, run_id, places.quarantine)
    try:
        stage = Stage(spark, job.table, layout, attempt, arguments.target_file_mib * _MIB)
        body = _stage(job, stage, manifest.Run(job.name, job.version, run_id, started_at, objects))
        reach(STAGED)
        journal = _journal(body, attempt, prints, places.manifest)
        put_journal(files, layout, attempt, journal)
    except Exception as fault:
        refuse_dropped(files, attempt, fault)
        undo(files, layout, attempt)
        raise
    log.info("journaled: %d files to add, %d to remove", len(journal.add), len(journal.remove))
    carry_out(files, layout, journal)
    return Outcome(journal, is_repeated=False)


@dataclass(frozen=True)
class _Body:
    manifest: dict[str, object]
    changes: Changes
    quarantine_files: list[str]


def _places(files: Files, arguments: Arguments) -> Places:
    return Places(
        *(files.qualified(uri) for uri in (arguments.output, arguments.quarantine, arguments.manifest))
    )


def _objects(files: Files, arguments: Arguments, places: Places) -> list[Entry]:
    literal = read_list(files, files.qualified(arguments.inputs_from)) if arguments.inputs_from else []
    if not arguments.inputs and not literal:
        raise UsageError(f"--inputs-from {arguments.inputs_from}: expected a URI a line, there is none in it")
    objects = find_objects(files, arguments.inputs, literal)
    own = (f"{places.output}/", f"{places.quarantine}/")
    inside = [entry.uri for entry in objects if entry.uri.startswith(own) or entry.uri == places.manifest]
    if inside:
        raise UsageError(
            f"--input: {inside[0]} ({len(inside)} objects in all) lies in the run's own output or quarantine, "
            "or is its manifest; accepted: inputs outside of them"
        )
    return objects


def _repeat(files: Files, done: Journal, prints: str, target: str) -> Outcome:
    if done.fingerprint != prints:
        raise UsageError(
            f"--run-id: {done.run_id} is done, with other inputs ({len(done.manifest['inputs'])} objects, "
            f"or other contents of them); accepted: the same inputs, or a run id that was never used on this table"
        )
    publish_manifest(files, done, target)
    return Outcome(done, is_repeated=True)


def _journal(body: _Body, attempt: Attempt, prints: str, manifest_uri: str) -> Journal:
    return Journal(
        run_id=attempt.run_id,
        attempt=attempt.token,
        fingerprint=prints,
        manifest_uri=manifest_uri,
        manifest=body.manifest,
        quarantine=attempt.quarantine,
        quarantine_keep=body.quarantine_files,
        add=body.changes.add,
        remove=body.changes.remove,
    )


def _stage(job: Job, stage: Stage, about: manifest.Run) -> _Body:
    """Read, judge, stage, and see that every row is accounted for."""
    schema = StructType([*portable.message_schema(job.fields), StructField(REASONS, ArrayType(StringType()))])
    judged = Judged(stage.spark, f"{stage.attempt.folder}/judged", schema)
    messages, tasks = portable.read(stage.spark, about.inputs, job.fields, f"{stage.attempt.folder}/inputs")
    log.info("reading with the portable reader")
    judged.write(judge(messages, job.rules))
    refuse_changed(stage.files, list(about.inputs))
    manifest.check_objects(tasks.objects(), len(about.inputs))
    quarantined = judged.first_reasons()
    log.info("read %d, quarantined %d", tasks.messages(), sum(quarantined.values()))
    if quarantined:
        write_quarantine(judged.refused(), stage.attempt.quarantine, stage.file_bytes)
    good = judged.good()
    accepted = good.count()
    changes = stage.prepare(job.transform(good), judged.good_bytes(stage.files))
    counts = manifest.RowCounts(
        tasks.messages(), accepted, changes.inserted, changes.updated, changes.duplicates, quarantined
    )
    refused = quarantine_files(stage.files, stage.attempt.quarantine)
    stored = manifest.StoredRows(changes.rows_before, changes.rows_after, rows_in(stage.files, refused))
    manifest.check(counts, stored)
    body = manifest.build(about, counts, changes.partitions, job.table.schema, stage.spark.version)
    return _Body(body, changes, [entry.name for entry in refused])
