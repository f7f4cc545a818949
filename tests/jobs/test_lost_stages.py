"""A stage that runs again, because the files of its shuffle are lost, changes no row and no figure."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks.kills.workshop import comparable
from tests.jobs.losing_stages import LOSSES
from tests.jobs.messages import message, put
from tests.jobs.running import Places, quarantine_files, query, table_files

pytestmark = pytest.mark.spark


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run the job on objects with good, duplicate and bad messages, once whole and once with each loss."""
    root = tmp_path_factory.mktemp("losses")
    for number in range(4):
        rows = [message(device, str(event)) for device in "ab" for event in range(number, number + 5)]
        put(root / f"in/{number}.json", [*rows, "{", message("")])
    command = [sys.executable, "-m", "tests.jobs.losing_stages", str(root / "in"), str(root)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    (root / "repeated.json").write_text(ended.stdout.splitlines()[-1])
    return root


def result(places: Places) -> list[Any]:
    """Read all that a run leaves, but for times and bytes."""
    table = query("SELECT CAST(COLUMNS(*) AS VARCHAR) FROM files ORDER BY ALL", table_files(places))
    refused = query("SELECT CAST(COLUMNS(*) AS VARCHAR) FROM files ORDER BY ALL", quarantine_files(places))
    return [table, refused, comparable(json.loads(places.manifest.read_text()))]


def test_the_whole_run_repeats_no_stage(root: Path) -> None:
    rows = json.loads(Places(root / "whole").manifest.read_text())["rows"]
    assert (rows["read"], rows["inserted"]) == (48, 16)
    for whole in ("whole", "whole fast"):
        assert json.loads((root / "repeated.json").read_text())[whole] == [0, 0]


@pytest.mark.parametrize("loss", ["read", "spread"])
def test_a_stage_that_lost_its_shuffle_files_does_not_count_twice(root: Path, loss: str) -> None:
    stages, _ = json.loads((root / "repeated.json").read_text())[loss]
    assert stages > 0
    assert result(Places(root / loss)) == result(Places(root / "whole"))


def test_a_native_task_whose_process_ended_before_it_reported_does_not_count_twice(root: Path) -> None:
    stages, tasks = json.loads((root / "repeated.json").read_text())["workers"]
    # Of reading, of the quarantine, of writing.
    assert (stages, tasks) >= (0, 3)
    assert result(Places(root / "workers")) == result(Places(root / "whole"))


def test_both_readers_leave_the_same(root: Path) -> None:
    assert result(Places(root / "whole fast")) == result(Places(root / "whole"))


def test_every_loss_is_looked_at() -> None:
    assert set(LOSSES) == {"whole", "whole fast", "read", "spread", "workers"}
