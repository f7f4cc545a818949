"""Runs of device_readings whose stages lose the files of their shuffle, in a Spark of their own.

Afterwards Spark takes its one executor for lost: it finds no large result of a task, and ends its JVM ten minutes
later. So no other test may share it.

usage: python -m tests.jobs.losing_stages INPUTS ROOT
Writes a whole table and one for each loss below ROOT; prints for each how many stages ran more than once, and how many
tasks failed, as JSON.
"""

import json
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from tempfile import mkdtemp
from types import MappingProxyType
from typing import Any
from uuid import uuid4

import pytest
from pyspark.sql import DataFrame, SparkSession

from benchmarks.running.local_spark import LOCAL
from jobs.common import session
from jobs.common.commit import stage
from jobs.common.native import running
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


def lose_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    """End the process of each native task when its first try has done all but report it."""
    each = running._each
    marks = mkdtemp()

    def lossy(spark: SparkSession, groups: Sequence[Any], do: Callable[[Any], Any]) -> list[Any]:
        stage = uuid4().hex

        def once_in_vain(numbered: tuple[int, Any]) -> Any:
            done = do(numbered[1])
            mark = Path(marks) / f"{stage}-{numbered[0]}"
            if not mark.exists():
                mark.touch()
                os.kill(os.getpid(), signal.SIGKILL)
            return done

        return each(spark, list(enumerate(groups)), once_in_vain)

    monkeypatch.setattr(running, "_each", lossy)


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


LOSSES: Mapping[str, tuple[str, Callable[[pytest.MonkeyPatch], None]]] = MappingProxyType(
    {
        "whole": ("portable", lose_nothing),
        "read": ("portable", lose_what_was_read),
        "spread": ("portable", lose_what_was_spread),
        "whole fast": ("fast", lose_nothing),
        "workers": ("fast", lose_workers),
    }
)


def repeated(spark: SparkSession, group: str) -> tuple[int, int]:
    """Count the stages of a job group that ran more than once, and their tasks that failed."""
    tracker = spark.sparkContext._jsc.sc().statusTracker()
    jobs = [tracker.getJobInfo(job).get() for job in tracker.getJobIdsForGroup(group)]
    stages = [tracker.getStageInfo(stage) for job in jobs for stage in job.stageIds()]
    known = [stage.get() for stage in stages if stage.isDefined()]
    return sum(stage.currentAttemptId() > 0 for stage in known), sum(
        stage.numFailedTasks() for stage in known
    )


def main(inputs: Path, root: Path) -> dict[str, tuple[int, int]]:
    """Run the job once for each loss and return how many stages of each ran more than once, and failed tasks."""
    spark = session.build(
        "losses",
        {
            **LOCAL,
            "spark.master": "local[2,3]",
            "spark.local.dir": f"{root}/local",
            "spark.sql.shuffle.partitions": "2",
        },
    )
    found = {}
    for name, (reader, lose) in LOSSES.items():
        spark.sparkContext.setJobGroup(name, name)
        with pytest.MonkeyPatch.context() as monkeypatch:
            lose(monkeypatch)
            run_readings(spark, Places(root / name), [inputs], "--run-id", "x", "--reader", reader)
        found[name] = repeated(spark, name)
    spark.stop()
    return found


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), Path(sys.argv[2]))))
