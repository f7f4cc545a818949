"""Runs of device_readings whose stages lose the files of their shuffle, in a Spark of their own.

Afterwards Spark takes its one executor for lost: it finds no large result of a task, and ends its JVM ten minutes
later. So no other test may share it.

usage: python -m tests.jobs.losing_stages INPUTS ROOT
Writes a whole table and one for each loss below ROOT; prints for each how many stages ran more than once, as JSON.
"""

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from pyspark.sql import DataFrame, SparkSession

from benchmarks.running.local_spark import LOCAL
from jobs.common import session
from jobs.common.commit import stage
from jobs.common.readers import portable
from tests.jobs.running import Places, run_readings


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


def lose_nothing(_: pytest.MonkeyPatch) -> None:
    """Leave the job as it is."""


def lose_what_was_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lose the parsed messages after they were counted."""
    read = portable.read

    def lossy(*arguments: Any) -> tuple[DataFrame, portable.PortableCounts]:
        messages, counts = read(*arguments)
        return lose_shuffle(messages.repartition(2)), counts

    monkeypatch.setattr(portable, "read", lossy)


def lose_what_was_spread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lose the rows that stand ready to be written."""
    spread = stage.spread  # type: ignore[attr-defined] # it is patched where it is used
    monkeypatch.setattr(
        stage, "spread", lambda *arguments, **named: lose_shuffle(spread(*arguments, **named))
    )


LOSSES: Mapping[str, Callable[[pytest.MonkeyPatch], None]] = MappingProxyType(
    {"whole": lose_nothing, "read": lose_what_was_read, "spread": lose_what_was_spread}
)


def repeated_stages(spark: SparkSession, group: str) -> int:
    """Count the stages of a job group that ran more than once."""
    tracker = spark.sparkContext._jsc.sc().statusTracker()
    jobs = [tracker.getJobInfo(job).get() for job in tracker.getJobIdsForGroup(group)]
    stages = [tracker.getStageInfo(stage) for job in jobs for stage in job.stageIds()]
    return sum(stage.get().currentAttemptId() > 0 for stage in stages if stage.isDefined())


def main(inputs: Path, root: Path) -> dict[str, int]:
    """Run the job once for each loss and return how many stages of each ran more than once."""
    spark = session.build(
        "losses", {**LOCAL, "spark.local.dir": f"{root}/local", "spark.sql.shuffle.partitions": "2"}
    )
    repeated = {}
    for name, lose in LOSSES.items():
        spark.sparkContext.setJobGroup(name, name)
        with pytest.MonkeyPatch.context() as monkeypatch:
            lose(monkeypatch)
            run_readings(spark, Places(root / name), [inputs], "--run-id", "x")
        repeated[name] = repeated_stages(spark, name)
    spark.stop()
    return repeated


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), Path(sys.argv[2]))))
