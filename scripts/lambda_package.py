"""Pack `ingestion/` and the libraries its Lambda functions need: the same bytes from the same sources and lock.

Libraries are the wheels that `requirements/lambda.txt` locks, for Lambda's machine whatever this one is. boto3 is left
out: Lambda's runtime has it. The whole room is packed, with modules that no function imports (the simulator's), so that
every function of the room runs from the same zip.
"""

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from orchestrator.errors import FailedError, OrchestratorError
from orchestrator.packaging import archive

ROOT: Final = Path(__file__).resolve().parents[1]
PACKAGE: Final = "ingestion"
LOCK: Final = "requirements/lambda.txt"
PYTHON: Final = "3.11"

# By Lambda's names. Wheels for the C library of Amazon Linux 2, on which Lambda runs Python 3.11.
PLATFORMS: Final = {"x86_64": "manylinux2014_x86_64", "arm64": "manylinux2014_aarch64"}

MOST_BYTES: Final = 20 * 1024 * 1024
_NOT_OF_THE_LIBRARY: Final = frozenset({"INSTALLER", "RECORD", "REQUESTED", "direct_url.json"})
_NOT_IMPORTED: Final = frozenset({"bin", "__pycache__"})

Install = Callable[[Path, str], None]
"""Put the locked libraries into a folder, for an architecture."""


def main(arguments: Sequence[str]) -> int:
    """Build the zip, print its path, and return the exit code."""
    parser = argparse.ArgumentParser(prog="scripts/package-lambda", description="Pack the Lambda functions.")
    parser.add_argument(
        "--architecture", choices=PLATFORMS, default="x86_64", help="as Lambda names it [x86_64]"
    )
    parser.add_argument("--output", type=Path, default=Path("dist"), help="folder for the zip [dist]")
    chosen = parser.parse_args(arguments)
    try:
        sys.stdout.write(f"{build(ROOT, chosen.output, chosen.architecture, install)}\n")
    except OrchestratorError as error:
        sys.stderr.write(f"scripts/package-lambda: {error}\n")
        return error.exit_code
    return 0


def build(root: Path, output: Path, architecture: str, install: Install) -> Path:
    """Write the zip into the folder `output` and return its path.

    Raises:
        FailedError: the libraries cannot be had, or the zip is larger than it may become.
    """
    with tempfile.TemporaryDirectory() as folder:
        libraries = Path(folder)
        install(libraries, architecture)
        ours = [(path.relative_to(root).as_posix(), path) for path in archive.packed_files(root, PACKAGE)]
        theirs = [
            (path.relative_to(libraries).as_posix(), path) for path in libraries.rglob("*") if _travels(path)
        ]
        inside = [(name, path) for name, path in theirs if _NOT_IMPORTED.isdisjoint(Path(name).parts)]
        content = archive.zipped(sorted([*ours, *inside]))
    if len(content) > MOST_BYTES:
        raise FailedError(
            f"{LOCK}: expected a zip of at most {MOST_BYTES} bytes, got {len(content)}; leave a library out"
        )
    name = f"emr_job_suite_lambda-{archive.version_of(root)}-{archive.short_hash(content)}-{architecture}.zip"
    return archive.written(output, name, content)


def install(folder: Path, architecture: str) -> None:
    """Install the locked wheels for Lambda's machine by pip, hashes checked.

    Raises:
        FailedError: pip does not succeed.
    """
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
    command += ["--only-binary=:all:", "--platform", PLATFORMS[architecture], "--python-version", PYTHON]
    command += ["--implementation", "cp", "--require-hashes", "--no-compile", "--target", str(folder)]
    done = subprocess.run(
        [*command, "--requirement", str(ROOT / LOCK)], capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise FailedError(
            f"{LOCK}: expected to install its wheels for {PLATFORMS[architecture]}, pip failed: {done.stderr.strip()}; "
            "see that the network lets it through, and run again"
        )


def _travels(path: Path) -> bool:
    return path.is_file() and path.name not in _NOT_OF_THE_LIBRARY and path.suffix != ".pyc"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
