"""Wheels of a few bytes, and locks that name them."""

import hashlib
import zipfile
from pathlib import Path


def tiny_wheel(folder: Path, version: str = "1.0", source: str = "ANSWER = 42\n") -> Path:
    """Write a wheel of the library `tiny`, one module, into a folder that is made too."""
    folder.mkdir(parents=True, exist_ok=True)
    info = f"tiny-{version}.dist-info"
    wheel = folder / f"tiny-{version}-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as zipped:
        zipped.writestr("tiny.py", source)
        zipped.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: tiny\nVersion: {version}\n")
        zipped.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        zipped.writestr(f"{info}/entry_points.txt", "[console_scripts]\ntiny = tiny:ANSWER\n")
        zipped.writestr(
            f"{info}/RECORD",
            f"tiny.py,,\n{info}/METADATA,,\n{info}/WHEEL,,\n{info}/entry_points.txt,,\n{info}/RECORD,,\n",
        )
    return wheel


def lock_of(wheel: Path) -> str:
    """Return the lock that names exactly this wheel."""
    name, version = wheel.name.split("-")[:2]
    return f"{name}=={version} \\\n    --hash=sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}\n"
