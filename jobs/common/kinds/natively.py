"""Messages to staged rows by the native engine: the same places, laws and counts as the portable way."""

import logging
from collections.abc import Mapping, Sequence

from jobs.common import manifest
from jobs.common.commit.changes import Changes, Summary, partition_name
from jobs.common.commit.parquet import ParquetStage
from jobs.common.commit.stage import Stage
from jobs.common.commit.staging import parquet_files, rows_by_partition, rows_in
from jobs.common.files import Entry, in_parallel
from jobs.common.native import planning, running
from jobs.common.native.reading import Reading
from jobs.common.native.spreading import Values
from jobs.common.native.stores import Stores, settings_wanted, stores_of
from jobs.common.native.writing import WriteReport, Writing
from jobs.common.readers.dataset import Dataset
from jobs.common.readers.fast import hadoop_settings
from jobs.common.readers.inputs import refuse_changed
from jobs.common.runner import Staged
from jobs.common.table import DELETED, DUPLICATE, INSERTED, UPDATED

log = logging.getLogger("jobs")


def staged(stage: Stage, about: manifest.Run, dataset: Dataset) -> Staged:
    """Read, judge, stage, and see that every row is accounted for."""
    log.info("reading with the fast reader")
    stores, folder = _stores(stage, about), f"{stage.attempt.folder}/rows"
    stores.make_folder(folder)
    found = running.read(
        stage.spark, about.inputs, lambda tasks: Reading(stores, dataset, stage.table, folder, tasks)
    )
    refuse_changed(stage.files, list(about.inputs))
    manifest.check_objects(found.objects, len(about.inputs))
    log.info("read %d, quarantined %d", found.messages, sum(found.quarantined.values()))
    writing = Writing(stores, stage.table, f"{stage.attempt.folder}/unique", folder)
    refused = _quarantine(stage, folder, running.refuse(stage.spark, writing, found.refused))
    changes = _changes(stage, found, writing) if found.accepted else Changes()
    counts = manifest.RowCounts(
        read=found.messages,
        accepted=found.accepted,
        inserted=changes.inserted,
        updated=changes.updated,
        duplicates=changes.duplicates,
        quarantined=found.quarantined,
    )
    return Staged(counts, changes, rows_in(stage.files, refused), [entry.name for entry in refused])


def _quarantine(stage: Stage, aside: str, names: Sequence[str]) -> list[Entry]:
    """Bring files of refused messages to their place: a task that nobody waits for any more never writes there."""
    folder = str(stage.attempt.quarantine)
    if names:
        stage.files.make_folder(folder)
    in_parallel(lambda name: stage.files.move(f"{aside}/{name}", f"{folder}/{name}"), list(names))
    return [entry for entry in parquet_files(stage.files, folder) if entry.name in names]


def _stores(stage: Stage, about: manifest.Run) -> Stores:
    places = [stage.layout.table, str(stage.attempt.quarantine), *(entry.uri for entry in about.inputs)]
    return stores_of(hadoop_settings(stage.spark, settings_wanted(places)), places)


def _changes(stage: Stage, found: planning.Read, writing: Writing) -> Changes:
    """Write what was read as files, merged with what the table holds where that is done before the commit."""
    by = stage.table.partition_by
    names = {values: partition_name(dict(zip(by, values, strict=True))) for values in found.partitions}
    met = {at: entries for at, entries in stage.met().items() if at in names.values()}
    rows = rows_by_partition(stage.files, met)
    held = {at: planning.Held(entries, rows[at]) for at, entries in met.items()}
    bits = planning.bits_of(found, names, held, stage.file_bytes)
    old = running.part_old(stage.spark, writing, held, bits)
    reports = running.write(stage.spark, writing, planning.files_to_be(found, names, held, bits, old))
    by_place: dict[str, list[WriteReport]] = {}
    for report in reports:
        by_place.setdefault(report.file.at, []).append(report)
    _check(found, by_place, held)
    after = {at: _entries(own) for at, own in by_place.items()}
    if not isinstance(stage, ParquetStage):
        return stage.compared(writing.folder, after, found.accepted)
    summaries = {names[values]: _summary(values, by, by_place[names[values]]) for values in names}
    changed = sum(report.inserted + report.updated for report in reports)
    return stage.written(summaries, after, found.accepted - changed)


def _check(
    found: planning.Read, by_place: Mapping[str, list[WriteReport]], held: Mapping[str, planning.Held]
) -> None:
    """See that all rows have arrived, and that of those of a new partition each key has one."""
    reports = [report for own in by_place.values() for report in own]
    manifest.check_counted(
        "rows that arrived = rows accepted", sum(report.accepted for report in reports), found.accepted
    )
    new = [report for report in reports if report.file.at not in held]
    manifest.check_counted(
        "rows staged = keys of the accepted rows",
        sum(report.rows for report in new),
        sum(report.keys for report in new),
    )


def _entries(reports: Sequence[WriteReport]) -> list[Entry]:
    return [
        Entry(report.uri, report.bytes, modified=0, etag=None, is_folder=False)
        for report in reports
        if report.uri
    ]


def _summary(values: Values, names: Sequence[str], reports: Sequence[WriteReport]) -> Summary:
    inserted = sum(report.inserted for report in reports)
    updated = sum(report.updated for report in reports)
    actions = {
        INSERTED: inserted,
        UPDATED: updated,
        DELETED: 0,
        DUPLICATE: sum(report.keys for report in reports) - inserted - updated,
    }
    hours = sorted({hour for report in reports for hour in report.hours})
    return Summary(dict(zip(names, values, strict=True)), actions, hours)
