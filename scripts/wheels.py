"""Install the wheels of a lock into a folder, for another machine than this one: by pip, hashes checked."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from orchestrator.errors import FailedError

ROOT: Final = Path(__file__).resolve().parents[1]
PYTHON: Final = "3.11"
_OF_THE_INSTALLER: Final = frozenset({"INSTALLER", "RECORD", "REQUESTED", "direct_url.json"})


def install(folder: Path, platforms: Sequence[str], lock: str) -> None:
    """Install the wheels of a lock, each for one of the platforms, the first the one that is told.

    Raises:
        FailedError: pip does not succeed.
    """
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
    command += ["--only-binary=:all:", "--python-version", PYTHON, "--implementation", "cp"]
    command += [part for platform in platforms for part in ("--platform", platform)]
    command += ["--require-hashes", "--no-compile", "--target", str(folder)]
    done = subprocess.run(
        [*command, "--requirement", str(ROOT / lock)], capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise FailedError(
            f"{lock}: expected to install its wheels for {platforms[0]}, pip failed: {done.stderr.strip()}; "
            "see that the network lets it through, and run again"
        )


def imported_files(folder: Path) -> list[tuple[str, Path]]:
    """List what a program imports of installed wheels, by its path in the folder; not what pip wrote beside it."""
    files = ((path.relative_to(folder), path) for path in folder.rglob("*") if path.is_file())
    return sorted((name.as_posix(), path) for name, path in files if _is_imported(name))


def _is_imported(name: Path) -> bool:
    is_a_program = name.parts[0] == "bin"
    return not is_a_program and name.name not in _OF_THE_INSTALLER and name.suffix != ".pyc"
