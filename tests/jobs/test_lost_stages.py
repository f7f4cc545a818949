"""A stage that runs again, because the files of its shuffle are lost, changes no row and no figure."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import DataFrame, SparkSession

from benchmarks.kills.workshop import comparable
from jobs.common.commit import stage
from jobs.common.readers import portable
from tests.jobs.messages import message, put
from tests.jobs.running import Places, quarantine_files, query, run_readings, table_files


@pytest.fixture
def inputs(tmp_path: Path) -> Path:
    """Write some objects with good, duplicate and bad messages."""
    for number in range(4):
        rows = [message(device, str(event)) for device in "ab" for event in range(number, number + 5)]
        put(tmp_path / f"in/{number}.json", [*rows, "{", message("")])
    return tmp_path / "in"


@pytest.fixture
def repeated_stages(spark: SparkSession, request: pytest.FixtureRequest) -> Iterator[Callable[[], int]]:
    """Give a count of the stages of this test that ran more than once."""
    context, group = spark.sparkContext, request.node.name
    context.setJobGroup(group, group)

    def count() -> int:
        tracker = context._jsc.sc().statusTracker()
        jobs = [tracker.getJobInfo(job).get() for job in tracker.getJobIdsForGroup(group)]
        stages = [tracker.getStageInfo(stage) for job in jobs for stage in job.stageIds()]
        return sum(stage.get().currentAttemptId() > 0 for stage in stages if stage.isDefined())

    yield count
    # PySpark sets a group but has no way out of it.
    context._jsc.clearJobGroup()


def lose_shuffle(frame: DataFrame) -> DataFrame:
    """Return the same rows from a shuffle that was written, read once, and has lost its files since."""
    rows = frame.rdd
    rows.count()
    folder = Path(str(frame.sparkSession.sparkContext.getConf().get("spark.local.dir")))
    lost = list(folder.rglob("shuffle_*"))
    assert lost
    for path in lost:
        path.unlink()
    return frame.sparkSession.createDataFrame(rows, frame.schema)


def lose_what_was_read(monkeypatch: pytest.MonkeyPatch) -> None:
    read = portable.read

    def lossy(*arguments: Any) -> tuple[DataFrame, portable.PortableCounts]:
        messages, counts = read(*arguments)
        return lose_shuffle(messages.repartition(2)), counts

    monkeypatch.setattr(portable, "read", lossy)


def lose_what_was_spread(monkeypatch: pytest.MonkeyPatch) -> None:
    spread = stage.spread  # type: ignore[attr-defined] # it is patched where it is used
    monkeypatch.setattr(
        stage, "spread", lambda *arguments, **named: lose_shuffle(spread(*arguments, **named))
    )


def result(places: Places) -> list[Any]:
    """Read all that a run leaves, but for times and bytes."""
    table = query("SELECT CAST(COLUMNS(*) AS VARCHAR) FROM files ORDER BY ALL", table_files(places))
    refused = query("SELECT CAST(COLUMNS(*) AS VARCHAR) FROM files ORDER BY ALL", quarantine_files(places))
    return [table, refused, comparable(json.loads(places.manifest.read_text()))]


@pytest.mark.parametrize("lose", [lose_what_was_read, lose_what_was_spread])
def test_a_stage_that_lost_its_shuffle_files_does_not_count_twice(
    spark: SparkSession,
    tmp_path: Path,
    inputs: Path,
    monkeypatch: pytest.MonkeyPatch,
    repeated_stages: Callable[[], int],
    lose: Callable[[pytest.MonkeyPatch], None],
) -> None:
    whole, lossy = Places(tmp_path / "whole"), Places(tmp_path / "lossy")
    first = run_readings(spark, whole, [inputs], "--run-id", "x")
    assert first["rows"]["read"] == 48
    assert first["rows"]["inserted"] == 16
    assert repeated_stages() == 0
    lose(monkeypatch)
    run_readings(spark, lossy, [inputs], "--run-id", "x")
    assert repeated_stages() > 0
    assert result(lossy) == result(whole)
