"""scripts/lock with a `uv` that is none: what it does with what uv writes."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
UV = """#!/bin/bash
printf '%s\\n' "$*" >>"$HOME/asked"
printf 'tiny==1.0 \\\\\\n    --hash=sha256:%064d\\n' 0 >"${@: -1}"
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Copy what scripts/lock touches."""
    for name in ("scripts", "requirements", "bootstrap"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/uv").write_text(UV, encoding="utf-8")
    (tmp_path / "bin/uv").chmod(0o755)
    return tmp_path


def run(checkout: Path) -> None:
    variables = {"PATH": f"{checkout / 'bin'}{os.pathsep}/usr/bin{os.pathsep}/bin", "HOME": str(checkout)}
    subprocess.run([checkout / "scripts/lock"], env=variables, check=True, timeout=60)


def test_the_script_of_nodes_gets_the_new_lock_and_stays_as_it_is_otherwise(checkout: Path) -> None:
    script = checkout / "bootstrap/fast_reader.sh"
    before = script.read_text(encoding="utf-8")
    old = (checkout / "requirements/fast.txt").read_text(encoding="utf-8")
    run(checkout)
    new = (checkout / "requirements/fast.txt").read_text(encoding="utf-8")
    assert new.startswith("tiny==1.0 ")
    assert script.read_text(encoding="utf-8") == before.replace(old, new)
    assert os.access(script, os.X_OK)
    run(checkout)
    assert script.read_text(encoding="utf-8") == before.replace(old, new)


def test_every_list_has_its_lock_and_nodes_get_the_versions_that_are_tested(checkout: Path) -> None:
    run(checkout)
    asked = (checkout / "asked").read_text(encoding="utf-8").splitlines()
    lists = {path.name for path in (checkout / "requirements").glob("*.in")} - {"tools.in"}
    assert {line.split("--no-header ")[1].split()[0] for line in asked} == lists
    [fast] = [line for line in asked if "fast.in" in line]
    assert "--constraint emr-7.14.0.txt --constraint emr-spark-8.0.0.txt" in fast
    assert fast == asked[-1]
