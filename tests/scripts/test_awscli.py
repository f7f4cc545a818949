"""scripts/awscli makes its environment once for a lock, and hands every argument on. Nothing is installed here."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# A Python that makes environments whose AWS command line prints its arguments; pip only says what it was to install.
PYTHON = """\
#!/usr/bin/env bash
set -euo pipefail
case "$1 ${2:-}" in
  "-c "*base_executable*) echo "$0" ;;
  "-m venv")
    mkdir -p "$4/bin"
    cp "$0" "$4/bin/python"
    ;;
  "-m awscli") shift 2 && printf "[%s]" "$@" ;;
  "-m pip") echo "installed: $*" >&2 ;;
esac
"""


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """Lay out a checkout in a folder with a blank in its name, and a Python to be found."""
    root = tmp_path / "check out"
    for name in ("scripts/awscli", "scripts/setup"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, root / name)
    (root / "requirements").mkdir()
    (root / "requirements" / "awscli.txt").write_text("awscli==1\n")
    (root / "bin").mkdir()
    (root / "bin" / "python3.11").write_text(PYTHON)
    (root / "bin" / "python3.11").chmod(0o755)
    return root


def run(house: Path, *arguments: str) -> tuple[str, str]:
    """Run it; return what it prints, and what it says of its work."""
    told = {**os.environ, "PATH": f"{house}/bin{os.pathsep}/usr/bin{os.pathsep}/bin"}
    command = [str(house / "scripts" / "awscli"), *arguments]
    done = subprocess.run(command, env=told, capture_output=True, text=True, check=True, timeout=60)
    return done.stdout, done.stderr


def test_the_environment_is_made_at_the_first_use_from_the_lock_alone_and_kept(house: Path) -> None:
    told, said = run(house, "emr", "list clusters", "")
    assert told == "[emr][list clusters][]"
    made, installed = said.splitlines()
    assert made == "scripts/awscli: making .venv-awscli"
    flags = "install --no-compile --require-hashes --only-binary :all: --requirement"
    assert installed.endswith(f"{flags} {house}/requirements/awscli.txt")
    assert run(house, "--version") == ("[--version]", "")


def test_another_lock_and_a_checkout_that_was_moved_have_it_made_anew(house: Path) -> None:
    run(house)
    (house / "requirements" / "awscli.txt").write_text("awscli==2\n")
    assert "making .venv-awscli" in run(house)[1]
    moved = house.rename(house.parent / "elsewhere")
    assert "making .venv-awscli" in run(moved)[1]
    assert run(moved)[1] == ""
