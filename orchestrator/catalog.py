"""What is known of instance types and applications, by the tables in `cluster_configs/catalog`: as of their dates."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

_FOLDER: Final = Path(__file__).resolve().parents[1] / "cluster_configs" / "catalog"


@dataclass(frozen=True)
class InstanceType:
    """An EC2 instance type."""

    name: str
    architectures: frozenset[str]
    vcpus: int
    memory_mib: int


@cache
def instance_types() -> Mapping[str, InstanceType]:
    """Return the instance types that are known, by name."""
    return {
        name: InstanceType(
            name, frozenset(told["arch"].split("|")), int(told["vcpu"]), int(told["memory_gib"] * 1024)
        )
        for name, told in _table("instance_types.json")["types"].items()
    }


@cache
def instance_types_date() -> str:
    """Return the day as of which instance types are known."""
    return str(_table("instance_types.json")["as_of"])


@cache
def applications(label: str) -> frozenset[str]:
    """Return the names of a release's applications; none where the release is not in the table."""
    return frozenset(_table("applications.json")["releases"].get(label, {}))


def _table(file: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((_FOLDER / file).read_text(encoding="utf-8"))
    return told
