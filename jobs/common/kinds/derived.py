"""Jobs that make a table from another table: wholly, or in the hours that runs on the other have changed."""

import hashlib
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, cast

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.common import manifest
from jobs.common.arguments import FORMATS, Arguments, base_parser, base_values, positive, refuse_no_places
from jobs.common.commit.places import Places
from jobs.common.commit.stage import Stage
from jobs.common.commit.staging import read_parquet
from jobs.common.errors import UsageError
from jobs.common.files import Entry, Files, one_scheme
from jobs.common.kinds.hours import (
    Hour,
    changed_hours,
    days_of,
    find_manifests,
    runs_of,
    shifted,
    within,
    without,
)
from jobs.common.kinds.sources import Source, SourceTable
from jobs.common.readers.inputs import fingerprint
from jobs.common.runner import Staged
from jobs.common.table import Table

InputFormat = Literal["auto", "parquet", "delta"]
log = logging.getLogger("jobs")


@dataclass(frozen=True, kw_only=True)
class DerivedArguments(Arguments):
    """What a run on another table is asked to do."""

    input: str
    input_format: InputFormat
    changes_from: tuple[str, ...]
    cadence_per_hour: int

    @property
    def uses_delta(self) -> bool:
        """Tell whether the session must know Delta, to write or to read."""
        return "delta" in (self.format, self.input_format)


@dataclass(frozen=True)
class _Measured:
    """Whole hours that were measured: their rows, how many these are, and how many rows of the source are in them."""

    rows: DataFrame
    hours: int
    source_rows: int


