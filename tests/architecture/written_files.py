"""Files of every kind: locks, shell scripts, and what no file may name."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.sources import files

_RELEASES = "cluster_configs/catalog/releases.json"
_LOCKS = "requirements"
_NAMES_AN_INDEX = re.compile(
    r"://|--(?:extra-)?index-url|--find-links|--trusted-host|^\s*-[if]\s| @ ", re.MULTILINE
)
_HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}\b")
_PINNED = re.compile(r"^[A-Za-z0-9._-]+(?:\[[a-z,]+\])?==\S+")
# Folders of one machine. /home/hadoop is the home folder on every EMR node, so it is everyone's.
_MACHINE_PATH = re.compile(r"(?<![\w.:/*?}>-])/(?:work|root|Users|home(?!/hadoop\b))/[\w.-]+")
_REGISTRY_HOST = re.compile(
    r"://[^ \"']*(?:py[p]i|pythonhoste[d]|mave[n]|np[m]js|golan[g]|crate[s])\.(?:org|com|io|dev)"
)
_LARGEST_TEXT_BYTES = 2_000_000


def lock_faults(root: Path) -> list[str]:
    """Find locks that name an index, a requirement without hashes, a release or a list without its lock."""
    faults = [fault for lock in sorted((root / _LOCKS).glob("*.txt")) for fault in _lock_faults(root, lock)]
    missing = [wanted for wanted in sorted(_wanted_locks(root)) if not (root / wanted).is_file()]
    faults.extend(f"{wanted}: expected a lock, found none; run scripts/lock" for wanted in missing)
    return faults + _spark_faults(root)


def named_machine_faults(root: Path) -> list[str]:
    """Find absolute paths of one machine, and hosts of package registries, in any text file."""
    return [
        f"{path.relative_to(root)}:{number}: expected nothing of one machine or registry, got '{found.group()}'"
        for path in files(root)
        for number, line in enumerate(_text(path).splitlines(), start=1)
        for found in (_MACHINE_PATH.search(line), _REGISTRY_HOST.search(line))
        if found is not None
    ]


def shell_faults(root: Path) -> list[str]:
    """Find bash scripts that would go on after a failure."""
    return [
        f"{path.relative_to(root)}: expected a line 'set -euo pipefail', found none"
        for path in files(root)
        if (text := _text(path)).startswith("#!") and "bash" in text.splitlines()[0]
        if "set -euo pipefail" not in text.splitlines()
    ]


def _lock_faults(root: Path, lock: Path) -> Iterator[str]:
    text = lock.read_text(encoding="utf-8")
    name = lock.relative_to(root)
    if (found := _NAMES_AN_INDEX.search(text)) is not None:
        yield f"{name}: expected names and hashes only, got '{found.group().strip()}'; run scripts/lock"
    lines = text.replace("\\\n", " ").splitlines()
    for line in (line for line in lines if line.strip() and not line.startswith("#")):
        if not (_PINNED.match(line) and _HASH.search(line)):
            yield f"{name}: expected name==version with hashes, got '{line[:60].strip()}'; run scripts/lock"


def _wanted_locks(root: Path) -> set[str]:
    releases = {f"{_LOCKS}/{label}.txt" for label in _releases(root)}
    # tools.in is part of the lock of every release.
    return releases | {
        f"{_LOCKS}/{path.stem}.txt" for path in (root / _LOCKS).glob("*.in") if path.stem != "tools"
    }


def _spark_faults(root: Path) -> list[str]:
    faults = []
    for label, versions in _releases(root).items():
        lock = root / _LOCKS / f"{label}.txt"
        wanted = f"pyspark=={versions['spark']}"
        if lock.is_file() and wanted not in lock.read_text(encoding="utf-8").split():
            faults.append(f"{_LOCKS}/{label}.txt: expected {wanted}, as {_RELEASES} has it, found none")
    return faults


def _releases(root: Path) -> dict[str, dict[str, str]]:
    catalog = root / _RELEASES
    if not catalog.is_file():
        return {}
    releases: dict[str, dict[str, str]] = json.loads(catalog.read_text(encoding="utf-8"))["releases"]
    return releases


def _text(path: Path) -> str:
    if path.is_symlink() or path.stat().st_size > _LARGEST_TEXT_BYTES:
        return ""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""
