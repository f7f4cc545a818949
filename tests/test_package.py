"""A job runs from the zip alone, with nothing installed but what the EMR image has (decision D2)."""

import json
import os
import shutil
import subprocess
import venv
from pathlib import Path

import py4j
import pyspark
import pytest

from benchmarks.running.local_spark import SPARK_SUBMIT
from orchestrator.packaging import archive

ROOT = Path(__file__).resolve().parents[1]
SPARK_HOME = Path(str(pyspark.__file__)).parent
SUBMIT = [str(SPARK_SUBMIT), "--master", "local[2]"]
MESSAGES = """\
{"device_id":"a","event_id":"1","event_time":"2013-03-01T00:00:00Z","received_at":"2013-03-01T00:00:02Z"}
{"device_id":"a","event_id":"1","event_time":"2013-03-01T00:00:00Z","received_at":"2013-03-01T00:00:03Z"}
{"device_id":"b","event_id":"1","event_time":"2013-03-02T00:00:00Z","received_at":"2013-03-02T00:00:02Z"}{"device_id":\
"b","event_id":"2","event_time":"2013-03-02T01:00:00Z","received_at":"2013-03-02T01:00:02Z","metrics":{"pm2_5":4.0}}
{"event_id":"nobody","event_time":"2013-03-02T01:00:00Z","received_at":"2013-03-02T01:00:02Z"}
{
"""


@pytest.fixture(scope="module")
def bare_python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a Python that has pyspark and py4j, and no other library."""
    folder = tmp_path_factory.mktemp("bare") / "venv"
    venv.create(folder, with_pip=False)
    (site_packages,) = folder.glob("lib/python*/site-packages")
    for library in (pyspark, py4j):
        source = Path(str(library.__file__)).parent
        (site_packages / source.name).symlink_to(source, target_is_directory=True)
    return folder / "bin" / "python"


def bare_environment(python: Path) -> dict[str, str]:
    """Give what spark-submit needs, and nothing of this checkout's environment."""
    return {
        "HOME": str(python.parents[2]),
        "JAVA_HOME": os.environ["JAVA_HOME"],
        "LANG": "C.UTF-8",
        "PATH": f"{python.parent}{os.pathsep}/usr/bin{os.pathsep}/bin",
        "PYSPARK_PYTHON": str(python),
        "SPARK_HOME": str(SPARK_HOME),
        "SPARK_LOCAL_IP": "127.0.0.1",
    }


def run(command: list[str], folder: Path, python: Path) -> subprocess.CompletedProcess[str]:
    """Run a command in the folder, in the bare environment."""
    return subprocess.run(
        command,
        cwd=folder,
        env=bare_environment(python),
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
    )


@pytest.mark.parametrize(
    "library", ["jobs", "ingestion", "pyarrow", "pandas", "numpy", "boto3", "msgspec", "isal"]
)
def test_the_bare_python_lacks(bare_python: Path, tmp_path: Path, library: str) -> None:
    found = run([str(bare_python), "-c", f"import {library}"], tmp_path, bare_python)
    assert f"No module named '{library}'" in found.stderr


@pytest.mark.spark
def test_an_entry_file_runs_in_an_empty_folder_with_only_the_zip(bare_python: Path, tmp_path: Path) -> None:
    folder = tmp_path / "empty"
    folder.mkdir()
    # As on a cluster, the entry file comes alone: whatever else it imports is in the zip.
    entry = str(shutil.copy(ROOT / "jobs" / "device_readings.py", folder))
    zipped = archive.build(ROOT, tmp_path / "dist")
    data = tmp_path / "data"
    data.mkdir()
    (data / "messages.json").write_text(MESSAGES, encoding="utf-8")
    outputs = {name: tmp_path / name for name in ("output", "quarantine", "manifest")}
    flags = [part for name, path in outputs.items() for part in (f"--{name}", str(path))]
    submit = [*SUBMIT, "--py-files", str(zipped), entry]
    done = run([*submit, "--input", str(data), *flags, "--run-id", "from-the-zip"], folder, bare_python)
    assert done.returncode == 0, done.stderr[-4000:]
    manifest = json.loads(outputs["manifest"].read_text(encoding="utf-8"))
    assert manifest["run_id"] == "from-the-zip"
    assert manifest["rows"] == {
        "read": 6,
        "accepted": 4,
        "inserted": 3,
        "updated": 0,
        "duplicates": 1,
        "quarantined": {"malformed_json": 1, "missing_device_id": 1},
    }
    assert {path.name for path in outputs["output"].glob("event_date=*")} == {
        "event_date=2013-03-01",
        "event_date=2013-03-02",
    }
