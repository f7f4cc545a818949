"""Pack `jobs/` into the zip that travels with every job.

The same sources give the same bytes on every machine, so the zip is named by its hash.
"""

import hashlib
import io
import os
import re
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from orchestrator.errors import UsageError

_PACKAGE: Final = "jobs"
# The earliest time a zip can hold: the real times differ from one checkout to the next.
_TIMESTAMP: Final = (1980, 1, 1, 0, 0, 0)
_FILE_MODE: Final = 0o100644
_UNIX: Final = 3
_HASH_DIGITS: Final = 12


def version_of(root: Path) -> str:
    """Read the version from the package's source, without importing it.

    Raises:
        UsageError: The folder is no checkout, or the package states no version.
    """
    init = root / _PACKAGE / "__init__.py"
    if not init.is_file():
        raise UsageError(f"{init}: expected the package of the jobs, found none; give the checkout's folder")
    found = re.search(r'^__version__ = "([^"]+)"$', init.read_text(encoding="utf-8"), re.MULTILINE)
    if found is None:
        raise UsageError(f'{init}: expected a line __version__ = "…", found none')
    return found.group(1)


def packed_files(root: Path, package: str = _PACKAGE) -> list[Path]:
    """List what travels of a package, sorted by name: sources and data files, but nothing hidden or compiled."""
    files = (path for path in (root / package).rglob("*") if path.is_file())
    travelling = [path for path in files if _travels(path.relative_to(root))]
    return sorted(travelling, key=lambda path: path.relative_to(root).as_posix())


def packed(root: Path) -> tuple[str, bytes]:
    """Return the zip's name and its bytes."""
    version = version_of(root)
    content = zipped((path.relative_to(root).as_posix(), path) for path in packed_files(root))
    return f"emr_job_suite-{version}-{short_hash(content)}-py.zip", content


def zipped(files: Iterable[tuple[str, Path]]) -> bytes:
    """Zip files under the names given, in the order given; the same files give the same bytes on every machine."""
    body = io.BytesIO()
    # Stored, not deflated: the bytes would depend on the machine's zlib, and the sources are small.
    with zipfile.ZipFile(body, "w", zipfile.ZIP_STORED) as archive:
        for name, path in files:
            entry = zipfile.ZipInfo(name, _TIMESTAMP)
            entry.create_system = _UNIX
            entry.external_attr = _FILE_MODE << 16
            archive.writestr(entry, path.read_bytes())
    return body.getvalue()


def build(root: Path, output: Path) -> Path:
    """Write the zip into the folder `output` and return its path."""
    return written(output, *packed(root))


def written(output: Path, name: str, content: bytes) -> Path:
    """Make a file appear whole in the folder `output`, which is made too, and return its path."""
    output.mkdir(parents=True, exist_ok=True)
    target = output / name
    partial = target.with_suffix(f".{os.getpid()}.partial")
    partial.write_bytes(content)
    partial.replace(target)
    return target


def short_hash(content: bytes) -> str:
    """Return what names a content: the first digits of its SHA-256."""
    return hashlib.sha256(content).hexdigest()[:_HASH_DIGITS]


def _travels(path: Path) -> bool:
    hidden = any(part.startswith(".") for part in path.parts)
    return not hidden and "__pycache__" not in path.parts and path.suffix != ".pyc"
