"""Pack what clusters and EMR Serverless are given: the jobs, or the environment of the fast reader."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from orchestrator.errors import OrchestratorError
from orchestrator.packaging import archive
from scripts import spark_environment

ROOT: Final = Path(__file__).resolve().parents[1]
_HERE: Final = "x86_64"


def main(arguments: Sequence[str]) -> int:
    """Build the package, print its path, and return the exit code."""
    parser = argparse.ArgumentParser(prog="scripts/package", description=__doc__)
    parser.add_argument(
        "--environment", action="store_true", help="pack the fast reader's libraries, not the jobs"
    )
    parser.add_argument(
        "--architecture",
        choices=spark_environment.ARCHITECTURES,
        help=f"whose environment it is, arm64 for Graviton [{_HERE}]",
    )
    parser.add_argument("--output", type=Path, default=Path("dist"), help="folder for the package [dist]")
    chosen = parser.parse_args(arguments)
    if chosen.architecture and not chosen.environment:
        parser.error("--architecture: expected it with --environment only: the jobs' zip is the same on all")
    try:
        sys.stdout.write(f"{_build(chosen.environment, chosen.architecture or _HERE, chosen.output)}\n")
    except OrchestratorError as error:
        sys.stderr.write(f"scripts/package: {error}\n")
        return error.exit_code
    return 0


def _build(is_environment: bool, architecture: str, output: Path) -> Path:
    if is_environment:
        return spark_environment.build(output, architecture, spark_environment.install)
    return archive.build(ROOT, output)  # what `orchestrator package` makes


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
