"""Hours of days: which ones manifests say have changed, which ones that reaches, and the rows that stand in them."""

import json
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any, TypeAlias

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs.common.errors import UsageError
from jobs.common.files import Entry, Files, in_parallel, is_hidden

Hour: TypeAlias = tuple[date, int]

_HOURS_A_DAY = 24


def find_manifests(files: Files, uris: Sequence[str]) -> list[Entry]:
    """List the distinct manifests of `uris`, sorted: files, or folders, of which the `.json` files count.

    Raises:
        UsageError: Where there are none; all such places at once.
    """
    found = {uri: _manifests(files, files.qualified(uri)) for uri in uris}
    empty = [uri for uri, entries in found.items() if not entries]
    if empty:
        raise UsageError(
            f"--changes-from: nothing there: {', '.join(empty)}; accepted: a manifest, or a folder of them (*.json)"
        )
    return sorted({entry.uri: entry for entries in found.values() for entry in entries}.values())


def changed_hours(
    files: Files, manifests: Sequence[Entry], job: str, partition: str, runs: frozenset[str]
) -> frozenset[Hour]:
    """Return the hours that runs of `job` have changed, by their manifests.

    `runs` are those that the table knows; where it knows of none, any will do.

    Raises:
        UsageError: Where a file is no manifest of such a run, or the run is not done; all faults at once.
    """
    hours: set[Hour] = set()
    faults = []
    for entry, content in zip(
        manifests, in_parallel(lambda one: files.read(one.uri), [*manifests]), strict=True
    ):
        try:
            hours |= _hours_of(content, job, partition, runs)
        except ValueError as fault:
            faults.append(f"{entry.uri}: {fault}")
    if faults:
        raise UsageError(f"--changes-from: {'; '.join(faults)}")
    return frozenset(hours)


def runs_of(files: Files, manifests: Sequence[Entry]) -> list[str]:
    """Return the ids of the runs that manifests tell of, sorted."""
    contents = in_parallel(lambda one: files.read(one.uri), [*manifests])
    return sorted(str(json.loads(content)["run_id"]) for content in contents)


def shifted(hours: Iterable[Hour], days: range) -> frozenset[Hour]:
    """Return the same hours of the days that lie so many days later, or with numbers below zero earlier."""
    return frozenset((day + timedelta(days=by), hour) for day, hour in hours for by in days)


def days_of(hours: Iterable[Hour]) -> list[date]:
    """Return the days that hours stand in, in their order."""
    return sorted({day for day, _ in hours})


def within(rows: DataFrame, partition: str, time: str, hours: Iterable[Hour]) -> DataFrame:
    """Keep the rows of some hours; `partition` is the date and `time` the instant, and neither is null."""
    return rows.filter(_stands_in(partition, time, hours))


def without(rows: DataFrame, partition: str, time: str, hours: Iterable[Hour]) -> DataFrame:
    """Leave out the rows of some hours; `partition` is the date and `time` the instant, and neither is null."""
    return rows.filter(~_stands_in(partition, time, hours))


def _stands_in(partition: str, time: str, hours: Iterable[Hour]) -> Column:
    """Ask for some hours without a join, which would be a job of its own each time.

    Hours that are asked for on the same days go together, so there are 24 clauses at most and mostly one. They are one
    text, as each literal is a call to the JVM, and some thousand hours have as many.
    """
    days_at: dict[int, set[date]] = {}
    for day, hour in hours:
        days_at.setdefault(hour, set()).add(day)
    hours_on: dict[frozenset[date], list[int]] = {}
    for hour, days in sorted(days_at.items()):
        hours_on.setdefault(frozenset(days), []).append(hour)
    clauses = [
        f"(hour(`{time}`) IN ({_listed(alike)}) AND "
        f"`{partition}` IN ({_listed(f'DATE{day.isoformat()!r}' for day in sorted(days))}))"
        for days, alike in hours_on.items()
    ]
    return F.expr(" OR ".join(clauses) or "false")


def _listed(values: Iterable[object]) -> str:
    return ", ".join(map(str, values))


def _manifests(files: Files, uri: str) -> list[Entry]:
    entry = files.find(uri)
    if entry is None or not entry.is_folder:
        return [entry] if entry else []
    return [
        found
        for found in files.children(uri)
        if found.name.endswith(".json") and not found.is_folder and not is_hidden(found.name)
    ]


def _hours_of(content: bytes, job: str, partition: str, runs: frozenset[str]) -> set[Hour]:
    try:
        found = json.loads(content)
    except ValueError as fault:
        raise ValueError(f"expected a manifest, in JSON: {fault}") from fault
    told = found if isinstance(found, dict) else {}
    if told.get("job") != job or told.get("status") != "done":
        raise ValueError(
            f"expected the manifest of a run of {job} that is done, got job {told.get('job')!r} "
            f"and status {told.get('status')!r}"
        )
    if runs and told.get("run_id") not in runs:
        raise ValueError(
            f"run {told.get('run_id')!r} is none of those that the table of --input records in _runs"
        )
    try:
        return {hour for each in told["partitions"] for hour in _hours_of_partition(each, partition)}
    except (KeyError, TypeError, ValueError) as fault:
        raise ValueError(
            f"expected partitions with values.{partition} and changed_hours from 0 to 23, got {fault!r}"
        ) from fault


def _hours_of_partition(told: Any, partition: str) -> set[Hour]:
    day, hours = date.fromisoformat(told["values"][partition]), told["changed_hours"]
    wrong = [hour for hour in hours if type(hour) is not int or not 0 <= hour < _HOURS_A_DAY]
    if wrong:
        raise ValueError(f"changed_hours {wrong}")
    return {(day, hour) for hour in hours}
