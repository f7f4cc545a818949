"""Pack a Lambda function with the libraries that it needs: the same bytes from the same sources and lock.

Libraries are the wheels that a lock in `requirements/` names, for Lambda's machine whatever this one is. boto3 is left
out: Lambda's runtime has it. Whole rooms are packed, with modules that no function imports (the simulator's), so that
every function of a room runs from the same zip. Who runs pipelines takes what a checkout has for that: their files,
those of clusters, and what travels to clusters, which therefore has the names that it has on a laptop.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from orchestrator.errors import FailedError, OrchestratorError
from orchestrator.packaging import archive
from scripts import wheels

ROOT: Final = Path(__file__).resolve().parents[1]

# By Lambda's names. Wheels for the C library of Amazon Linux 2, on which Lambda runs Python 3.11.
PLATFORMS: Final = {"x86_64": "manylinux2014_x86_64", "arm64": "manylinux2014_aarch64"}

MOST_BYTES: Final = 20 * 1024 * 1024

Install = Callable[[Path, str, str], None]
"""Put the libraries of a lock into a folder, for an architecture."""


@dataclass(frozen=True)
class Package:
    """What goes into a zip: rooms of the repository, and the libraries of a lock; `name` begins the zip's."""

    name: str
    rooms: Sequence[str]
    lock: str


TRANSFORM: Final = "transform"
PACKAGES: Final = {
    TRANSFORM: Package("emr_job_suite_lambda", ("ingestion",), "requirements/lambda.txt"),
    "events": Package(
        "emr_job_suite_events",
        ("bootstrap", "cluster_configs", "ingestion", "jobs", "orchestrator", "pipelines"),
        "requirements/lambda-events.txt",
    ),
}


def main(arguments: Sequence[str]) -> int:
    """Build the zip, print its path, and return the exit code."""
    parser = argparse.ArgumentParser(prog="scripts/package-lambda", description="Pack the Lambda functions.")
    parser.add_argument(
        "--function", choices=PACKAGES, default=TRANSFORM, help=f"whose zip it is [{TRANSFORM}]"
    )
    parser.add_argument(
        "--architecture", choices=PLATFORMS, default="x86_64", help="as Lambda names it [x86_64]"
    )
    parser.add_argument("--output", type=Path, default=Path("dist"), help="folder for the zip [dist]")
    chosen = parser.parse_args(arguments)
    try:
        sys.stdout.write(
            f"{build(ROOT, chosen.output, PACKAGES[chosen.function], chosen.architecture, install)}\n"
        )
    except OrchestratorError as error:
        sys.stderr.write(f"scripts/package-lambda: {error}\n")
        return error.exit_code
    return 0


def build(root: Path, output: Path, package: Package, architecture: str, install: Install) -> Path:
    """Write the zip into the folder `output` and return its path.

    Raises:
        FailedError: the libraries cannot be had, or the zip is larger than it may become.
    """
    with tempfile.TemporaryDirectory() as folder:
        libraries = Path(folder)
        install(libraries, architecture, package.lock)
        ours = [
            (path.relative_to(root).as_posix(), path)
            for room in package.rooms
            for path in archive.packed_files(root, room)
        ]
        content = archive.zipped(sorted([*ours, *wheels.imported_files(libraries)]))
    if len(content) > MOST_BYTES:
        raise FailedError(
            f"{package.lock}: expected a zip of at most {MOST_BYTES} bytes, got {len(content)}; leave a library out"
        )
    version = archive.version_of(root)
    name = f"{package.name}-{version}-{archive.short_hash(content)}-{architecture}.zip"
    return archive.written(output, name, content)


def install(folder: Path, architecture: str, lock: str) -> None:
    """Install the wheels of a lock for Lambda's machine by pip, hashes checked.

    Raises:
        FailedError: pip does not succeed.
    """
    wheels.install(folder, [PLATFORMS[architecture]], lock)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