@dataclass(frozen=True)
class DerivedJob:
    """A dataset's own part: how whole hours of the source become rows, and how rows look back on earlier ones.

    `measure(rows, cadence)` takes all rows of some hours of the source to one row a key and hour, with a part of the
    table's columns: among them `counted`, the rows of the source in it, and `expected`, the cadence. `complete` adds
    the other columns, which may depend on the row and on those of the same hour of the `days_before` days before.
    A new `version` makes a new run of inputs that an older one has read.
    """

    name: str
    version: str
    description: str
    source: Source
    table: Table
    counted: str
    expected: str
    days_before: int
    measure: Callable[[DataFrame, int], DataFrame]
    complete: Callable[[DataFrame], DataFrame]

    def parse(self, argv: Sequence[str]) -> DerivedArguments:
        """Read the command line.

        Raises:
            SystemExit: With code 2 and the fault on stderr, where it is wrong; with 0 after `--help`.
        """
        parser = base_parser(self.name, self.description)
        add = parser.add_argument
        add("--input", metavar="URI", required=True, help=f"the table of {self.source.job}")
        add(
            "--input-format",
            choices=("auto", *FORMATS),
            default="auto",
            help="of that table (default: whichever is there)",
        )
        add(
            "--changes-from",
            metavar="URI",
            action="append",
            default=[],
            help=f"manifest of {self.source.job}, or folder of them: compute only what they change; repeatable "
            "(default: compute everything)",
        )
        add(
            "--cadence-per-hour",
            metavar="N",
            type=positive,
            default=1,
            help="readings that an hour should have (default: %(default)s)",
        )
        found = parser.parse_args(list(argv))
        refuse_no_places(parser, {"--input": found.input})
        return DerivedArguments(
            **base_values(parser, found),
            input=found.input,
            input_format=cast("InputFormat", found.input_format),
            changes_from=tuple(found.changes_from),
            cadence_per_hour=found.cadence_per_hour,
        )

    def find_inputs(self, files: Files, arguments: DerivedArguments, places: Places) -> list[Entry]:
        """List the manifests, or without any the files of the whole source.

        Raises:
            UsageError: Where they are none of the source's, or the source is the run's own table.
            JobFailed: Where the source is being written.
        """
        table = self._source(files, arguments)
        pair = (f"{one_scheme(table.place)}/", f"{one_scheme(places.output)}/")
        if pair[0].startswith(pair[1]) or pair[1].startswith(pair[0]):
            raise UsageError(
                f"--input: {table.place} and --output: {places.output} lie in each other; keep them apart"
            )
        if not arguments.changes_from:
            return table.entries(files)
        table.refuse_motion(files)
        manifests = find_manifests(files, arguments.changes_from)
        self._changed(files, table, manifests)
        return manifests

    def fingerprint(self, files: Files, inputs: Sequence[Entry], arguments: DerivedArguments) -> str:
        """Tell one list of inputs and one cadence from another.

        Manifests count by the runs that they tell of: a run that is repeated writes its manifest again.
        """
        prints = "\n".join(runs_of(files, inputs)) if arguments.changes_from else fingerprint(inputs)
        of_inputs = f"{prints}\n{bool(arguments.changes_from)}\n{arguments.cadence_per_hour}"
        return hashlib.sha256(of_inputs.encode()).hexdigest()

    def stage(self, stage: Stage, about: manifest.Run, arguments: DerivedArguments) -> Staged:
        """Measure the hours, hold them against those before, and stage what is not so in the table yet."""
        table = self._source(stage.files, arguments)
        if not arguments.changes_from:
            return self._everything(stage, table, about.inputs, arguments)
        if not stage.files.children(stage.layout.records):
            log.info("no run has written to the table yet: everything is computed, not only what has changed")
            return self._everything(stage, table, table.entries(stage.files), arguments)
        return self._changes(stage, table, self._changed(stage.files, table, about.inputs), arguments)

    def _source(self, files: Files, arguments: DerivedArguments) -> SourceTable:
        return SourceTable.find(files, self.source, arguments.input, arguments.input_format)

    def _changed(self, files: Files, table: SourceTable, manifests: Sequence[Entry]) -> frozenset[Hour]:
        return changed_hours(files, manifests, self.source.job, self.source.partition, table.runs(files))

    def _everything(
        self, stage: Stage, table: SourceTable, entries: Sequence[Entry], arguments: DerivedArguments
    ) -> Staged:
        measured = self._measured(
            stage,
            table.read(stage.spark, entries),
            arguments,
            lambda: table.refuse_changed(stage.files, entries),
        )
        return self._staged(
            stage, self.complete(measured.rows), stage.current(), measured.hours, measured.source_rows
        )

    def _changes(
        self, stage: Stage, table: SourceTable, changed: frozenset[Hour], arguments: DerivedArguments
    ) -> Staged:
        """Measure the changed hours anew and complete what looks back on them, with the table's rows of other hours."""
        source, days, time, own = self.source, days_of(changed), self.table.time, self.table.partition_by[0]
        partitions = [f"{source.partition}={day}" for day in days]
        entries = table.entries(stage.files, partitions)
        rows = table.read(stage.spark, entries).filter(F.col(source.partition).isin(days))
        rows = within(rows, source.partition, source.time, changed)
        measured = self._measured(
            stage, rows, arguments, lambda: table.refuse_changed(stage.files, entries, partitions)
        )
        before, after = (
            shifted(changed, range(-self.days_before, 1)),
            shifted(changed, range(self.days_before + 1)),
        )
        near = before | after
        held = stage.current([f"{own}={day}" for day in days_of(near)])
        self._refuse_other_cadence(stage.some(), arguments.cadence_per_hour)
        stay = without(within(held, own, time, near), own, time, changed)
        hours = stay.select(*measured.rows.columns).unionByName(measured.rows)
        result = within(self.complete(hours), own, time, after)
        expected = within(hours, own, time, after).count()
        return self._staged(stage, result, within(held, own, time, after), expected, measured.source_rows)

    def _measured(
        self, stage: Stage, rows: DataFrame, arguments: DerivedArguments, refuse_changed: Callable[[], None]
    ) -> _Measured:
        """Measure once, into files; all that follows comes from these.

        A source that changes meanwhile is `refuse_changed`'s to name, whatever it has led to.
        """
        folder = f"{stage.attempt.folder}/measured"
        measured = self.measure(rows, arguments.cadence_per_hour)
        try:
            measured.write.parquet(folder)
            written = read_parquet(stage.spark, measured.schema, [folder])
            hours, counted = self._counted(written)
            read = rows.count()
        except Exception:
            refuse_changed()
            raise
        refuse_changed()
        manifest.check_counted(f"rows counted in hours = rows read of {self.source.job}", counted, read)
        return _Measured(written, hours, counted)

    def _counted(self, measured: DataFrame) -> tuple[int, int]:
        row = measured.agg(F.count("*"), F.sum(self.counted)).first()
        return (int(row[0]), int(row[1] or 0)) if row else (0, 0)

    def _refuse_other_cadence(self, held: DataFrame, cadence: int) -> None:
        # A table has one: any row tells.
        other = held.select(self.expected).first()
        if other and other[0] != cadence:
            raise UsageError(
                f"--cadence-per-hour {cadence}: the table was computed with {other[0]}; accepted: {other[0]}, or a run "
                "without --changes-from, which computes everything anew"
            )

    def _staged(
        self, stage: Stage, result: DataFrame, current: DataFrame, expected: int, source_rows: int
    ) -> Staged:
        changes = stage.replace(result, current)
        read = changes.inserted + changes.updated + changes.duplicates
        manifest.check_counted("hours staged = hours to be completed", read, expected)
        counts = manifest.RowCounts(
            read=read,
            accepted=read,
            inserted=changes.inserted,
            updated=changes.updated,
            duplicates=changes.duplicates,
            deleted=changes.deleted,
            source_rows=source_rows,
        )
        return Staged(counts, changes)
