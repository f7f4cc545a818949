"""Pack `jobs/` into the zip that travels with every job.

The same sources give the same bytes on every machine, so an artifact can be named by its hash.
"""

import argparse
import os
import re
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = "jobs"
# The earliest time a zip can hold: the real times differ from one checkout to the next.
TIMESTAMP = (1980, 1, 1, 0, 0, 0)
FILE_MODE = 0o100644
UNIX = 3


def version_of(root: Path) -> str:
    """Read the version from the package's source, without importing it.

    Raises:
        ValueError: The package states no version.
    """
    init = root / PACKAGE / "__init__.py"
    found = re.search(r'^__version__ = "([^"]+)"$', init.read_text(encoding="utf-8"), re.MULTILINE)
    if found is None:
        raise ValueError(f'{init}: expected a line __version__ = "…", found none')
    return found.group(1)


def packed_files(root: Path) -> list[Path]:
    """List what travels, sorted by name: sources and data files, but nothing hidden or compiled."""
    files = (path for path in (root / PACKAGE).rglob("*") if path.is_file())
    travelling = [path for path in files if _travels(path.relative_to(root))]
    return sorted(travelling, key=lambda path: path.relative_to(root).as_posix())


def build(root: Path, output: Path) -> Path:
    """Write the zip into the folder `output` and return its path."""
    target = output / f"emr_job_suite-{version_of(root)}-py.zip"
    output.mkdir(parents=True, exist_ok=True)
    partial = target.with_suffix(f".{os.getpid()}.partial")
    # Stored, not deflated: the bytes would depend on the machine's zlib, and the sources are small.
    with zipfile.ZipFile(partial, "w", zipfile.ZIP_STORED) as archive:
        for path in packed_files(root):
            entry = zipfile.ZipInfo(path.relative_to(root).as_posix(), TIMESTAMP)
            entry.create_system = UNIX
            entry.external_attr = FILE_MODE << 16
            archive.writestr(entry, path.read_bytes())
    partial.replace(target)
    return target


def main(argv: Sequence[str]) -> int:
    """Build the zip and print its path."""
    parser = argparse.ArgumentParser(prog="scripts/package", description=__doc__)
    parser.add_argument("--output", type=Path, default=ROOT / "dist", metavar="DIR", help="default: dist")
    print(build(ROOT, parser.parse_args(argv).output))
    return 0


def _travels(path: Path) -> bool:
    hidden = any(part.startswith(".") for part in path.parts)
    return not hidden and "__pycache__" not in path.parts and path.suffix != ".pyc"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
