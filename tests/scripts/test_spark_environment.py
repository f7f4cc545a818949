"""The environment for `spark.archives`, unpacked and run by its own `bin/python`."""

import gzip
import hashlib
import itertools
import json
import os
import struct
import subprocess
import sys
import tarfile
from pathlib import Path

import pyspark
import pytest

from benchmarks.running.local_spark import SPARK_SUBMIT
from orchestrator.errors import FailedError
from scripts import spark_environment
from tests.infrastructure.consumer import copy_installed, pinned

# The interpreter below this environment stands in for the image's.
PYTHON = Path(sys._base_executable)  # type: ignore[attr-defined] # the standard library's own, without a stub
IMPORTED = """
import importlib, importlib.metadata, importlib.util, json, sys
names = sys.argv[1:]
for name in names:
    importlib.import_module(name)
import duckdb, pyarrow
print(json.dumps({
    "versions": {name: importlib.metadata.version(name) for name in names},
    "answer": duckdb.sql("SELECT 6 * 7").fetchall(),
    "sum": pyarrow.array([1, 2]).sum().as_py(),
    "prefix": sys.prefix,
    "others": [name for name in ("pyspark", "boto3", "pip") if importlib.util.find_spec(name)],
}))
"""
JOB = """
import sys
from pyspark import SparkContext

def told(_):
    import tiny
    return [tiny.__file__, sys.executable]

with SparkContext() as context:
    print("|".join(context.parallelize([0], 1).mapPartitions(told).collect()))
"""


def copied(folder: Path, architecture: str) -> None:
    copy_installed(folder, architecture, spark_environment.LOCK)


def tiny(folder: Path, architecture: str) -> None:
    (folder / f"tiny-{architecture}.dist-info").mkdir()
    (folder / f"tiny-{architecture}.dist-info/RECORD").write_text("tiny.py,,\n")
    (folder / f"tiny-{architecture}.dist-info/METADATA").write_text("Name: tiny\n")
    (folder / "tiny.py").write_text("ANSWER = 42\n")
    (folder / "tiny.py").chmod(0o600)


def unpacked(archive: Path, folder: Path) -> Path:
    """Unpack as Hadoop does, by tar."""
    folder.mkdir()
    subprocess.run(["tar", "-xzf", archive, "-C", folder], check=True, timeout=120)
    return folder


def test_libraries_load_by_its_own_python_and_no_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spark_environment, "COMPRESSION_LEVEL", 1)  # 250 MB, on every run of the tests
    archive = spark_environment.build(tmp_path / "dist", "x86_64", copied, PYTHON)
    folder = unpacked(archive, tmp_path / "environment")
    wanted = pinned("fast.txt")
    command = ["./environment/bin/python", "-c", IMPORTED, *wanted]
    done = subprocess.run(
        command, cwd=tmp_path, env={}, capture_output=True, text=True, check=False, timeout=120
    )
    assert (done.returncode, done.stderr) == (0, "")
    told = json.loads(done.stdout)
    assert Path(told.pop("prefix")).resolve() == folder.resolve()
    assert told == {"versions": wanted, "answer": [[42]], "sum": 3, "others": []}


@pytest.mark.parametrize("architecture", spark_environment.ARCHITECTURES)
def test_the_same_libraries_give_the_same_bytes_and_a_name_by_them(tmp_path: Path, architecture: str) -> None:
    first, again = (
        spark_environment.build(tmp_path / name, architecture, tiny) for name in ("dist", "elsewhere")
    )
    assert (first.name, first.read_bytes()) == (again.name, again.read_bytes())
    digits = hashlib.sha256(gzip.decompress(first.read_bytes())).hexdigest()[:12]
    assert first.name == f"emr_job_suite_environment-{digits}-{architecture}.tar.gz"
    assert first.read_bytes()[3:8] == bytes(5)  # neither a name nor a time in gzip's header
    assert list(first.parent.iterdir()) == [first]


