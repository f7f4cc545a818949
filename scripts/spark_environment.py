"""Pack what the fast reader needs as an environment for `spark.archives`, one for each architecture.

It is a virtual environment without an interpreter of its own: `bin/python` leads to the image's Python 3.11, as that of
an environment packed by venv-pack does, which is how AWS documents it:
https://docs.aws.amazon.com/emr/latest/EMR-Serverless-UserGuide/using-python-libraries.html. Nothing here runs on the
machine that packs, so any machine packs for either architecture. The same lock gives the same tar, by whose hash the
archive is named; its compressed bytes are the same wherever zlib is the same.
"""

import gzip
import hashlib
import io
import shutil
import struct
import tarfile
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

from orchestrator.errors import FailedError
from scripts import wheels

LOCK: Final = "requirements/fast.txt"
# Where EMR's images, those of Serverless among them, have it: they are Amazon Linux 2023.
INTERPRETER: Final = Path("/usr/bin/python3.11")
COMPRESSION_LEVEL: Final = 6
ARCHITECTURES: Final = {"x86_64": "x86_64", "arm64": "aarch64"}
# Amazon Linux 2023 has glibc 2.34 (https://docs.aws.amazon.com/linux/al2023/ug/glibc-gcc-and-binutils.html).
_GLIBC_MINOR_VERSIONS: Final = range(34, 16, -1)
# What an ELF file says of the machine that it is for: https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html
_MACHINES: Final = {"x86_64": 62, "arm64": 183}
_MACHINE_AT: Final = 18
_ELF: Final = b"\x7fELF"
_SITE_PACKAGES: Final = f"lib/python{wheels.PYTHON}/site-packages"
# The earliest time that a zip can hold, as in the other packages.
_TIMESTAMP: Final = 315532800
_HASH_DIGITS: Final = 12

Install = Callable[[Path, str], None]
"""Put the libraries of the lock into a folder, for an architecture."""


def install(folder: Path, architecture: str) -> None:
    """Install the wheels of the lock for EMR's image by pip.

    Raises:
        FailedError: pip does not succeed.
    """
    machine = ARCHITECTURES[architecture]
    platforms = [f"manylinux_2_{minor}_{machine}" for minor in _GLIBC_MINOR_VERSIONS]
    wheels.install(folder, [*platforms, f"manylinux2014_{machine}"], LOCK)


def build(output: Path, architecture: str, install: Install, interpreter: Path = INTERPRETER) -> Path:
    """Write the archive into the folder `output` and return its path.

    Raises:
        FailedError: the libraries cannot be had, or are for another architecture.
    """
    output.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory(dir=output) as unfinished:
        libraries = Path(folder)
        install(libraries, architecture)
        files = wheels.imported_files(libraries)
        for name, path in files:
            _check_machine(name, path, architecture)
        tar, compressed = (Path(unfinished) / name for name in ("environment.tar", "environment.tar.gz"))
        _pack(tar, files, interpreter)
        _compress(tar, compressed)
        with tar.open("rb") as file:
            digits = hashlib.file_digest(file, "sha256").hexdigest()[:_HASH_DIGITS]
        target = output / f"emr_job_suite_environment-{digits}-{architecture}.tar.gz"
        compressed.replace(target)
    return target


def _pack(tar: Path, files: list[tuple[str, Path]], interpreter: Path) -> None:
    with tarfile.open(tar, "w", format=tarfile.GNU_FORMAT) as packed:
        for name, target in (("python", str(interpreter)), ("python3", "python")):
            packed.addfile(_link(f"bin/{name}", target))
        _add(packed, "pyvenv.cfg", _configuration(interpreter).encode())
        for name, path in files:
            _add(packed, f"{_SITE_PACKAGES}/{name}", path.read_bytes())


def _compress(tar: Path, compressed: Path) -> None:
    """Compress without the name and the time of now in gzip's header."""
    with (
        tar.open("rb") as source,
        compressed.open("wb") as raw,
        gzip.GzipFile(
            filename="", mode="wb", fileobj=raw, compresslevel=COMPRESSION_LEVEL, mtime=0
        ) as target,
    ):
        shutil.copyfileobj(source, target, 1024 * 1024)


def _configuration(interpreter: Path) -> str:
    """Say what makes a folder a virtual environment: https://docs.python.org/3.11/library/site.html."""
    return f"home = {interpreter.parent}\ninclude-system-site-packages = false\nversion = {wheels.PYTHON}\n"


def _add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = _entry(name)
    entry.size = len(content)
    tar.addfile(entry, io.BytesIO(content))


def _link(name: str, target: str) -> tarfile.TarInfo:
    entry = _entry(name)
    entry.type, entry.linkname, entry.mode = tarfile.SYMTYPE, target, 0o777
    return entry


def _entry(name: str) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.mtime, entry.mode = _TIMESTAMP, 0o644
    return entry


def _check_machine(name: str, path: Path, architecture: str) -> None:
    with path.open("rb") as file:
        head = file.read(_MACHINE_AT + 2)
    if not head.startswith(_ELF):
        return
    (met,) = struct.unpack_from("<H", head, _MACHINE_AT)
    if met != _MACHINES[architecture]:
        raise FailedError(
            f"{LOCK}: expected libraries for {architecture} (ELF machine {_MACHINES[architecture]}), "
            f"got {name} for machine {met}; report it with the version of pip"
        )
