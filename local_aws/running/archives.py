"""`spark.archives`: on EMR Serverless they are unpacked in the working folder of the driver, under their names.

https://docs.aws.amazon.com/emr/latest/EMR-Serverless-UserGuide/using-python-libraries.html
"""

import shutil
import subprocess
import tarfile
import tempfile
import zipfile
from pathlib import Path
from typing import Final

from mypy_boto3_s3 import S3Client

from local_aws.running.localizing import localize
from local_aws.running.spark_command import CannotRunError

_TRY_S: Final = 30
_OPTION: Final = "spark.archives"


def unpack(s3: S3Client, archives: str | None, folder: Path) -> None:
    """Bring archives, a list with commas of URIs that may have a name after #, into a folder, unpacked.

    Raises:
        CannotRunError: Where one cannot be had, or unpacked.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for uri in filter(None, (archives or "").split(",")):
        place, _, name = uri.strip().partition("#")
        file = place.rstrip("/").rpartition("/")[2]
        try:
            with tempfile.TemporaryDirectory(dir=folder) as packed:
                localize(s3, place, Path(packed), _OPTION)
                _unpack(Path(packed) / file, folder / (name or file))
        except (OSError, ValueError, shutil.ReadError, tarfile.TarError, zipfile.BadZipFile) as fault:
            raise CannotRunError(f"{_OPTION}: expected an archive at {place}, failed: {fault}") from fault


def _unpack(path: Path, folder: Path) -> None:
    """Unpack an archive, of which nothing may land outside its folder; a Python's links may lead outside."""
    if zipfile.is_zipfile(path):
        shutil.unpack_archive(path, folder, "zip")  # which leaves out what would
    else:
        shutil.unpack_archive(path, folder, filter="tar")


def python_of(wanted: str | None, folder: Path) -> str | None:
    """Return the Python that a job brings in an archive, where it does and this machine can run it."""
    if not wanted or wanted.startswith("/"):
        return None
    path = folder / wanted
    try:
        subprocess.run([path, "-c", "import sys"], check=True, capture_output=True, timeout=_TRY_S)
    except (OSError, subprocess.SubprocessError):
        return None
    return str(path)