def test_it_holds_links_to_the_python_of_the_image_and_what_is_imported(tmp_path: Path) -> None:
    archive = spark_environment.build(tmp_path, "arm64", tiny)
    with tarfile.open(archive) as tar:
        entries = {entry.name: entry for entry in tar.getmembers()}
        configuration = tar.extractfile("pyvenv.cfg")
        assert configuration is not None
        assert configuration.read() == (
            b"home = /usr/bin\ninclude-system-site-packages = false\nversion = 3.11\n"
        )
    links = {name: entry.linkname for name, entry in entries.items() if entry.issym()}
    assert links == {"bin/python": "/usr/bin/python3.11", "bin/python3": "python"}
    inside = "lib/python3.11/site-packages"
    files = {"pyvenv.cfg", f"{inside}/tiny.py", f"{inside}/tiny-arm64.dist-info/METADATA"}
    assert set(entries) == files | set(links)
    assert {entry.mode for entry in entries.values() if entry.isfile()} == {0o644}
    assert {(entry.uid, entry.gid, entry.uname) for entry in entries.values()} == {(0, 0, "")}


@pytest.mark.parametrize(("architecture", "other"), [("arm64", 62), ("x86_64", 183)])
def test_a_library_for_the_other_architecture_is_refused(
    tmp_path: Path, architecture: str, other: int
) -> None:
    own = {"x86_64": 62, "arm64": 183}[architecture]

    def install(folder: Path, architecture: str) -> None:
        tiny(folder, architecture)
        for name, machine in (("a.so", own), ("b.so", other)):
            (folder / name).write_bytes(b"\x7fELF".ljust(18, b"\0") + struct.pack("<H", machine))

    with pytest.raises(FailedError) as refused:
        spark_environment.build(tmp_path / "dist", architecture, install)
    assert str(refused.value) == (
        f"requirements/fast.txt: expected libraries for {architecture} (ELF machine {own}), got b.so for machine "
        f"{other}; report it with the version of pip"
    )
    assert list((tmp_path / "dist").iterdir()) == []


@pytest.mark.parametrize(("architecture", "machine"), spark_environment.ARCHITECTURES.items())
def test_wheels_are_those_that_amazon_linux_2023_can_load(
    architecture: str, machine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[list[str]] = []

    def run(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        asked.append(command)
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(subprocess, "run", run)
    spark_environment.install(tmp_path, architecture)
    (command,) = asked
    platforms = [value for flag, value in itertools.pairwise(command) if flag == "--platform"]
    assert platforms[0] == f"manylinux_2_34_{machine}"
    assert platforms[-2:] == [f"manylinux_2_17_{machine}", f"manylinux2014_{machine}"]
    assert f"manylinux_2_28_{machine}" in platforms
    assert command[-1].endswith("/requirements/fast.txt")
    assert "--require-hashes" in command


@pytest.mark.parametrize("runtime", ["emr-7.14.0.txt", "emr-spark-8.0.0.txt"])
def test_clusters_have_the_versions_that_are_tested(runtime: str) -> None:
    found = pinned("fast.txt")
    assert set(found) == {"duckdb", "isal", "numpy", "pyarrow"}
    assert found.items() <= pinned(runtime).items()


@pytest.mark.spark
def test_executors_run_in_it_when_spark_unpacks_it(tmp_path: Path) -> None:
    archive = spark_environment.build(tmp_path / "dist", "x86_64", tiny, PYTHON)
    (tmp_path / "job.py").write_text(JOB, encoding="utf-8")
    home = tmp_path / "spark"  # below it a local cluster has the folders of its executors
    home.mkdir()
    for path in Path(str(pyspark.__file__)).parent.iterdir():
        (home / path.name).symlink_to(path)
    # As on a shipped cluster another Python is in the environment, and the submit's own goes before it.
    variables = {**os.environ, "SPARK_HOME": str(home), "SPARK_LOCAL_IP": "127.0.0.1"}
    variables |= {"PYSPARK_PYTHON": sys.executable, "PYSPARK_DRIVER_PYTHON": sys.executable}
    submit = [str(SPARK_SUBMIT), "--master", "local-cluster[1,1,1024]", "--conf", "spark.ui.enabled=false"]
    submit += ["--conf", "spark.pyspark.python=./environment/bin/python"]
    submit += ["--conf", f"spark.pyspark.driver.python={sys.executable}"]
    submit += ["--conf", "spark.executor.memory=512m", "--archives", f"{archive}#environment", "job.py"]
    done = subprocess.run(
        submit, cwd=tmp_path, env=variables, capture_output=True, text=True, check=False, timeout=180
    )
    assert done.returncode == 0, done.stderr[-4000:]
    module, executable = done.stdout.strip().split("|")
    assert module.endswith("/0/environment/lib/python3.11/site-packages/tiny.py")
    assert executable.endswith("/0/environment/bin/python")
    assert module.startswith(f"{home}/work/")
