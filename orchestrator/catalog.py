"""What is known of instance types, applications and prices, by the tables in `cluster_configs/catalog`, with dates."""

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


@dataclass(frozen=True)
class ServerlessPrices:
    """US dollars of EMR Serverless for an hour: of a vCPU, of a gigabyte of memory, and of one of disk beyond 20.

    https://aws.amazon.com/emr/pricing/
    """

    vcpu: float
    memory_gb: float
    storage_gb: float

    def of(self, vcpu_hours: float, memory_gb_hours: float, storage_gb_hours: float) -> float:
        """Return what so much costs."""
        return self.vcpu * vcpu_hours + self.memory_gb * memory_gb_hours + self.storage_gb * storage_gb_hours


@cache
def serverless_prices(region: str, architecture: str) -> ServerlessPrices | None:
    """Return the prices of a Region for X86_64 or ARM64; None where they are not known."""
    table = _table("serverless_prices.json")
    told = table["regions"].get(region)
    if told is None:
        return None
    share = table["arm64"]["share"] if architecture == "ARM64" else 1
    return ServerlessPrices(
        told["vcpu_usd_h"] * share, told["memory_gb_usd_h"] * share, told["storage_gb_usd_h"]
    )


@cache
def serverless_prices_date() -> str:
    """Return the day as of which prices of EMR Serverless are known."""
    return str(_table("serverless_prices.json")["as_of"])


@cache
def applications(label: str) -> frozenset[str]:
    """Return the names of a release's applications; none where the release is not in the table."""
    return frozenset(_table("applications.json")["releases"].get(label, {}))


def _table(file: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((_FOLDER / file).read_text(encoding="utf-8"))
    return told
