"""Whole runs by the native engine leave what the portable way leaves, and stop where figures do not close."""

import gzip
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyspark.sql import SparkSession

from benchmarks.kills.workshop import comparable
from jobs.common.errors import JobFailed
from jobs.common.native import planning, running
from jobs.common.native.writing import write_refused
from jobs.common.readers import fast
from jobs.common.readers.inputs import find_objects
from tests.jobs.common.native.test_judging import ODD
from tests.jobs.messages import message, put
from tests.jobs.running import Places, quarantine_files, query, run_readings, table_files

TIMES = ("2024-02-29T05:00:00Z", "2024-02-29T06:30:00.5Z", "2024-03-01T00:00:00+00:00")
odd = st.fixed_dictionaries({}, optional={name: st.sampled_from(choices) for name, choices in ODD.items()})
messages = st.lists(
    st.builds(
        lambda changes, **rest: {**message(**rest), **changes},
        st.just({}) | odd,
        device=st.sampled_from("abc"),
        event=st.sampled_from("12"),
        event_time=st.sampled_from(TIMES),
        received_at=st.sampled_from(["2024-03-01T00:00:00Z", "2024-03-01T01:00:00Z"]),
        firmware=st.sampled_from([None, "1", "é"]),
    )
    | st.sampled_from(['{"a":1,"a":2}', "nonsense", "", '{"device_id":"a"}{"device_id":"b"}']),
    max_size=8,
)


def left(places: Places) -> list[Any]:
    """Read all that runs have left, but for times, bytes and the places' own names."""
    rows = [
        query("SELECT CAST(COLUMNS(*) AS VARCHAR) FROM files ORDER BY ALL", files)
        if list(place.glob("**/*.parquet"))
        else []
        for place, files in (
            (places.table, table_files(places)),
            (places.quarantine, quarantine_files(places)),
        )
    ]
    return [*rows, comparable(json.loads(places.manifest.read_text()))]


def both(spark: SparkSession, root: Path, runs: list[list[Any]], *flags: str) -> None:
    """Make the same runs by each reader, and compare what they leave after each."""
    for number, objects in enumerate(runs):
        inputs = [put(root / f"in/{number}/{place}.json", rows) for place, rows in enumerate(objects)]
        for path in inputs[::2]:
            path.write_bytes(gzip.compress(path.read_bytes(), mtime=0))
        found = []
        for reader in ("fast", "portable"):
            places = Places(root / reader)
            run_readings(
                spark,
                places,
                inputs,
                "--run-id",
                f"r{number}",
                "--reader",
                reader,
                "--target-file-mib",
                "1",
                *flags,
            )
            if "delta" in flags:
                rows = spark.read.format("delta").load(str(places.table)).orderBy("device_id", "event_id")
                found.append([[str(row) for row in rows.collect()], left(places)[1:]])
            else:
                found.append(left(places))
        assert found[0] == found[1]


@pytest.mark.usefixtures("interpreted")
@settings(max_examples=4)
@given(runs=st.lists(st.lists(messages, min_size=1, max_size=2), min_size=1, max_size=2))
def test_both_readers_leave_the_same(
    spark: SparkSession, tmp_path_factory: pytest.TempPathFactory, runs: list[list[Any]]
) -> None:
    both(spark, tmp_path_factory.mktemp("runs"), runs)


RUNS: list[list[Any]] = [
    [[message("a"), message("b"), message("a", received_at="2024-02-29T07:00:00Z")], ["bad", message("")]],
    [[message("a", received_at="2024-02-29T08:00:00Z"), message("c"), message("d", event_time="2024-03-01T05:00:00Z",
      received_at="2024-03-01T05:00:00Z")], [message("b")]],
    [[message("b")]],
]  # fmt: skip


@pytest.mark.usefixtures("interpreted")
def test_runs_that_insert_update_and_repeat_leave_the_same(spark: SparkSession, tmp_path: Path) -> None:
    both(spark, tmp_path, RUNS)
    manifest = json.loads((tmp_path / "fast/manifest.json").read_text())
    assert manifest["rows"]["duplicates"] == 1
    assert manifest["partitions"] == []


