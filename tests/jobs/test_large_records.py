"""A delivery file of a hundred megabytes on one line, through the job as its users run it."""

import gzip
import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.jobs.events import event, event_files
from tests.jobs.running import Places, query

# Spark runs in a process of its own.
pytestmark = pytest.mark.spark
ROOT = Path(__file__).resolve().parents[2]
EVENTS = 25_000
FURTHER = 2_000
PADDING = "x" * 3_700


def records(first: int, end: int) -> Iterator[bytes]:
    for number in range(first, end):
        yield b'{"Records":[' if number == first else b","
        yield json.dumps(event(f"e{number}", requestParameters={"note": PADDING, "number": number})).encode()
    yield b"]}"


@pytest.fixture(scope="module")
def delivered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the events as one array, and the last of them with some more as gzip."""
    folder = tmp_path_factory.mktemp("large")
    with (folder / "plain.json").open("wb") as stored:
        stored.writelines(records(0, EVENTS))
    with gzip.open(folder / "packed.json.gz", "wb", 1) as packed:
        packed.writelines(records(EVENTS - FURTHER, EVENTS + FURTHER))
    return folder


@pytest.mark.one_release
def test_a_hundred_megabytes_of_records_on_one_line_fit_the_heap_that_spark_gives(
    delivered: Path, tmp_path: Path
) -> None:
    assert (delivered / "plain.json").stat().st_size > 100_000_000
    places = Places(tmp_path)
    command = ["spark-submit", "--master", "local[2]", "--conf", "spark.ui.enabled=false"]
    done = subprocess.run(
        [*command, str(ROOT / "jobs" / "cloudtrail_events.py"), *places.argv([delivered])],
        capture_output=True,
        text=True,
        check=False,
        timeout=400,
        env={**os.environ, "SPARK_LOCAL_IP": "127.0.0.1"},
    )
    assert done.returncode == 0, done.stderr[-2000:]
    rows = json.loads(places.manifest.read_text())["rows"]
    read, kept = EVENTS + 2 * FURTHER, EVENTS + FURTHER
    assert rows == {
        "read": read, "accepted": read, "inserted": kept, "updated": 0, "duplicates": FURTHER, "quarantined": {}
    }  # fmt: skip
    sizes = "SELECT count(*), count(DISTINCT event_id), min(length(request_parameters)) FROM files"
    assert query(sizes, event_files(places)) == [(kept, kept, len(PADDING) + len('{"note":"","number":1}'))]


def test_the_framer_alone_takes_the_array_in_a_few_megabytes(delivered: Path) -> None:
    program = """
import resource, sys
from jobs.common.readers.documents import frame
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
with open(sys.argv[1], "rb") as stored:
    found = sum(one.fault is None for one in frame(iter(lambda: stored.read(262_144), b"")))
print(found, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""
    done = subprocess.run(
        ["python", "-c", program, str(delivered / "plain.json")],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    found, grown_mib = map(int, done.stdout.split())
    assert found == EVENTS
    assert grown_mib < 24
