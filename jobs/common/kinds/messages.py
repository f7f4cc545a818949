"""Jobs that take raw messages to a clean table: read, judge, quarantine what is refused, stage the rest."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module

from pyspark.sql import DataFrame
from pyspark.sql.types import ArrayType, StringType, StructField, StructType

from jobs.common import manifest
from jobs.common.arguments import Arguments, base_parser, base_values
from jobs.common.commit.places import Places
from jobs.common.commit.stage import Stage
from jobs.common.commit.staging import Judged, parquet_files, rows_in, write_quarantine
from jobs.common.errors import UsageError
from jobs.common.files import Entry, Files
from jobs.common.quality import REASONS, Rule, judge
from jobs.common.readers import fast, portable
from jobs.common.readers.columns import Field
from jobs.common.readers.dataset import Dataset
from jobs.common.readers.inputs import find_objects, fingerprint, read_list, refuse_changed
from jobs.common.runner import Staged
from jobs.common.table import Table

READERS = ("auto", "fast", "portable")
log = logging.getLogger("jobs")


@dataclass(frozen=True, kw_only=True)
class MessageArguments(Arguments):
    """What a run on raw objects is asked to do."""

    inputs: tuple[str, ...]
    inputs_from: str | None
    reader: str


@dataclass(frozen=True)
class MessageJob:
    """A dataset's own part: what messages hold, when they are good, and which rows they become.

    `transform` takes accepted messages (`portable.message_schema(fields)`) to rows of `table.schema`; `derived` says
    the same to the native engine: the columns that messages do not have, in SQL that it knows as Spark does.
    A new `version` makes a new run of inputs that an older one has read. `form` is how objects hold the messages.
    """

    name: str
    version: str
    description: str
    fields: tuple[Field, ...]
    rules: tuple[Rule, ...]
    table: Table
    transform: Callable[[DataFrame], DataFrame]
    derived: Mapping[str, str]
    form: portable.Form = portable.LINES

    def parse(self, argv: Sequence[str]) -> MessageArguments:
        """Read the command line.

        Raises:
            SystemExit: With code 2 and the fault on stderr, where it is wrong; with 0 after `--help`.
        """
        parser = base_parser(self.name, self.description)
        add = parser.add_argument
        add(
            "--input",
            metavar="URI",
            action="append",
            default=[],
            help="file, folder, or glob where nothing bears that exact name; repeatable",
        )
        add("--inputs-from", metavar="URI", help="file with one literal URI a line")
        add("--quarantine", metavar="URI", required=True, help="folder for what is refused, with the reasons")
        add(
            "--reader",
            choices=READERS,
            default="auto",
            help="how objects are parsed: fast needs libraries of its own, auto takes it where it can "
            "(default: %(default)s)",
        )
        found = parser.parse_args(list(argv))
        if not found.input and not found.inputs_from:
            parser.error("one of the arguments --input --inputs-from is required")
        common = base_values(parser, found)
        return MessageArguments(
            **common, inputs=tuple(found.input), inputs_from=found.inputs_from, reader=found.reader
        )

    def find_inputs(self, files: Files, arguments: MessageArguments, places: Places) -> list[Entry]:
        """List the objects that the run reads.

        Raises:
            UsageError: Where there are none, or they are the run's own.
        """
        source = arguments.inputs_from
        literal = read_list(files, files.qualified(source)) if source else []
        if not arguments.inputs and not literal:
            raise UsageError(f"--inputs-from {source}: expected a URI a line, there is none in it")
        objects = find_objects(files, arguments.inputs, literal)
        places.refuse_own([entry.uri for entry in objects])
        return objects

    def fingerprint(self, files: Files, inputs: Sequence[Entry], arguments: MessageArguments) -> str:  # noqa: ARG002 - the same of every kind
        """Tell one list of inputs from another."""
        return fingerprint(inputs)

    def _is_fast(self, stage: Stage, about: manifest.Run, arguments: MessageArguments) -> bool:
        """Choose the reader, and say which it is."""
        if arguments.reader == "portable":
            return False
        why = fast.hindrance(
            stage.spark,
            [stage.layout.table, str(stage.attempt.quarantine), *(one.uri for one in about.inputs)],
        )
        if why and arguments.reader == "fast":
            raise UsageError(
                f"--reader fast: cannot be taken here: {why}; accepted: --reader auto or portable, or see "
                "docs/device_readings.md for what it needs"
            )
        if why:
            log.info("the fast reader is not taken: %s", why)
        return why is None

    def stage(self, stage: Stage, about: manifest.Run, arguments: MessageArguments) -> Staged:
        """Read, judge, stage, and see that every row is accounted for."""
        if self._is_fast(stage, about, arguments):
            dataset = Dataset(self.fields, self.rules, self.derived, self.form)
            return import_module("jobs.common.kinds.natively").staged(stage, about, dataset)  # type: ignore[no-any-return] # imported where its libraries are
        schema = StructType(
            [*portable.message_schema(self.fields), StructField(REASONS, ArrayType(StringType()))]
        )
        judged = Judged(stage.spark, f"{stage.attempt.folder}/judged", schema)
        messages, tasks = portable.read(
            stage.spark, about.inputs, self.fields, f"{stage.attempt.folder}/inputs", self.form
        )
        log.info("reading with the portable reader")
        judged.write(judge(messages, self.rules))
        refuse_changed(stage.files, list(about.inputs))
        manifest.check_objects(tasks.objects(), len(about.inputs))
        quarantined = judged.first_reasons()
        log.info("read %d, quarantined %d", tasks.messages(), sum(quarantined.values()))
        folder = str(stage.attempt.quarantine)
        if quarantined:
            write_quarantine(judged.refused(), folder, stage.file_bytes)
        good = judged.good_files(stage.files)
        accepted = rows_in(stage.files, good)
        changes = stage.prepare(self.transform(judged.good()), sum(entry.size for entry in good))
        refused = parquet_files(stage.files, folder)
        counts = manifest.RowCounts(
            read=tasks.messages(),
            accepted=accepted,
            inserted=changes.inserted,
            updated=changes.updated,
            duplicates=changes.duplicates,
            quarantined=quarantined,
        )
        return Staged(counts, changes, rows_in(stage.files, refused), [entry.name for entry in refused])
