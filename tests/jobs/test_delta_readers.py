"""A reader of a Delta table never sees a mix of two runs, however often it looks while they are at work."""

import threading
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from tests.jobs.messages import message, put
from tests.jobs.running import Places, run_readings

pytestmark = pytest.mark.usefixtures("interpreted")
HZ = 10
DAYS = ("2024-02-27", "2024-02-28", "2024-02-29", "2024-03-01")
RUNS = 4
ROWS = len(DAYS) * 3


class Reader(threading.Thread):
    """Reads a table ten times a second, as far as the machine can, until it is told to stop."""

    def __init__(self, spark: SparkSession, table: Path) -> None:
        super().__init__(name="reader")
        self._spark, self._table, self._stop_asked = spark, table, threading.Event()
        self.seen: list[dict[str, int]] = []
        self.fault: Exception | None = None

    def run(self) -> None:
        while not self._stop_asked.wait(1 / HZ):
            try:
                rows = self._spark.read.format("delta").load(str(self._table)).groupBy("firmware").count()
                self.seen.append({row["firmware"]: row["count"] for row in rows.collect()})
            except Exception as fault:  # noqa: BLE001 - whatever it is, the test tells it
                self.fault = fault
                return

    def finish(self) -> None:
        self._stop_asked.set()
        self.join()


def write_run(folder: Path, number: int) -> Path:
    """Write messages that give every row of the table the run's number."""
    rows = [
        message(
            device, event_time=f"{day}T05:00:00Z", received_at=f"{day}T06:00:0{number}Z", firmware=str(number)
        )
        for day in DAYS
        for device in "abc"
    ]
    return put(folder / f"{number}.json", rows)


def test_a_reader_sees_whole_runs_alone(delta: SparkSession, tmp_path: Path) -> None:
    places = Places(tmp_path / "out")
    inputs = [write_run(tmp_path / "in", number) for number in range(RUNS)]
    run_readings(delta, places, [inputs[0]], "--format", "delta")
    reader = Reader(delta, places.table)
    reader.start()
    for each in inputs[1:]:
        run_readings(delta, places, [each], "--format", "delta")
    reader.finish()
    assert reader.fault is None
    whole = [{str(number): ROWS} for number in range(RUNS)]
    assert [seen for seen in reader.seen if seen not in whole] == []
    order = [whole.index(seen) for seen in reader.seen]
    assert order == sorted(order)
    assert len(set(order)) > 1
