"""Inputs that would be lost in silence, or end the machine, if nobody looked."""

import gzip
import json
import os
import subprocess
from pathlib import Path
from random import Random
from typing import Any

import pytest
from pyspark.sql import SparkSession

from jobs.common.commit import stage
from jobs.common.errors import JobFailed
from jobs.common.readers.inputs import MOST_OBJECT_BYTES
from jobs.common.readers.pieces import MOST_UNCUT_BYTES
from jobs.common.table import keep_greatest
from tests.jobs.running import Places, quarantine_files, query, run_readings

ROOT = Path(__file__).resolve().parents[2]
MIB = 1024 * 1024
# Of two MiB: together they are more than the heap.
LARGE = 600


def message(event_id: str) -> dict[str, Any]:
    return {
        "device_id": "d",
        "event_id": event_id,
        "event_time": "2024-02-29T12:00:00Z",
        "received_at": "2024-02-29T12:00:01Z",
    }


def submit(places: Places, *inputs: Path) -> "subprocess.CompletedProcess[str]":
    """Run the job as its users do, in the heap that Spark gives by default."""
    command = ["spark-submit", "--master", "local[2]", "--conf", "spark.ui.enabled=false"]
    return subprocess.run(
        [*command, str(ROOT / "jobs" / "device_readings.py"), *places.argv(inputs)],
        capture_output=True,
        text=True,
        check=False,
        timeout=400,
        env={**os.environ, "SPARK_LOCAL_IP": "127.0.0.1"},
    )


def test_large_bad_values_and_a_long_damaged_tail_go_to_quarantine_in_the_default_heap(
    tmp_path: Path,
) -> None:
    raw, places = tmp_path / "raw", Places(tmp_path)
    raw.mkdir()
    large = b'{"a":"' + b"x" * (2 * MIB) + b'"}\n'
    with gzip.open(raw / "large.gz", "wb", compresslevel=1) as stored:
        for _ in range(LARGE):
            stored.write(large)
    good = json.dumps(message("1")).encode() + b"\n"
    # What follows the header of a deflate block of a reserved type is refused.
    noise = Random(1).randbytes(100 * MIB)  # noqa: S311 - no secret
    (raw / "damaged.gz").write_bytes(gzip.compress(good)[:-8] + noise)
    done = submit(places, raw)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    rows = json.loads(places.manifest.read_text())["rows"]
    assert rows["quarantined"]["record_too_large"] == LARGE
    (sizes,) = query(
        "SELECT min(octet_length(raw)), max(octet_length(raw)) FROM files WHERE reasons[1] = 'record_too_large'",
        quarantine_files(places),
    )
    assert sizes == (len(large) - 1, len(large) - 1)


def test_an_object_that_holds_no_messages_for_many_megabytes_is_refused_by_name_not_run_out_of_memory_on(
    spark: SparkSession, tmp_path: Path
) -> None:
    raw, places = tmp_path / "raw", Places(tmp_path)
    raw.mkdir()
    (raw / "table.csv").write_bytes(b"1,2,3,4,5,6\n" * (3 * MOST_UNCUT_BYTES // 12))
    with pytest.raises(Exception, match=r"objects were listed, 0 were read|table\.csv: expected"):
        run_readings(spark, places, [raw])
    assert not places.manifest.exists()


def test_an_object_that_cannot_be_read_is_not_passed_over_whatever_the_cluster_is_set_to(
    spark: SparkSession, tmp_path: Path
) -> None:
    raw, places = tmp_path / "raw", Places(tmp_path)
    raw.mkdir()
    for name in ("a", "b"):
        (raw / f"{name}.json").write_text(json.dumps(message(name)))
    (raw / ".a.json.crc").write_bytes(b"crc\x00\x00\x00\x02\x00" + b"wrong")
    before = spark.conf.get("spark.sql.files.ignoreCorruptFiles")
    spark.conf.set("spark.sql.files.ignoreCorruptFiles", "true")
    try:
        with pytest.raises(JobFailed, match="2 objects were listed, 1 were read"):
            run_readings(spark, places, [raw], "--reader", "portable")
    finally:
        spark.conf.set("spark.sql.files.ignoreCorruptFiles", str(before))
    assert not places.manifest.exists()


def test_a_row_that_the_choice_of_the_greatest_loses_does_not_pass_for_a_duplicate(
    spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw, places = tmp_path / "raw", Places(tmp_path)
    raw.mkdir()
    (raw / "a.json").write_text("\n".join(json.dumps(message(str(number))) for number in range(10)))
    monkeypatch.setattr(
        stage, "keep_greatest", lambda *given: keep_greatest(*given).filter("event_id <> '3'")
    )
    with pytest.raises(JobFailed, match="rows staged = keys of the accepted rows: 9 is not 10"):
        run_readings(spark, places, [raw], "--reader", "portable")
    assert not list(places.table.glob("event_date=*"))


def test_spark_submit_hands_on_exit_code_2_for_wrong_usage(tmp_path: Path) -> None:
    done = submit(Places(tmp_path), tmp_path / "nowhere")
    assert done.returncode == 2
    assert "nothing there" in done.stdout + done.stderr


def test_spark_submit_hands_on_exit_code_1_for_data_that_cannot_be_read(tmp_path: Path) -> None:
    with (tmp_path / "large.gz").open("wb") as sparse:
        sparse.truncate(MOST_OBJECT_BYTES + 1)
    places = Places(tmp_path / "run")
    done = submit(places, tmp_path / "large.gz")
    assert done.returncode == 1
    assert f"larger: file:{tmp_path}/large.gz" in done.stdout + done.stderr
    assert not places.manifest.exists()
