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


@dataclass(frozen=True)
class RowCounts:
    """Where every row read has gone: `quarantined` by first reason."""

    read: int
    accepted: int
    inserted: int
    updated: int
    duplicates: int
    quarantined: Mapping[str, int]


@dataclass(frozen=True)
class Partition:
    """A partition that the run has touched, as it is after it; `changed_hours` are UTC hours, 0 to 23."""

    values: Mapping[str, str]
    files: int
    bytes: int
    rows: int
    changed_hours: Sequence[int]


@dataclass(frozen=True)
class StoredRows:
    """What files hold by their footers: the touched partitions before and after the run, and its quarantine."""

    before: int
    after: int
    quarantine: int


def check(counts: RowCounts, stored: StoredRows) -> None:
    """Hold the counts against each other and against the files.

    Raises:
        JobFailed: Where they do not close: rows would be lost or invented.
    """
    quarantined = sum(counts.quarantined.values())
    equations = {
        "read = accepted + quarantined": (counts.read, counts.accepted + quarantined),
        "accepted = inserted + updated + duplicates": (
            counts.accepted,
            counts.inserted + counts.updated + counts.duplicates,
        ),
        "rows after = rows before + inserted": (stored.after, stored.before + counts.inserted),
        "rows in quarantine = quarantined": (stored.quarantine, quarantined),
    }
    wrong = [f"{law}: {left} is not {right}" for law, (left, right) in equations.items() if left != right]
    if wrong:
        raise JobFailed(
            f"the accounting does not close: {'; '.join(wrong)}; nothing was written to the table; where files that no "
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
        "rows": asdict(counts),
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
