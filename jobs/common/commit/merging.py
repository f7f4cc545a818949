"""The merge of a Delta commit: one transaction that bears the run's id, so that it is done once.

Where there is no table yet, the transaction that makes it holds the rows.

The transaction's id (`txnAppId`) makes a merge that is told again do nothing; the metadata on it tells which version
the run has made, and Delta's own figures of that version are those of the manifest.
https://docs.delta.io/latest/delta-batch.html#idempotent-writes
"""

import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, TypeAlias
from uuid import uuid4

from py4j.protocol import Py4JJavaError
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import StructType

from jobs.common import manifest
from jobs.common.commit import delta_log, delta_table
from jobs.common.commit.changes import partition_name
from jobs.common.commit.delta_log import Commit, DataFile
from jobs.common.commit.journal import Journal, Merge
from jobs.common.commit.layout import Layout
from jobs.common.commit.staging import read_parquet
from jobs.common.errors import JobFailed, UsageError
from jobs.common.files import Files, in_parallel
from jobs.common.files.faults import is_missing
from jobs.common.session import knows_delta, settings
from jobs.common.table import BUCKET, DELETED, DUPLICATE

_MIB = 1024 * 1024
_VECTORS = "delta.enableDeletionVectors"
_OF_MERGES = {
    "inserted": "numTargetRowsInserted",
    "updated": "numTargetRowsUpdated",
    "deleted": "numTargetRowsDeleted",
}
_Change: TypeAlias = Callable[[SparkSession, str, Merge, StructType], None]
log = logging.getLogger("jobs")


def carry_out_merge(files: Files, layout: Layout, journal: Journal) -> Journal:
    """Do a journal's merge, or find it done, and return the journal with the manifest's figures as they became.

    Raises:
        UsageError: Where the session does not know Delta.
        JobFailed: Where the figures do not close.
    """
    merge = journal.merge
    if merge is None:
        return journal
    if not knows_delta(files.spark):
        raise UsageError(
            f"{layout.journal}: run {journal.run_id} was cut off while it changed this Delta table, and is to be "
            "carried on first, for which this run is not set up; accepted: --format delta"
        )
    schema = StructType.fromJson(journal.manifest["schema"])
    made = _made(files, layout.table, journal, merge)
    if made is None:
        change = _change(files, layout.table, merge)
        with settings(files.spark, _own_settings(journal, merge)):
            change(files.spark, layout.table, merge, schema)
        made = _made(files, layout.table, journal, merge)
    if made:
        _check(files, made)
    else:
        log.warning(
            "%s: the log does not tell of run %s: its staged figures stand", layout.table, journal.run_id
        )
    return replace(journal, manifest=_with_figures(files, layout.table, journal, merge, made))


def _own_settings(journal: Journal, merge: Merge) -> dict[str, str]:
    return {
        "spark.databricks.delta.commitInfo.userMetadata": _metadata(journal),
        # With the attempt: a run whose record somebody has removed on purpose can be done again.
        "spark.databricks.delta.write.txnAppId": f"{journal.run_id} {journal.attempt}",
        "spark.databricks.delta.write.txnVersion": "1",
        "spark.databricks.delta.history.metricsEnabled": "true",
        # It would be a second commit with the same metadata.
        "spark.databricks.delta.autoCompact.enabled": "false",
        # Staged files do not change: they can be read again.
        "spark.databricks.delta.merge.materializeSource": "none",
        "spark.databricks.delta.merge.deletionVectors.persistent": str(merge.deletion_vectors).lower(),
        "spark.databricks.delta.optimizeWrite.enabled": "true",
        "spark.databricks.delta.optimizeWrite.binSize": f"{max(1, merge.file_bytes // _MIB)}m",
    }


def _metadata(journal: Journal) -> str:
    return json.dumps({"run_id": journal.run_id, "attempt": journal.attempt})


def _change(files: Files, place: str, merge: Merge) -> _Change:
    """Say how the table is changed, and see that it knows deletion vectors where they are wanted."""
    if not delta_log.is_delta(files, place):
        if merge.version != delta_log.NO_TABLE:
            raise JobFailed(
                f"{place}: expected the Delta table that was there (version {merge.version}), found none; "
                "restore it, and run the same command again"
            )
        return _create
    if merge.deletion_vectors:
        properties = delta_table.detail(files.spark, place)["properties"]
        if properties.get(_VECTORS) != "true":
            files.spark.sql(
                f"ALTER TABLE {delta_table.named(place)} SET TBLPROPERTIES ('{_VECTORS}' = 'true')"
            )
    return _merge


def _create(spark: SparkSession, place: str, merge: Merge, schema: StructType) -> None:
    rows = _source(spark, place, merge, schema).filter(F.col(BUCKET) != DELETED).select(*schema.names)
    # Should somebody else make the table at this moment, this fails, and the next run merges.
    writer = rows.write.format("delta").mode("errorifexists").partitionBy(*merge.partition_by)
    writer.option(_VECTORS, str(merge.deletion_vectors).lower()).save(place)


def _merge(spark: SparkSession, place: str, merge: Merge, schema: StructType) -> None:
    view = f"merge_source_{uuid4().hex}"
    _source(spark, place, merge, schema).createOrReplaceTempView(view)
    target = f"{delta_table.named(place)} AS t"
    try:
        spark.sql(f"MERGE INTO {target} USING {view} AS s ON {_condition(merge, schema)} {_clauses(merge)}")
    finally:
        spark.catalog.dropTempView(view)


