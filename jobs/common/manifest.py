"""The run manifest: the contract between jobs and all that comes after them (decision D4)."""

import json
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from pyspark.sql.types import StructType

import jobs
from jobs.common.errors import JobFailed
from jobs.common.files import Entry


@dataclass(frozen=True, kw_only=True)
class RowCounts:
    """Where every row read has gone: `quarantined` by first reason.

    A kind of job that makes its rows from other rows counts these as `source_rows`, and can have `deleted` rows; then
    `duplicates` are rows that were already so. A kind that has no such figure leaves it out (None).
    """

    read: int
    accepted: int
    inserted: int
    updated: int
    duplicates: int
    deleted: int | None = None
    quarantined: Mapping[str, int] | None = None
    source_rows: int | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the figures that there are."""
        return {name: figure for name, figure in asdict(self).items() if figure is not None}


@dataclass(frozen=True)
class Partition:
    """A partition that the run has touched, as it is after it; `changed_hours` are UTC hours, 0 to 23."""

    values: Mapping[str, str]
    files: int
    bytes: int
    rows: int
    changed_hours: Sequence[int]


def check(counts: RowCounts, quarantine_rows: int) -> None:
    """Hold the counts against each other, and against the rows of the run's quarantine by its files' footers.

    Raises:
        JobFailed: Where they do not close: rows would be lost or invented.
    """
    quarantined = sum((counts.quarantined or {}).values())
    _close(
        {
            "read = accepted + quarantined": (counts.read, counts.accepted + quarantined),
            "accepted = inserted + updated + duplicates": (
                counts.accepted,
                counts.inserted + counts.updated + counts.duplicates,
            ),
            "rows in quarantine = quarantined": (quarantine_rows, quarantined),
        },
        "nothing was written to the table",
    )


def check_table(rows: Mapping[str, int], before: int, after: int, so_far: str) -> None:
    """Hold the counts against the rows of the touched partitions, before and after the run, by their files' footers.

    Raises:
        JobFailed: Where they do not close; it says what has been done `so_far`.
    """
    expected = before + rows["inserted"] - rows.get("deleted", 0)
    law = "rows after = rows before + inserted" + (" - deleted" if "deleted" in rows else "")
    _close({law: (after, expected)}, so_far)


def check_counted(law: str, found: int, expected: int) -> None:
    """Hold two counts of the same rows against each other before the commit; `law` is what `found = expected` says.

    Raises:
        JobFailed: Where they differ.
    """
    if found != expected:
        raise JobFailed(
            f"the accounting does not close: {law}: {found} is not {expected}; nothing was written to the table; "
            "this is a fault of the job or of the machine: keep the logs and report it"
        )


def _close(equations: Mapping[str, tuple[int, int]], so_far: str) -> None:
    wrong = [f"{law}: {left} is not {right}" for law, (left, right) in equations.items() if left != right]
    if wrong:
        raise JobFailed(
            f"the accounting does not close: {'; '.join(wrong)}; {so_far}; where files that no "
            "run has written stand in a touched partition, see that they hold each key once and none of the table's; "
            "else this is a fault of the job or of the machine: keep the logs and report it"
        )


def check_objects(read: int, listed: int) -> None:
    """See that the tasks have read every object that was listed.

    Raises:
        JobFailed: Where they have not.
    """
    if read != listed:
        raise JobFailed(
            f"{listed} objects were listed, {read} were read; nothing was written to the table; see the log for "
            "objects that Spark has passed over (those with no '}' in 16 MiB hold no messages: leave them out)"
        )


@dataclass(frozen=True)
class Run:
    """What is known of a run before it reads."""

    job: str
    job_version: str
    run_id: str
    started_at: str
    inputs: Sequence[Entry]


def build(
    run: Run, counts: RowCounts, partitions: Sequence[Partition], schema: StructType, spark_version: str
) -> dict[str, Any]:
    """Return the manifest of a run that is done, as JSON's types."""
    return {
        "job": run.job,
        "run_id": run.run_id,
        "status": "done",
        "started_at": run.started_at,
        "finished_at": now(),
        "inputs": [{"uri": entry.uri, "size": entry.size, "etag": entry.etag} for entry in run.inputs],
        "rows": counts.to_json(),
        "partitions": [asdict(partition) for partition in partitions],
        "schema": json.loads(schema.json()),
        "versions": {
            "suite": jobs.__version__,
            "job": run.job_version,
            "spark": spark_version,
            "python": platform.python_version(),
        },
    }


def now() -> str:
    """Return this instant as RFC 3339 in UTC."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
