"""The releases that there are, and their applications, by the tables in `cluster_configs/catalog`.

AWS documents versions as `3.5.8-amzn-0`; EMR's answers have them concise, as `3.5.8`.
"""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

from local_aws.emr.rules.releases import check_label

_CATALOG: Final = Path(__file__).resolve().parents[2] / "cluster_configs" / "catalog"


@cache
def labels() -> Sequence[str]:
    """List the releases, the newest first."""
    return sorted(_releases("releases.json"), key=check_label, reverse=True)


@cache
def applications(label: str | None) -> Mapping[str, str | None]:
    """Return the applications of a release, with their versions as far as those are known; none without a table."""
    told: Mapping[str, str | None] = _releases("applications.json").get(label, {})
    return {name: version and version.partition("-")[0] for name, version in told.items()}


def installed(label: str | None, names: Sequence[str]) -> list[dict[str, str]]:
    """Tell of the applications that a cluster was asked to have, by their own names; Hadoop where it names none.

    Without a table for the release, or a line for the application, a name stays as it was given, and has no version.
    """
    known = applications(label)
    own = {name.lower(): name for name in known}
    found = sorted({own.get(name.lower(), name) for name in names or ["Hadoop"]})
    return [_told(name, known.get(name)) for name in found]


def available(label: str | None) -> list[dict[str, str]]:
    """Tell of the applications that a release has."""
    return [_told(name, version) for name, version in applications(label).items()]


def has_application(label: str, wanted: str) -> bool:
    """Tell whether a release has an application, in the version that is named, as in `spark@3.5.8`, or in any."""
    name, _, version = wanted.lower().partition("@")
    return any(name == own.lower() and version in ("", known) for own, known in applications(label).items())


def _told(name: str, version: str | None) -> dict[str, str]:
    return {"Name": name} if version is None else {"Name": name, "Version": version}


def _releases(file: str) -> dict[Any, Any]:
    told: dict[Any, Any] = json.loads((_CATALOG / file).read_text(encoding="utf-8"))["releases"]
    return told
