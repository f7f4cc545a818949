"""Hours of days: told by manifests, reached by others, and the rows in them."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyspark.sql import DataFrame, SparkSession

from jobs.common.errors import UsageError
from jobs.common.files import Files
from jobs.common.kinds.hours import changed_hours, days_of, find_manifests, shifted, within, without
from tests.jobs.common.tables import SCHEMA, row

LEAP, NEXT = date(2024, 2, 29), date(2024, 3, 1)
ANY: frozenset[str] = frozenset()


def told(day: str = "2024-02-29", hours: Any = (5,), **changes: Any) -> dict[str, Any]:
    partition = {"values": {"event_date": day}, "changed_hours": hours}
    return {"job": "readings", "status": "done", "run_id": "r1", "partitions": [partition], **changes}


def write(path: Path, content: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


@pytest.fixture
def files(spark: SparkSession) -> Files:
    return Files(spark)


def test_manifests_are_files_and_the_json_files_of_folders_each_once(files: Files, tmp_path: Path) -> None:
    kept = [write(tmp_path / name, told()) for name in ("m/a.json", "m/b.json", "single")]
    for other in ("m/_x.json", "m/.a.json.crc", "m/notes.txt", "m/below/c.json"):
        write(tmp_path / other, told())
    found = find_manifests(files, [str(tmp_path / "single"), str(tmp_path / "m"), f"{tmp_path}/m/a.json"])
    assert [entry.uri for entry in found] == [f"file:{path}" for path in kept]


def test_places_without_a_manifest_are_refused_together(files: Files, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError) as refused:
        find_manifests(files, [f"{tmp_path}/none.json", f"{tmp_path}/empty"])
    assert str(refused.value) == (
        f"--changes-from: nothing there: {tmp_path}/none.json, {tmp_path}/empty; "
        "accepted: a manifest, or a folder of them (*.json)"
    )


def test_changed_hours_are_those_of_all_manifests(files: Files, tmp_path: Path) -> None:
    write(tmp_path / "a.json", told(hours=[5, 23]))
    write(tmp_path / "b.json", told("2024-03-01", [0]))
    write(tmp_path / "c.json", told(partitions=[]))
    found = changed_hours(
        files, find_manifests(files, [str(tmp_path)]), "readings", "event_date", frozenset({"r1"})
    )
    assert found == {(LEAP, 5), (LEAP, 23), (NEXT, 0)}


FAULTS: dict[str, tuple[object, str]] = {
    "no JSON": ("{", "expected a manifest, in JSON: Expecting property name"),
    "no UTF-8": ("\udcff", "expected a manifest, in JSON: 'utf-8' codec"),
    "no object": ([1], "is done, got job None and status None"),
    "of another job": (told(job="other"), "is done, got job 'other' and status 'done'"),
    "not done": (told(status="failed"), "is done, got job 'readings' and status 'failed'"),
    "of another table": (
        told(run_id="r2"),
        "run 'r2' is none of those that the table of --input records in _runs",
    ),
    "no partitions": (told(partitions=None), "changed_hours from 0 to 23, got TypeError"),
    "no date": (told("yesterday"), "got ValueError(\"Invalid isoformat string: 'yesterday'\")"),
    "no hour": (told(hours=[24]), "got ValueError('changed_hours [24]')"),
    "no number": (told(hours=[True, "5"]), "got ValueError(\"changed_hours [True, '5']\")"),
}


def test_what_is_no_manifest_of_a_done_run_is_refused_all_at_once(files: Files, tmp_path: Path) -> None:
    for number, (content, _) in enumerate(FAULTS.values()):
        path = tmp_path / f"{number:02}.json"
        path.write_bytes(
            (content if isinstance(content, str) else json.dumps(content)).encode(errors="surrogateescape")
        )
    write(tmp_path / "good.json", told())
    found = find_manifests(files, [str(tmp_path)])
    with pytest.raises(UsageError) as refused:
        changed_hours(files, found, "readings", "event_date", frozenset({"r1"}))
    faults = str(refused.value).removeprefix("--changes-from: ").split(f"; file:{tmp_path}/")
    assert len(faults) == len(FAULTS)
    for number, (fault, (_, words)) in enumerate(zip(faults, FAULTS.values(), strict=True)):
        assert f"{number:02}.json: " in fault
        assert words in fault


def test_where_the_table_knows_no_runs_any_run_will_do(files: Files, tmp_path: Path) -> None:
    write(tmp_path / "a.json", told(run_id="unknown"))
    assert changed_hours(files, find_manifests(files, [str(tmp_path)]), "readings", "event_date", ANY)


def test_hours_reach_the_same_hours_of_other_days() -> None:
    assert shifted({(LEAP, 5)}, range(2)) == {(LEAP, 5), (NEXT, 5)}
    assert shifted({(NEXT, 0)}, range(-1, 1)) == {(LEAP, 0), (NEXT, 0)}
    assert shifted([], range(9)) == frozenset()
    assert days_of({(NEXT, 0), (LEAP, 5), (LEAP, 6)}) == [LEAP, NEXT]


@given(
    st.sets(st.tuples(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(0, 23))), st.integers(0, 28)
)
def test_an_hour_is_reached_just_where_it_reaches_back(hours: set[tuple[date, int]], days: int) -> None:
    later = shifted(hours, range(days + 1))
    assert later >= hours
    assert all(shifted([each], range(-days, 1)) & hours for each in later)


def test_rows_are_within_hours_or_without(spark: SparkSession) -> None:
    def at(day: date, hour: int, minute: int) -> datetime:
        return datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC)

    rows = spark.createDataFrame(
        [
            row("in", time=at(LEAP, 5, 59), day=LEAP),
            row("another hour", time=at(LEAP, 6, 0), day=LEAP),
            row("another day", time=at(NEXT, 5, 0), day=NEXT),
        ],
        SCHEMA,
    )
    hours = {(LEAP, 5), (NEXT, 6)}
    assert [each["key"] for each in within(rows, "day", "time", hours).collect()] == ["in"]
    others = without(rows, "day", "time", hours)
    assert others.columns == SCHEMA.names
    assert sorted(each["key"] for each in others.collect()) == ["another day", "another hour"]
    assert within(rows, "day", "time", []).count() == 0
    assert without(rows, "day", "time", []).count() == 3


_DAYS = [date(2024, 2, 27) + timedelta(days=number) for number in range(4)]


@settings(max_examples=10)
@given(st.sets(st.tuples(st.sampled_from(_DAYS), st.integers(0, 23))))
def test_of_all_hours_just_those_asked_for_are_within_and_the_others_without(
    spark: SparkSession, hours: set[tuple[date, int]]
) -> None:
    every = {(day, hour) for day in _DAYS for hour in range(24)}
    rows = spark.createDataFrame(
        [(datetime(day.year, day.month, day.day, hour, 59, tzinfo=UTC), day) for day, hour in sorted(every)],
        "time timestamp, day date",
    )

    def left(kept: DataFrame) -> set[tuple[date, int]]:
        return {
            (each["day"], each["hour"]) for each in kept.selectExpr("day", "hour(time) AS hour").collect()
        }

    assert left(within(rows, "day", "time", hours)) == hours
    assert left(without(rows, "day", "time", hours)) == every - hours