@pytest.mark.usefixtures("interpreted")
def test_runs_on_partitions_of_several_files_leave_the_same_rows(
    spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(planning, "MOST_FILE_MEMORY", 100)
    places = {reader: Places(tmp_path / reader) for reader in ("fast", "portable")}
    for number, objects in enumerate(RUNS[:2]):
        inputs = [put(tmp_path / f"in/{number}/{place}.json", rows) for place, rows in enumerate(objects)]
        for reader, own in places.items():
            run_readings(spark, own, inputs, "--run-id", f"r{number}", "--reader", reader)
    assert len(list(places["fast"].table.glob("event_date=2024-02-29/*.parquet"))) > 1
    found = {reader: left(own) for reader, own in places.items()}
    assert found["fast"][:2] == found["portable"][:2]
    assert found["fast"][2]["rows"] == found["portable"][2]["rows"]


@pytest.mark.usefixtures("interpreted")
def test_runs_on_delta_leave_the_same(delta: SparkSession, tmp_path: Path) -> None:
    both(delta, tmp_path, RUNS, "--format", "delta")


def lose_an_accepted_row(monkeypatch: pytest.MonkeyPatch) -> None:
    write = running.write

    def lossy(*arguments: Any) -> Any:
        first, *others = write(*arguments)
        return [replace(first, accepted=first.accepted - 1), *others]

    monkeypatch.setattr(running, "write", lossy)


def lose_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    write = running.write

    def lossy(*arguments: Any) -> Any:
        first, *others = write(*arguments)
        return [replace(first, rows=first.rows - 1), *others]

    monkeypatch.setattr(running, "write", lossy)


def lose_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    write = running.write

    def lossy(*arguments: Any) -> Any:
        first, *others = write(*arguments)
        return [replace(first, uri=""), *others]

    monkeypatch.setattr(running, "write", lossy)


def lose_a_refused_file(monkeypatch: pytest.MonkeyPatch) -> None:
    refuse = running.refuse
    monkeypatch.setattr(running, "refuse", lambda *arguments: refuse(*arguments)[1:])


def lose_an_object(monkeypatch: pytest.MonkeyPatch) -> None:
    read = running.read
    monkeypatch.setattr(
        running, "read", lambda *arguments: replace(found := read(*arguments), objects=found.objects - 1)
    )


@pytest.mark.parametrize(
    ("broken", "law"),
    [
        (lose_an_accepted_row, "rows that arrived = rows accepted: 2 is not 3"),
        (lose_a_key, "rows staged = keys of the accepted rows: 1 is not 2"),
        (lose_a_file, "rows after = rows before"),
        (lose_a_refused_file, "rows in quarantine = quarantined: 0 is not 2"),
        (lose_an_object, "2 objects were listed, 1 were read"),
    ],
)
def test_what_is_lost_between_tasks_stops_the_run(
    spark: SparkSession,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    broken: Callable[[pytest.MonkeyPatch], None],
    law: str,
) -> None:
    inputs = [put(tmp_path / f"in/{place}", rows) for place, rows in enumerate(RUNS[0])]
    places = Places(tmp_path / "out")
    with monkeypatch.context() as patch:
        broken(patch)
        with pytest.raises(JobFailed, match=law):
            run_readings(spark, places, inputs, "--reader", "fast")
    assert not list(places.table.glob("event_date=*"))
    assert not list(places.table.glob("_staging/*"))
    assert run_readings(spark, places, inputs, "--reader", "fast")["rows"]["inserted"] == 2


def test_an_input_that_changes_after_it_was_read_fails_the_run(
    spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inputs = put(tmp_path / "in/a", [message("a")])
    read = running.read

    def then_changed(*arguments: Any) -> Any:
        found = read(*arguments)
        put(inputs, [message("another")])
        return found

    monkeypatch.setattr(running, "read", then_changed)
    with pytest.raises(JobFailed, match=r"a: changed while the run was reading \(1 in all\)"):
        run_readings(spark, Places(tmp_path / "out"), [inputs], "--reader", "fast")


def test_what_a_task_refuses_is_told_as_it_is(
    spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inputs = put(tmp_path / "in/a", [message("a")])
    listed = inputs.stat().st_size
    monkeypatch.setattr(
        "jobs.common.kinds.messages.find_objects",
        lambda *given: [replace(one, size=listed + 1) for one in find_objects(*given)],
    )
    with pytest.raises(
        JobFailed, match=f"a: expected {listed + 1} bytes, read {listed}: the object has changed"
    ):
        run_readings(spark, Places(tmp_path / "out"), [inputs], "--reader", "fast")


def test_a_task_that_nobody_waits_for_never_writes_to_the_quarantine(
    spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    places, inputs = Places(tmp_path / "out"), put(tmp_path / "in/a", ["bad"])
    late: list[Any] = []
    refuse = running.refuse

    def noted(*given: Any) -> list[str]:
        late.append(given)
        return refuse(*given)

    monkeypatch.setattr(running, "refuse", noted)
    run_readings(spark, places, [inputs], "--reader", "fast")
    (_, writing, segments) = late[0]
    with pytest.raises(FileNotFoundError):
        write_refused(writing, segments)
    assert query("SELECT count(*) FROM files", quarantine_files(places)) == [(1,)]


def test_what_a_lost_try_has_left_is_in_no_journal(
    spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    places, inputs = Places(tmp_path / "out"), put(tmp_path / "in/a", [message("a"), "bad"])
    each = running._each
    monkeypatch.setattr(running, "_each", lambda *arguments: [each(*arguments), each(*arguments)][1])
    run_readings(spark, places, [inputs], "--reader", "fast")
    assert query("SELECT count(*) FROM files", table_files(places)) == [(1,)]
    assert query("SELECT count(*) FROM files", quarantine_files(places)) == [(1,)]


def test_a_reader_that_is_asked_for_and_cannot_be_taken_is_refused(
    spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fast, "LIBRARIES", ("no_such_library",))
    inputs, places = put(tmp_path / "in/a", [message("a")]), Places(tmp_path / "out")
    with pytest.raises(
        JobFailed, match="--reader fast: cannot be taken here: the driver's Python has no no_such"
    ) as found:
        run_readings(spark, places, [inputs], "--reader", "fast")
    assert found.value.exit_code == 2


def test_the_log_says_which_reader_is_taken_and_why(
    spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    inputs = put(tmp_path / "in/a", [message("a")])
    caplog.set_level("INFO", logger="jobs")
    run_readings(spark, Places(tmp_path / "1"), [inputs])
    monkeypatch.setattr(fast, "LIBRARIES", ("no_such_library",))
    run_readings(spark, Places(tmp_path / "2"), [inputs])
    run_readings(spark, Places(tmp_path / "3"), [inputs], "--reader", "portable")
    said = [one.getMessage() for one in caplog.records if "reader" in one.getMessage()]
    assert said == [
        "reading with the fast reader",
        "the fast reader is not taken: the driver's Python has no no_such_library",
        "reading with the portable reader",
        "reading with the portable reader",
    ]
