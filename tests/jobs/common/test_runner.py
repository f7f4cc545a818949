"""A run from its command line to its manifest, in this process."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from unittest.mock import Mock

import pytest
from pyspark.sql import DataFrame, SparkSession

from jobs.common import manifest, runner
from jobs.common.commit import carrying_out
from jobs.common.commit.staging import Judged, write_quarantine
from jobs.common.errors import JobFailed
from jobs.common.kinds import messages
from jobs.common.manifest import RowCounts
from jobs.common.runner import main
from jobs.device_readings import JOB, READINGS
from tests.jobs.common.commit.commits import Stopped, stop_at
from tests.jobs.messages import message, put
from tests.jobs.running import Places, query, run_readings, table_files

RFC_3339_UTC = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z")


@pytest.fixture
def places(tmp_path: Path) -> Places:
    """Give a table that is not there yet."""
    return Places(tmp_path / "out")


@pytest.fixture
def inputs(tmp_path: Path) -> Path:
    """Write a few messages of two days, two of them bad."""
    other_day = {"event_time": "2024-03-01T00:00:00Z", "received_at": "2024-03-01T00:00:00Z"}
    folder = tmp_path / "in"
    put(folder / "2024/02/29/05/x.json", [message("a"), message("a"), message("b"), "{"])
    put(folder / "2024/03/01/00/y.json", [message("a", **other_day), message("", metrics=1)])
    return folder


def tree(*folders: Path) -> dict[str, tuple[int, bytes]]:
    """Read all files, and when they were written; but not the note of whose quarantine it is."""
    paths = [path for folder in folders for path in [folder, *folder.rglob("*")] if path.is_file()]
    return {
        str(path): (path.stat().st_mtime_ns, path.read_bytes())
        for path in paths
        if path.name.strip(".").removesuffix(".crc") != "_table"
    }


def left(places: Places) -> dict[str, tuple[int, bytes]]:
    return tree(places.table, places.quarantine, places.manifest)


def test_a_run_says_all_it_did_in_its_manifest(spark: SparkSession, places: Places, inputs: Path) -> None:
    run_readings(spark, places, [inputs], "--run-id", "first")
    told = json.loads(places.manifest.read_text())
    started, finished = told.pop("started_at"), told.pop("finished_at")
    assert RFC_3339_UTC.fullmatch(started)
    assert RFC_3339_UTC.fullmatch(finished)
    assert started < finished
    files = [next(places.table.glob(f"event_date={day}/*.parquet")) for day in ("2024-02-29", "2024-03-01")]
    assert told == {
        "job": "device_readings",
        "run_id": "first",
        "status": "done",
        "inputs": [
            {"uri": f"file:{path}", "size": path.stat().st_size, "etag": None}
            for path in sorted(inputs.rglob("*.json"))
        ],
        "rows": {
            "read": 6,
            "accepted": 4,
            "inserted": 3,
            "updated": 0,
            "duplicates": 1,
            "quarantined": {"malformed_json": 1, "missing_device_id": 1},
        },
        "partitions": [
            {
                "values": {"event_date": path.parent.name.partition("=")[2]},
                "files": 1,
                "bytes": path.stat().st_size,
                "rows": count,
                "changed_hours": [hour],
            }
            for path, count, hour in zip(files, (2, 1), (5, 0), strict=True)
        ],
        "schema": json.loads(READINGS.json()),
        "versions": {**told["versions"], "job": "1", "spark": spark.version},
    }
    assert set(told["versions"]) == {"suite", "job", "spark", "python"}
    assert [path.name for path in files] == [f"00000001-first-0000{part}.parquet" for part in (0, 1)]


def test_a_run_that_is_done_is_not_done_again_but_its_manifest_is_written(
    spark: SparkSession, places: Places, inputs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recorded = run_readings(spark, places, [inputs], "--run-id", "again")
    before = tree(places.table, places.quarantine)
    places.manifest.unlink()
    assert main(JOB, places.argv([inputs], "--run-id", "again")) == 0
    assert json.loads(places.manifest.read_text()) == recorded
    assert tree(places.table, places.quarantine) == before
    assert "device_readings again: read 6, accepted 4" in (said := capsys.readouterr().out)
    assert said.endswith("quarantined 2 (done before: recorded manifest written)\n")


def test_a_run_id_with_other_inputs_is_wrong_usage(
    spark: SparkSession, places: Places, inputs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run_readings(spark, places, [inputs], "--run-id", "mine")
    before = left(places)
    put(inputs / "more.json", [message("z")])
    assert main(JOB, places.argv([inputs], "--run-id", "mine")) == 2
    assert left(places) == before
    assert (
        capsys.readouterr()
        .err.rstrip()
        .endswith(
            "device_readings: --run-id: mine is done, with other inputs (2 objects, or other contents of them); "
            "accepted: the same inputs, or a run id that was never used on this table"
        )
    )


def test_the_default_run_id_stands_for_the_inputs_and_the_version_of_the_job(
    spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (inputs := tmp_path / "in").mkdir()
    (inputs / "empty").mkdir()

    def run_id(job: messages.MessageJob = JOB) -> str:
        monkeypatch.setattr("tests.jobs.running.JOB", job)
        made = run_readings(spark, Places(tmp_path / "out"), [inputs])
        assert made["rows"]["read"] == len(list(inputs.glob("*.json")))
        return str(made["run_id"])

    first = run_id()
    assert re.fullmatch(r"r[0-9a-f]{16}", first)
    assert run_id() == first
    assert run_id(replace(JOB, version="2")) != first
    put(inputs / "a.json", [message()])
    assert run_id() != first


REFUSED: dict[str, tuple[Callable[[Places, Path], list[str]], str]] = {
    "no flags": (lambda *_: [], "the following arguments are required: --output"),
    "nothing matched": (
        lambda places, _: places.argv(["/nowhere/*"]),
        "nothing there: /nowhere/*",
    ),
    "the table as input": (
        lambda places, _: places.argv([places.table]),
        "lies in the run's own output or quarantine, or is its manifest; accepted: inputs outside of them",
    ),
    "the manifest as input": (
        lambda places, _: places.argv([places.manifest]),
        "manifest.json (1 objects in all) lies in the run's own output or quarantine, or is its manifest",
    ),
    "a quarantine in the table": (
        lambda places, inputs: [
            f"{places.table}/q" if part == str(places.quarantine) else part for part in places.argv([inputs])
        ],
        "--quarantine: file:",
    ),
}


def test_wrong_usage_is_told_in_words_with_exit_code_2_and_changes_nothing(
    spark: SparkSession, places: Places, inputs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run_readings(spark, places, [inputs])
    put(places.table / "event_date=2024-02-29/in the table.json", [message()])
    before = left(places)
    for name, (argv, words) in REFUSED.items():
        try:
            code = main(JOB, argv(places, inputs))
        except SystemExit as ended:
            code = int(str(ended.code))
        assert (name, code) == (name, 2)
        assert words in capsys.readouterr().err, name
        assert left(places) == before, name


def break_transform(monkeypatch: pytest.MonkeyPatch) -> None:
    def transform(messages: DataFrame) -> DataFrame:
        return JOB.transform(messages).filter("device_id <> 'b'")

    monkeypatch.setattr("tests.jobs.running.JOB", replace(JOB, transform=transform))


def break_check(monkeypatch: pytest.MonkeyPatch) -> None:
    check = manifest.check

    def one_too_many(counts: RowCounts, quarantine_rows: int) -> None:
        check(replace(counts, read=counts.read + 1), quarantine_rows)

    monkeypatch.setattr(manifest, "check", one_too_many)


def break_quarantine(monkeypatch: pytest.MonkeyPatch) -> None:
    def lossy(refused: DataFrame, folder: str, file_bytes: int) -> None:
        write_quarantine(refused.limit(1), folder, file_bytes)

    monkeypatch.setattr(messages, "write_quarantine", lossy)


@pytest.mark.parametrize(
    ("broken", "law"),
    [
        (break_transform, "accepted = inserted + updated + duplicates"),
        (break_check, "read = accepted + quarantined"),
        (break_quarantine, "rows in quarantine = quarantined: 1 is not 3"),
    ],
)
def test_a_run_that_does_not_account_for_every_row_leaves_everything_as_it_was(
    spark: SparkSession,
    places: Places,
    inputs: Path,
    monkeypatch: pytest.MonkeyPatch,
    broken: Callable[[pytest.MonkeyPatch], None],
    law: str,
) -> None:
    run_readings(spark, places, [inputs])
    before = left(places)
    put(inputs / "more.json", [message("b", "new"), "]"])
    with monkeypatch.context() as patch:
        broken(patch)
        with pytest.raises(JobFailed, match=re.escape(law)):
            run_readings(spark, places, [inputs], "--reader", "portable")
    assert left(places) == before
    assert run_readings(spark, places, [inputs])["rows"]["inserted"] == 1


@pytest.mark.parametrize("fault", [JobFailed("no such luck"), OSError("disk gone")])
def test_a_run_that_fails_exits_with_1_and_leaves_nothing(
    spark: SparkSession, places: Places, inputs: Path, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    monkeypatch.setattr(messages, "judge", Mock(side_effect=fault))
    assert spark.version
    assert main(JOB, places.argv([inputs], "--reader", "portable")) == 1
    assert left(places) == {}


def test_a_failure_of_the_run_is_told_in_a_line_and_a_surprise_with_its_trace(
    spark: SparkSession,
    places: Places,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    put(places.table / "_journal.json", ["{"])
    assert main(JOB, places.argv([places.root])) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.splitlines()[-1].startswith(
        f"device_readings: file:{places.table}/_journal.json: expected"
    )
    assert spark.version
    monkeypatch.setattr(runner, "run", Mock(side_effect=OSError("disk gone")))
    assert main(JOB, places.argv([places.root])) == 1
    assert "device_readings: failed; nothing of this run is reported as done" in caplog.text
    assert "OSError: disk gone" in caplog.text


def test_a_run_that_cannot_carry_out_its_journal_is_carried_on_by_the_next(
    spark: SparkSession, places: Places, inputs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(carrying_out, "reach", stop_at("added_one"))
        with pytest.raises(Stopped):
            run_readings(spark, places, [inputs], "--run-id", "cut-off")
    for path in inputs.rglob("*.json"):
        path.unlink()
    told = run_readings(spark, places, [inputs], "--run-id", "next")
    assert told["rows"]["read"] == 0
    assert query("SELECT count(*) FROM files", table_files(places)) == [(3,)]
    assert (places.table / "_runs/cut-off.json").is_file()


def test_an_input_that_changes_after_it_was_read_fails_the_run(
    spark: SparkSession, places: Places, inputs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = Judged.write

    def then_changed(judged: Judged, messages: DataFrame) -> None:
        write(judged, messages)
        put(next(inputs.rglob("*.json")), [message("changed")])

    monkeypatch.setattr(Judged, "write", then_changed)
    with pytest.raises(JobFailed, match=r"\.json: changed while the run was reading \(1 in all\)"):
        run_readings(spark, places, [inputs], "--reader", "portable")
    assert left(places) == {}