def _source(spark: SparkSession, place: str, merge: Merge, schema: StructType) -> DataFrame:
    folder = f"{place}/{merge.source}"
    places = [f"{folder}/{name}" for name in merge.files]
    with_action = StructType([*schema.fields]).add(BUCKET, "string")
    rows = read_parquet(spark, with_action, places, folder)
    return rows.filter(F.col(BUCKET) != DUPLICATE)


def _condition(merge: Merge, schema: StructType) -> str:
    keys = " AND ".join(f"t.`{name}` = s.`{name}`" for name in merge.key)
    return f"{delta_table.in_partitions(schema, merge.partitions, 't.')} AND {keys}"


def _clauses(merge: Merge) -> str:
    if merge.rank is None:
        return (
            f"WHEN MATCHED AND s.{BUCKET} = '{DELETED}' THEN DELETE WHEN MATCHED THEN UPDATE SET * "
            f"WHEN NOT MATCHED AND s.{BUCKET} <> '{DELETED}' THEN INSERT *"
        )
    own, there = (", ".join(f"{side}.`{name}`" for name in merge.rank) for side in "st")
    return (
        f"WHEN MATCHED AND struct({own}) > struct({there}) THEN UPDATE SET * WHEN NOT MATCHED THEN INSERT *"
    )


def _made(files: Files, place: str, journal: Journal, merge: Merge) -> Commit | None:
    """Find the version that the run has made."""
    later = delta_log.commits_after(files, place, merge.version)
    own = [commit for commit in later if commit.user_metadata == _metadata(journal)]
    # The oldest: should a table be compacted after each commit, that bears the same words.
    return own[-1] if own else None


def _counted(made: Commit) -> dict[str, int]:
    """Return the rows by what Delta did with them: a merge counts each kind, the making of a table what it writes."""
    figures = {"inserted": "numOutputRows"} if _OF_MERGES["inserted"] not in made.metrics else _OF_MERGES
    missing = [figure for figure in figures.values() if figure not in made.metrics]
    if missing:
        raise JobFailed(
            f"version {made.version} of the Delta table: expected the figures {', '.join(missing)} in its log, found "
            f"{sorted(made.metrics)}; the version stands; keep the logs and report it, with Delta's version"
        )
    return dict.fromkeys(_OF_MERGES, 0) | {
        name: int(made.metrics[figure]) for name, figure in figures.items()
    }


def _check(files: Files, made: Commit) -> None:
    """Hold Delta's figures against the rows of the files that it took out and of those that it brought in."""
    so_far = f"version {made.version} of the Delta table is written"
    try:
        before = _rows(files, made.removed)
    except Py4JJavaError as fault:
        if not is_missing(fault):
            raise
        log.warning("%s, and files that it replaced are vacuumed: its figures stand unchecked", so_far)
        return
    after = _rows(files, made.added)
    manifest.check_table(_counted(made), before, after, so_far)


def _rows(files: Files, held: Sequence[DataFile]) -> int:
    stored = in_parallel(files.parquet_rows, [file.uri for file in held])
    return sum(stored) - sum(file.deleted_rows for file in held)


def _with_figures(
    files: Files, place: str, journal: Journal, merge: Merge, made: Commit | None
) -> dict[str, Any]:
    """Fill in what only the merge has shown: its counts, and the touched partitions as they are after it."""
    found = journal.manifest
    counted = _counted(made) if made else {}
    rows = {**found["rows"], **{name: count for name, count in counted.items() if name in found["rows"]}}
    rows["duplicates"] = rows["accepted"] - rows["inserted"] - rows["updated"]
    if rows != found["rows"]:
        log.warning("%s: changed by others since run %s was staged", place, journal.run_id)
    version = made.version if made else delta_log.latest_version(files, place)
    after = _stored(files.spark, place, version, merge)
    nothing = {"files": 0, "bytes": 0, "rows": 0}
    partitions = [
        {**partition, **after.get(partition_name(partition["values"]), nothing)}
        for partition in found["partitions"]
    ]
    finished = {"finished_at": manifest.now(), "table_version": version}
    return {**found, **finished, "rows": rows, "partitions": partitions}


def _stored(spark: SparkSession, place: str, version: int, merge: Merge) -> dict[str, dict[str, int]]:
    """Count files, bytes and rows of the touched partitions in one version, by the files' footers."""
    table = delta_table.at_version(spark, place, version)
    touched = {partition_name(values) for values in merge.partitions}
    by_file = (
        table.filter(delta_table.in_partitions(table.schema, merge.partitions))
        .groupBy(*merge.partition_by, "_metadata.file_path", "_metadata.file_size")
        .count()
    )
    by_partition = by_file.groupBy(*merge.partition_by).agg(
        F.count("*").alias("files"), F.sum("file_size").alias("bytes"), F.sum("count").alias("rows")
    )
    found = {}
    for row in by_partition.collect():
        at = partition_name({name: str(row[name]) for name in merge.partition_by})
        if at in touched:
            found[at] = {name: int(row[name]) for name in ("files", "bytes", "rows")}
    return found
