"""This machine beside the release: Java, Python, and the packages that local runs and tests need."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any, Final

from orchestrator.doctor.checks import Check, missing, ok, unknown, warn
from orchestrator.errors import UsageError

_CATALOG: Final = Path(__file__).resolve().parents[2] / "cluster_configs" / "catalog" / "releases.json"
_VERSION: Final = re.compile(r'version "(?P<version>(?:1\.)?(?P<major>\d+)[^"]*)"')
_JAVA_S: Final = 20.0
_SETUP: Final = "scripts/setup installs the locked ones"


def release(label: str | None, catalog: Path = _CATALOG) -> tuple[str, Mapping[str, str]]:
    """Return a release and what it has; by default the catalog's default one.

    Raises:
        UsageError: The catalog does not know it, or there is none.
    """
    try:
        known: Any = json.loads(catalog.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(
            f"{catalog}: expected the catalog of releases, cannot read it ({error.strerror}); run doctor in a checkout"
        ) from error
    name = label or known["default"]
    if name not in known["releases"]:
        raise UsageError(f"--release: expected one of {', '.join(known['releases'])}, got {name!r}")
    return name, known["releases"][name]


def check_machine(
    label: str,
    wanted: Mapping[str, str],
    java: Callable[[], str | None] | None = None,
    package: Callable[[str], str | None] | None = None,
) -> Iterator[Check]:
    """Hold Java, Python and packages against a release."""
    yield _java(label, wanted["java"], (java or java_version)())
    yield _python(label, wanted["python"], ".".join(map(str, sys.version_info[:2])))
    installed = package or package_version
    yield _package(label, "pyspark", wanted["spark"], installed("pyspark"))
    found = installed("boto3")
    yield ok("boto3", found) if found else missing("boto3", "not installed", _SETUP)


def java_version() -> str | None:
    """Ask the machine's Java what it is; None where there is none."""
    program = shutil.which("java")
    if program is None:
        return None
    try:
        told = subprocess.run(
            [program, "-version"], capture_output=True, text=True, timeout=_JAVA_S, check=False
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return told.stderr + told.stdout


def package_version(name: str) -> str | None:
    """Return the version of an installed package; None where it is not installed."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _java(label: str, wanted: str, told: str | None) -> Check:
    if told is None:
        return missing(
            "Java", "none on the PATH", f"install a JDK {wanted}, as {label} has; local runs need it"
        )
    found = _VERSION.search(told)
    if found is None:
        return unknown("Java", f"it does not say its version: {told.strip()[:80]!r}")
    version = found["version"]
    if found["major"] != wanted:
        return warn(
            "Java", version, f"{label} runs on Java {wanted}: install a JDK {wanted} to run what it runs"
        )
    return ok("Java", version)


def _python(label: str, wanted: str, found: str) -> Check:
    if found != wanted:
        return warn("Python", found, f"{label} runs jobs on Python {wanted}: use it here too")
    return ok("Python", found)


def _package(label: str, name: str, wanted: str, found: str | None) -> Check:
    if found is None:
        return missing(name, "not installed", f"{label} has {wanted}: {_SETUP}")
    if found != wanted:
        return warn(name, found, f"{label} has {wanted}: scripts/setup --release {label}")
    return ok(name, found)
